package dev.zoetrope.diffusion.unet;

import dev.zoetrope.tensor.Init;
import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.Layers.GroupNorm;
import dev.zoetrope.tensor.Layers.Linear;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Parameter;
import dev.zoetrope.tensor.Scope;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Transformer2DModel: attention over the positions of each frame and to the text (sheet 3.1). The published files hold
 * its projections as 1x1 convolutions or as linear layers; the result is the same.
 */
final class SpatialTransformer extends Layer implements SpatialStage {
    private final GroupNorm norm;
    private final Projection projIn;
    private final Projection projOut;
    private final List<TransformerBlock> blocks = new ArrayList<>();

    /** @param temporal attention over frames inside its blocks, where the family has it */
    SpatialTransformer(long channels, int heads, int depth, UNetConfig config, UNetConfig.Temporal temporal) {
        norm = child("norm", new GroupNorm(config.normGroups(), channels, 1e-6));
        projIn = projection("proj_in", channels, config.linearProjection());
        for (int i = 0; i < depth; i++) {
            blocks.add(child(
                    "transformer_blocks." + i,
                    new TransformerBlock(channels, config.contextWidth(), heads, channels / heads, temporal)));
        }
        projOut = projection("proj_out", channels, config.linearProjection());
    }

    /** Maps tokens [N,L,C] to [N,L,C]. */
    private interface Projection {
        Tensor forward(Tensor tokens);
    }

    private Projection projection(String name, long channels, boolean linear) {
        if (linear) {
            return child(name, new Linear(channels, channels))::forward;
        }
        return child(name, new PointwiseConv(channels))::forward;
    }

    /** A 1x1 convolution, evaluated as the linear map over tokens that it is. */
    private static final class PointwiseConv extends Layer {
        private final Parameter weight;
        private final Parameter bias;

        PointwiseConv(long channels) {
            weight = parameter("weight", Init.uniformFanIn(channels), channels, channels, 1, 1);
            bias = parameter("bias", Init.uniformFanIn(channels), channels);
        }

        Tensor forward(Tensor tokens) {
            return Ops.linear(tokens, weight.value().flatten(1, -1), bias.value());
        }
    }

    @Override
    public Tensor forward(Tensor x, UNetPass pass) {
        try (Scope scope = Scope.open()) {
            Tensor tokens = projIn.forward(tokens(norm.forward(x))); // [(B F),(H W),C]
            for (TransformerBlock block : blocks) {
                tokens = block.forward(tokens, pass.context, null, pass);
            }
            Tensor out = image(projOut.forward(tokens), x).add(x);
            pass.tap(this, out);
            return scope.keep(out);
        }
    }

    /** [N,C,H,W] to [N,(H W),C], row by row. */
    static Tensor tokens(Tensor image) {
        return image.flatten(2, -1).transpose(1, 2);
    }

    /** [N,(H W),C] to [N,C,H,W] of the size of {@code like}. */
    static Tensor image(Tensor tokens, Tensor like) {
        return tokens.transpose(1, 2).contiguous().view(like.size(0), like.size(1), like.size(2), like.size(3));
    }
}
