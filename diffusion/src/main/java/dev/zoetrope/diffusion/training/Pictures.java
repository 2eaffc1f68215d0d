package dev.zoetrope.diffusion.training;

import dev.zoetrope.diffusion.autoencoder.AutoencoderKL;
import dev.zoetrope.media.Clip;
import dev.zoetrope.media.Frame;
import dev.zoetrope.tensor.Scope;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** Decoded pictures for sample sheets. */
final class Pictures {
    private Pictures() {}

    /** Frames of [F,3,H,W] in [-1,1]. */
    static List<Frame> frames(Tensor images) {
        try (Scope scope = Scope.noGrad();
                Clip clip = Clip.of(Scope.own(AutoencoderKL.toUnitRange(images)), 8)) {
            return clip.frames();
        }
    }
}
