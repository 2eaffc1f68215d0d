package dev.zoetrope.diffusion.scheduler;

import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;

/**
 * Classifier-free guidance of the raw output of the network, whatever it predicts.
 *
 * <pre>
 *   out = out_uncond + w (out_cond - out_uncond)                         Ho and Salimans, arXiv:2207.12598, equation 6
 *   out = phi g + (1 - phi) out,  g = out std(out_cond)/std(out)         Lin et al., arXiv:2305.08891, equations 15, 16
 * </pre>
 *
 * @param scale w; 1 is the conditional output alone, larger follows the prompt more closely
 * @param rescale phi, 0 to 1; 0 is off, 0.7 is usual for models with zero terminal SNR
 */
public record Guidance(double scale, double rescale) {
    /** @throws ZoetropeException BAD_INPUT if w is negative or phi outside [0, 1] */
    public Guidance {
        if (!(scale >= 0) || Double.isInfinite(scale)) {
            throw ZoetropeException.badInput("guidance scale is %s, expected a number of at least 0", scale);
        }
        if (!(rescale >= 0 && rescale <= 1)) {
            throw ZoetropeException.badInput("guidance rescale is %s, expected 0 to 1", rescale);
        }
    }

    /** Guidance without rescale. */
    public static Guidance of(double scale) {
        return new Guidance(scale, 0);
    }

    /** Whether the unconditional output is needed at all: w above 1. */
    public boolean isActive() {
        return scale > 1;
    }

    /**
     * The guided output.
     *
     * @param unconditional output for the negative prompt, [B,...]
     * @param conditional output for the prompt, same shape
     */
    public Tensor apply(Tensor unconditional, Tensor conditional) {
        try (Scope scope = Scope.open()) {
            Tensor out = Ops.axpby(1, unconditional, scale(), conditional.sub(unconditional));
            if (rescale > 0) {
                Tensor rescaled = out.mul(std(conditional).div(std(out)));
                out = Ops.axpby(rescale, rescaled, 1 - rescale, out);
            }
            return scope.keep(out);
        }
    }

    /** As {@link #apply(Tensor, Tensor)} for one pass over [unconditional ; conditional], [2B,...] to [B,...]. */
    public Tensor apply(Tensor both) {
        long samples = both.size(0);
        if (samples % 2 != 0) {
            throw ZoetropeException.badInput(
                    "guidance needs as many unconditional as conditional outputs, found a batch of %d", samples);
        }
        try (Scope scope = Scope.open()) {
            return scope.keep(apply(Ops.slice(both, 0, 0, samples / 2), Ops.slice(both, 0, samples / 2, samples)));
        }
    }

    /** Standard deviation (n - 1) of each sample over all other axes, [B,1,..]. */
    private static Tensor std(Tensor x) {
        long[] shape = new long[Math.toIntExact(x.dim())];
        Arrays.fill(shape, 1);
        shape[0] = x.size(0);
        return x.flatten(1, -1).std(new long[] {1}, true, true).view(shape);
    }
}
