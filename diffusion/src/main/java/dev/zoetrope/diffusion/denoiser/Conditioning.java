package dev.zoetrope.diffusion.denoiser;

import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * What steers a denoiser.
 *
 * @param context text or image embedding [B,L,D]
 * @param addedTimeIds frame rate, motion bucket and noise level [B,3] of the image-to-video family, else empty
 */
public record Conditioning(Tensor context, Optional<Tensor> addedTimeIds) {
    /** A context alone. */
    public static Conditioning of(Tensor context) {
        return new Conditioning(context, Optional.empty());
    }
}
