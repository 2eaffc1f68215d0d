package dev.zoetrope.diffusion.denoiser;

import java.util.List;
import java.util.OptionalInt;
import org.bytedeco.pytorch.Tensor;

/**
 * A network that predicts the noise (or v, or the clean sample) of video latents. All published U-Nets implement it, so
 * a method written against it runs on every one of them.
 *
 * <p>Legend: B batch, C latent channels, F frames, h w latent rows and columns, L tokens, D context width.
 */
public interface VideoDenoiser extends AutoCloseable {
    /**
     * One evaluation; differentiable in the latents and in the parameters.
     *
     * @param latents float32 [B,C,F,h,w]; an image model takes each frame for itself
     * @param timestep float32 [B], 0..999
     * @param conditioning context [B,L,D] and what else the family needs
     * @param request taps, key/value policy, early stop; {@link DenoiserRequest#NONE} for none
     * @return the prediction [B,C,F,h,w] and the taps asked for; they belong to the caller's scope
     */
    DenoiserOutput forward(Tensor latents, Tensor timestep, Conditioning conditioning, DenoiserRequest request);

    /** The prediction alone. */
    default Tensor predict(Tensor latents, Tensor timestep, Conditioning conditioning) {
        return forward(latents, timestep, conditioning, DenoiserRequest.NONE).prediction();
    }

    /** Channels of the input latents. */
    int inChannels();

    /** Channels of the prediction. */
    int outChannels();

    /** Width D of the context. */
    int contextWidth();

    /** The most frames it can take, where its positional code sets a limit. */
    OptionalInt maxFrames();

    /** Names that a request may tap: module paths of the published layout. */
    List<String> tapNames();

    @Override
    void close();
}
