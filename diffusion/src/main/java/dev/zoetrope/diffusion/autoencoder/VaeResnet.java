package dev.zoetrope.diffusion.autoencoder;

import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.Layers.Conv2d;
import dev.zoetrope.tensor.Layers.GroupNorm;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** ResnetBlock2D without a time input: shortcut(x) + conv2(SiLU(norm2 conv1(SiLU(norm1 x)))), eps 1e-6. */
final class VaeResnet extends Layer implements VaeStage {
    private final GroupNorm norm1;
    private final GroupNorm norm2;
    private final Conv2d conv1;
    private final Conv2d conv2;
    private final @Nullable Conv2d shortcut;

    VaeResnet(long in, long out, int groups) {
        norm1 = child("norm1", new GroupNorm(groups, in, 1e-6));
        conv1 = child("conv1", Conv2d.same3(in, out));
        norm2 = child("norm2", new GroupNorm(groups, out, 1e-6));
        conv2 = child("conv2", Conv2d.same3(out, out));
        shortcut = in == out ? null : child("conv_shortcut", new Conv2d(in, out, 1, 1, 0));
    }

    @Override
    public Tensor forward(Tensor x, long frames) {
        try (Scope scope = Scope.open()) {
            Tensor h = convolve(norm2, conv2, convolve(norm1, conv1, x));
            return scope.keep(h.add(shortcut == null ? x : shortcut.forward(x)));
        }
    }

    /** conv(SiLU(norm(x))), in a scope of its own: at full size every tensor counts. */
    private static Tensor convolve(GroupNorm norm, Conv2d conv, Tensor x) {
        try (Scope scope = Scope.open()) {
            return scope.keep(conv.forward(Ops.siluOver(norm.forward(x))));
        }
    }
}
