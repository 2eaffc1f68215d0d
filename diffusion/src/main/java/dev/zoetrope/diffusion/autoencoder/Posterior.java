package dev.zoetrope.diffusion.autoencoder;

import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The Gaussian an encoder gives for each latent value.
 *
 * @param mean [N,c,h,w]
 * @param logVariance [N,c,h,w], within [-30, 20]
 */
public record Posterior(Tensor mean, Tensor logVariance) {
    static Posterior of(Tensor moments) {
        long channels = moments.size(1) / 2;
        return new Posterior(moments.narrow(1, 0, channels), Ops.clamp(moments.narrow(1, channels, channels), -30, 20));
    }

    /** mean + exp(logVariance / 2) noise. */
    public Tensor sample(Tensor noise) {
        try (Scope scope = Scope.open()) {
            return scope.keep(mean.add(torch.exp(Ops.mul(logVariance, 0.5)).mul(noise)));
        }
    }

    /** KL divergence from the standard normal, the mean over all latent values; a scalar. */
    public Tensor kl() {
        try (Scope scope = Scope.open()) {
            Tensor terms = mean.mul(mean).add(torch.exp(logVariance)).sub(logVariance);
            return scope.keep(Ops.mul(Ops.add(terms, -1).mean(), 0.5));
        }
    }
}
