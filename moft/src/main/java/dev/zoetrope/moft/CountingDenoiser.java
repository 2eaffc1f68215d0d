package dev.zoetrope.moft;

import dev.zoetrope.diffusion.denoiser.Conditioning;
import dev.zoetrope.diffusion.denoiser.DelegatingDenoiser;
import dev.zoetrope.diffusion.denoiser.DenoiserOutput;
import dev.zoetrope.diffusion.denoiser.DenoiserRequest;
import dev.zoetrope.diffusion.denoiser.LatentGradient;
import dev.zoetrope.diffusion.denoiser.VideoDenoiser;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;

/** Counts evaluations of another denoiser in units of one clip: whole ones, and those that stopped at a tap. */
public final class CountingDenoiser extends DelegatingDenoiser {
    private long whole;
    private long stopped;

    /** @param inner not closed here */
    public CountingDenoiser(VideoDenoiser inner) {
        super(inner);
    }

    /** Clips that were evaluated to the end. */
    public long whole() {
        return whole;
    }

    /** Clips that were evaluated as far as a tap. */
    public long stopped() {
        return stopped;
    }

    private void count(Tensor latents, DenoiserRequest request) {
        if (request.stopAfter().isPresent()) {
            stopped += latents.size(0);
        } else {
            whole += latents.size(0);
        }
    }

    @Override
    public DenoiserOutput forward(Tensor latents, Tensor timestep, Conditioning conditioning, DenoiserRequest request) {
        count(latents, request);
        return inner.forward(latents, timestep, conditioning, request);
    }

    /** Counts once, whatever is evaluated again on the way back. */
    @Override
    public LatentGradient gradient(
            Tensor latents,
            Tensor timestep,
            Conditioning conditioning,
            DenoiserRequest request,
            Function<DenoiserOutput, Tensor> loss) {
        count(latents, request);
        return inner.gradient(latents, timestep, conditioning, request, loss);
    }
}
