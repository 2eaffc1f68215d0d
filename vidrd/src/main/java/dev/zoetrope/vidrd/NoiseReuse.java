package dev.zoetrope.vidrd;

import dev.zoetrope.diffusion.sampling.LatentSource;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * First latents of a clip (sheet 2.3): noise of the prior for the first one; for the others the reversed noise of the clip
 * before (FNR), with all frames from M on mixed with fresh noise (PNS):
 *
 * <pre>
 *   z_j = rev_j                                                    j &lt; M
 *   z_j = alpha / sqrt(1 + alpha^2) rev_j + e_j / sqrt(1 + alpha^2)   j &gt;= M
 * </pre>
 *
 * <p>The last clip of a loop starts its last M frames from the first clip's first frames in the same way. Fresh noise is
 * drawn for all frames in one call, used or not.
 */
final class NoiseReuse implements LatentSource {
    private final ReuseOptions options;
    private final NoisePrior prior;
    private final Optional<ClipEdge> before;
    private final Optional<ClipEdge> after;

    NoiseReuse(ReuseOptions options, NoisePrior prior, Optional<ClipEdge> before, Optional<ClipEdge> after) {
        this.options = options;
        this.prior = prior;
        this.before = before;
        this.after = after;
    }

    @Override
    public Start start(Request request) {
        double sigma = request.plan().initNoiseSigma();
        try (Scope scope = Scope.noGrad()) {
            Tensor z = before.isEmpty()
                    ? Ops.mul(prior.draw(request.noise(), options.releasedQuirks(), request.shape()), sigma)
                    : reused(before.get().noise(), request, sigma);
            if (after.isPresent()) {
                long count = options.promptFrames();
                Tensor own = z.narrow(2, 0, z.size(2) - count);
                z = Ops.cat(2, own, after.get().noise().narrow(2, 0, count).flip(2));
            }
            return new Start(scope.keep(z), 0);
        }
    }

    private Tensor reused(Tensor reversed, Request request, double sigma) {
        Tensor fresh = request.noise().next(request.shape());
        Tensor mixed = Ops.axpby(options.kept(), reversed, options.fresh() * sigma, fresh);
        long copied = options.firstFreshFrame(reversed.size(2));
        return Ops.cat(2, reversed.narrow(2, 0, copied), mixed.narrow(2, copied, mixed.size(2) - copied));
    }
}
