package dev.zoetrope.diffusion.unet;

import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.Layers.GroupNorm;
import dev.zoetrope.tensor.Layers.TemporalConv;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * The branch of a residual over frames: n times (GroupNorm over the clip, SiLU, Conv3d (3,1,1)). The last convolution
 * starts as zero, so that the residual starts as the identity.
 */
public class TemporalConvStack extends Layer {
    private static final double EPS = 1e-5;

    /** How published checkpoints name the norm and the convolution of layer i. */
    public enum Names {
        /** ModelScope: {@code conv1.0}, {@code conv1.2}; {@code conv2.0}, {@code conv2.3}, ... */
        NUMBERED {
            @Override
            String norm(int i) {
                return "conv" + (i + 1) + ".0";
            }

            @Override
            String conv(int i) {
                // A dropout sits before the convolution, except in the first layer.
                return "conv" + (i + 1) + (i == 0 ? ".2" : ".3");
            }
        },
        /** VidRD: {@code convs.0}, {@code convs.3}; {@code convs.4}, {@code convs.7}, ... */
        FLAT {
            @Override
            String norm(int i) {
                return "convs." + 4 * i;
            }

            @Override
            String conv(int i) {
                return "convs." + (4 * i + 3);
            }
        };

        abstract String norm(int i);

        abstract String conv(int i);
    }

    private final List<GroupNorm> norms = new ArrayList<>();
    private final List<TemporalConv> convs = new ArrayList<>();

    @SuppressWarnings("this-escape") // Layer.child keeps the parts, and calls nothing of a subclass.
    protected TemporalConvStack(long channels, int groups, int layers, Names names) {
        for (int i = 0; i < layers; i++) {
            norms.add(child(names.norm(i), new GroupNorm(groups, channels, EPS)));
            convs.add(child(
                    names.conv(i),
                    i == layers - 1 ? TemporalConv.zero(channels, channels) : new TemporalConv(channels, channels)));
        }
    }

    /** What is added to a clip [B,C,F,H,W]; same shape. */
    protected final Tensor branch(Tensor clip) {
        try (Scope scope = Scope.open()) {
            Tensor h = clip;
            for (int i = 0; i < convs.size(); i++) {
                h = convs.get(i).forward(Ops.siluOver(norms.get(i).forward(h)));
            }
            return scope.keep(h);
        }
    }
}
