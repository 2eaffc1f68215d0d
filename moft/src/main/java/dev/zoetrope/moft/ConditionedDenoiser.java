package dev.zoetrope.moft;

import dev.zoetrope.diffusion.denoiser.Conditioning;
import dev.zoetrope.diffusion.denoiser.DelegatingDenoiser;
import dev.zoetrope.diffusion.denoiser.DenoiserOutput;
import dev.zoetrope.diffusion.denoiser.DenoiserRequest;
import dev.zoetrope.diffusion.denoiser.LatentGradient;
import dev.zoetrope.diffusion.denoiser.VideoDenoiser;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;

/**
 * A denoiser whose last input channels are given, such as the image latents of an image-to-video model: seen from outside
 * it takes the noise channels alone, so that only they are optimised (the cut-out rule of sheet 3.1).
 */
public final class ConditionedDenoiser extends DelegatingDenoiser {
    private final Tensor fixed;

    /**
     * @param inner not closed here
     * @param fixed [1,c,F,h,w] behind the noise channels, the same for every clip; belongs to the caller
     */
    public ConditionedDenoiser(VideoDenoiser inner, Tensor fixed) {
        super(inner);
        if (fixed.dim() != 5 || fixed.size(0) != 1 || fixed.size(1) >= inner.inChannels()) {
            throw ZoetropeException.badInput(
                    "condition channels must be [1,c,F,h,w] with c below %d", inner.inChannels());
        }
        this.fixed = fixed;
    }

    @Override
    public DenoiserOutput forward(Tensor latents, Tensor timestep, Conditioning conditioning, DenoiserRequest request) {
        try (Scope scope = Scope.open()) {
            DenoiserOutput output = inner.forward(joined(latents), timestep, conditioning, request);
            output.taps().values().forEach(scope::keep);
            if (request.stopAfter().isEmpty()) {
                scope.keep(output.prediction());
            }
            return output;
        }
    }

    /** Of the noise channels. */
    @Override
    public LatentGradient gradient(
            Tensor latents,
            Tensor timestep,
            Conditioning conditioning,
            DenoiserRequest request,
            Function<DenoiserOutput, Tensor> loss) {
        try (Scope scope = Scope.open()) {
            LatentGradient all = inner.gradient(joined(latents), timestep, conditioning, request, loss);
            Tensor ofNoise = Ops.slice(all.gradient(), 1, 0, inChannels()).contiguous();
            return new LatentGradient(all.loss(), scope.keep(ofNoise));
        }
    }

    private Tensor joined(Tensor latents) {
        return Ops.cat(1, latents, fixed.expand(latents.size(0), -1, -1, -1, -1));
    }

    @Override
    public int inChannels() {
        return inner.inChannels() - Math.toIntExact(fixed.size(1));
    }
}
