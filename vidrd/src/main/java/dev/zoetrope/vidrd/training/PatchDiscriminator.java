package dev.zoetrope.vidrd.training;

import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.Layers.Conv2d;
import dev.zoetrope.tensor.Layers.GroupNorm;
import dev.zoetrope.tensor.Scope;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * PatchGAN with three strided layers (Isola et al., arXiv:1611.07004): pictures [N,3,H,W] to a score for each patch,
 * [N,1,H/8-2,W/8-2]. Group norms stand where the paper has batch norms, so that a score does not depend on the batch.
 */
public final class PatchDiscriminator extends Layer {
    private static final int STRIDED = 3;
    private static final double SLOPE = 0.2;

    private final List<Conv2d> convs = new ArrayList<>();
    private final List<GroupNorm> norms = new ArrayList<>();

    /** @param base channels of the first layer, 64 in the paper; a multiple of 8 */
    public PatchDiscriminator(long base) {
        long in = 3;
        for (int i = 0; i <= STRIDED; i++) {
            long out = base << i;
            convs.add(child("conv" + i, new Conv2d(in, out, 4, i < STRIDED ? 2 : 1, 1)));
            if (i > 0) {
                norms.add(child("norm" + i, new GroupNorm(8, out, 1e-5)));
            }
            in = out;
        }
        convs.add(child("score", new Conv2d(in, 1, 4, 1, 1)));
    }

    /** Higher for pictures that look real. */
    public Tensor forward(Tensor images) {
        try (Scope scope = Scope.open()) {
            Tensor h = torch.leaky_relu(convs.get(0).forward(images), new Scalar(SLOPE));
            for (int i = 1; i <= STRIDED; i++) {
                h = torch.leaky_relu(norms.get(i - 1).forward(convs.get(i).forward(h)), new Scalar(SLOPE));
            }
            return scope.keep(convs.get(STRIDED + 1).forward(h));
        }
    }
}
