package dev.zoetrope.diffusion.autoencoder;

import dev.zoetrope.tensor.Init;
import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Parameter;
import dev.zoetrope.tensor.Scope;
import org.bytedeco.pytorch.Tensor;

/** time_conv_out: a convolution over the frames of the decoded pictures (sheet 3.6). */
final class TemporalConvOut extends Layer {
    private final Parameter weight;
    private final Parameter bias;

    TemporalConvOut(long channels) {
        weight = parameter("weight", Init.uniformFanIn(3 * channels), channels, channels, 3, 1, 1);
        bias = parameter("bias", Init.uniformFanIn(3 * channels), channels);
    }

    Tensor forward(Tensor images, long frames) {
        try (Scope scope = Scope.open()) {
            return scope.keep(images(Ops.temporalConv(clip(images, frames), weight.value(), bias.value())));
        }
    }

    /** [(B F),C,H,W] to [B,C,F,H,W]. */
    static Tensor clip(Tensor x, long frames) {
        return x.reshape(x.size(0) / frames, frames, x.size(1), x.size(2), x.size(3))
                .permute(0, 2, 1, 3, 4);
    }

    /** [B,C,F,H,W] to [(B F),C,H,W]. */
    static Tensor images(Tensor x) {
        return x.permute(0, 2, 1, 3, 4).contiguous().view(x.size(0) * x.size(2), x.size(1), x.size(3), x.size(4));
    }
}
