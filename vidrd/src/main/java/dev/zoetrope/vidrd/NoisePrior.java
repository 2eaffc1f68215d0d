package dev.zoetrope.vidrd;

import dev.zoetrope.diffusion.scheduler.NoiseSource;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * The initial noise of the first clip: independent for every frame, or correlated over frames with variance 1 (Ge et al.,
 * Preserve Your Own Correlation, arXiv:2305.10474; sheet 2.7).
 *
 * @param kind how frames are correlated
 * @param strength a, at least 0; 0 is independent, more makes frames more alike
 */
public record NoisePrior(Kind kind, double strength) {
    /** Kinds of correlation. */
    public enum Kind {
        /** n_f = a / sqrt(1 + a^2) n_(f-1) + xi_f: neighbours are alike. */
        PROGRESSIVE,
        /** n_f = shared + own_f with variances a^2 / (1 + a^2) and 1 / (1 + a^2): all frames are equally alike. */
        MIXED
    }

    /** No correlation. */
    public static final NoisePrior INDEPENDENT = new NoisePrior(Kind.PROGRESSIVE, 0);

    /** @throws ZoetropeException BAD_INPUT unless the strength is a number of at least 0 */
    public NoisePrior {
        if (!(strength >= 0) || Double.isInfinite(strength)) {
            throw ZoetropeException.badInput("noise prior: strength %s, expected a number of at least 0", strength);
        }
    }

    /**
     * Draws the noise. Random numbers are taken frame by frame, as the released code does; the mixed prior takes its
     * shared part first.
     *
     * @param shape [B,C,F,h,w]
     * @param releasedQuirk use the variances as standard deviations, as the released code does
     */
    public Tensor draw(NoiseSource noise, boolean releasedQuirk, long... shape) {
        double norm = 1 + strength * strength;
        double old = strength * strength / norm; // variances
        double fresh = 1 / norm;
        double freshStd = releasedQuirk ? fresh : Math.sqrt(fresh);
        long[] one = shape.clone();
        one[2] = 1;
        try (Scope scope = Scope.noGrad()) {
            List<Tensor> frames = new ArrayList<>();
            if (kind == Kind.MIXED) {
                Tensor shared = Ops.mul(noise.next(one), releasedQuirk ? old : Math.sqrt(old));
                for (long f = 0; f < shape[2]; f++) {
                    frames.add(Ops.axpby(1, shared, freshStd, noise.next(one)));
                }
                return scope.keep(Ops.cat(2, frames));
            }
            Tensor last = noise.next(one);
            frames.add(last);
            for (long f = 1; f < shape[2]; f++) {
                Tensor xi = noise.next(one);
                last = strength == 0 ? xi : Ops.axpby(Math.sqrt(old), last, freshStd, xi);
                frames.add(last);
            }
            return scope.keep(Ops.cat(2, frames));
        }
    }
}
