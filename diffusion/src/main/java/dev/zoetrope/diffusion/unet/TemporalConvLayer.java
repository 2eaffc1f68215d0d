package dev.zoetrope.diffusion.unet;

import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.Layers.GroupNorm;
import dev.zoetrope.tensor.Layers.TemporalConv;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** TemporalConvLayer of UNet3D: x + four times (GroupNorm, SiLU, Conv3d (3,1,1)), norms over the clip (sheet 3.3). */
final class TemporalConvLayer extends Layer implements SpatialStage {
    private final List<GroupNorm> norms = new ArrayList<>();
    private final List<TemporalConv> convs = new ArrayList<>();

    TemporalConvLayer(long channels, int groups) {
        for (int i = 1; i <= 4; i++) {
            // In the published layout a dropout sits before the convolution, except in the first stage.
            String convName = "conv" + i + (i == 1 ? ".2" : ".3");
            norms.add(child("conv" + i + ".0", new GroupNorm(groups, channels, 1e-5)));
            convs.add(child(
                    convName, i == 4 ? TemporalConv.zero(channels, channels) : new TemporalConv(channels, channels)));
        }
    }

    @Override
    public Tensor forward(Tensor x, UNetPass pass) {
        try (Scope scope = Scope.open()) {
            Tensor h = pass.unfold(x); // [B,C,F,H,W]
            for (int i = 0; i < convs.size(); i++) {
                h = convs.get(i).forward(Ops.siluOver(norms.get(i).forward(h)));
            }
            Tensor out = pass.fold(h).add(x);
            pass.tap(this, out);
            return scope.keep(out);
        }
    }
}
