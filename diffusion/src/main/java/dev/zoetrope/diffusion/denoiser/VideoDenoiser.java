package dev.zoetrope.diffusion.denoiser;

import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Function;
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

    /**
     * A loss of taps and prediction, and its gradient with respect to the latents, with as little memory as the denoiser
     * can; this default differentiates {@link #forward}. Gradients reach the latents only.
     *
     * @param latents [B,C,F,h,w], need not require gradients
     * @param timestep [B]
     * @param request which taps the loss reads, and where the evaluation may stop
     * @param loss from the output to a scalar, which must not depend on the latents on another way
     * @return the loss and its gradient [B,C,F,h,w], zeros if the loss depends on no latents
     */
    default LatentGradient gradient(
            Tensor latents,
            Tensor timestep,
            Conditioning conditioning,
            DenoiserRequest request,
            Function<DenoiserOutput, Tensor> loss) {
        try (Scope scope = Scope.withGrad()) {
            Tensor leaf = latents.detach().requires_grad_(true);
            Tensor scalar = loss.apply(forward(leaf, timestep, conditioning, request));
            Tensor gradient = scalar.requires_grad()
                    ? Ops.gradients(scalar, List.of(leaf)).get(0)
                    : Ops.mul(leaf.detach(), 0);
            return new LatentGradient(Tensors.item(scalar), scope.keep(gradient));
        }
    }

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
