package dev.zoetrope.diffusion.unet;

import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.Layers.Conv2d;
import dev.zoetrope.tensor.Layers.GroupNorm;
import dev.zoetrope.tensor.Layers.Linear;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * ResnetBlock2D with the time embedding added between its convolutions, norms per frame or (VidRD) per clip (sheet 3.1):
 * h = conv1(SiLU(norm1 x)) + W SiLU(temb); out = shortcut(x) + conv2(SiLU(norm2 h)).
 */
final class ResnetBlock extends Layer implements SpatialStage {
    private final GroupNorm norm1;
    private final GroupNorm norm2;
    private final Conv2d conv1;
    private final Conv2d conv2;
    private final Linear timeProjection;
    private final @Nullable Conv2d shortcut;
    private final boolean normsOverClip;

    ResnetBlock(long in, long out, long timeWidth, int groups, double eps) {
        this(in, out, timeWidth, groups, eps, false);
    }

    /** @param normsOverClip whether the norms' statistics are those of all frames of a clip */
    ResnetBlock(long in, long out, long timeWidth, int groups, double eps, boolean normsOverClip) {
        this.normsOverClip = normsOverClip;
        norm1 = child("norm1", new GroupNorm(groups, in, eps));
        conv1 = child("conv1", Conv2d.same3(in, out));
        timeProjection = child("time_emb_proj", new Linear(timeWidth, out));
        norm2 = child("norm2", new GroupNorm(groups, out, eps));
        conv2 = child("conv2", Conv2d.same3(out, out));
        shortcut = in == out ? null : child("conv_shortcut", new Conv2d(in, out, 1, 1, 0));
    }

    @Override
    public Tensor forward(Tensor x, UNetPass pass) {
        try (Scope scope = Scope.open()) {
            Tensor time = pass.perFrame(timeProjection.forward(torch.silu(pass.timeEmbedding)));
            Tensor h = conv1.forward(Ops.siluOver(normalised(norm1, x, pass))).add(time);
            h = conv2.forward(Ops.siluOver(normalised(norm2, h, pass)));
            Tensor out = h.add(shortcut == null ? x : shortcut.forward(x));
            pass.tap(this, out);
            return scope.keep(out);
        }
    }

    private Tensor normalised(GroupNorm norm, Tensor x, UNetPass pass) {
        return normsOverClip ? pass.fold(norm.forward(pass.unfold(x))) : norm.forward(x);
    }
}
