package dev.zoetrope.diffusion.text;

import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.Layers.LayerNorm;
import dev.zoetrope.tensor.Layers.Linear;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * The pre-norm transformer of both CLIP towers.
 *
 * <pre>
 *   B batch, L tokens, D width, h heads, d = D/h head size
 *   x [B,L,D]:  x += attention(LN1 x);  x += fc2(act(fc1(LN2 x)))
 * </pre>
 *
 * <p>Radford et al., "Learning Transferable Visual Models From Natural Language Supervision", arXiv:2103.00020, section
 * 2.4. The text tower is causal, the image tower is not.
 */
final class ClipEncoder extends Layer {
    private final List<Block> layers = new ArrayList<>();
    private final boolean causal;

    ClipEncoder(int count, int width, int hidden, int heads, Activation act, double eps, boolean causal) {
        for (int k = 0; k < count; k++) {
            layers.add(child("layers." + k, new Block(width, hidden, heads, act, eps)));
        }
        this.causal = causal;
    }

    /**
     * Runs all layers but the last {@code skip}, at least one.
     *
     * @param x [B,L,D]
     * @return [B,L,D], not normalised
     */
    Tensor forward(Tensor x, int skip) {
        try (Scope scope = Scope.open()) {
            Tensor y = layers.get(0).forward(x, causal);
            for (Block layer : layers.subList(1, layers.size() - skip)) {
                Tensor next = layer.forward(y, causal);
                y.close(); // one activation alive, not one for each layer
                y = next;
            }
            return scope.keep(y);
        }
    }

    /** One transformer layer. */
    private static final class Block extends Layer {
        private final LayerNorm norm1;
        private final Attention attention;
        private final LayerNorm norm2;
        private final Linear fc1;
        private final Linear fc2;
        private final Activation act;

        Block(int width, int hidden, int heads, Activation act, double eps) {
            this.norm1 = child("layer_norm1", new LayerNorm(width, eps));
            this.attention = child("self_attn", new Attention(width, heads));
            this.norm2 = child("layer_norm2", new LayerNorm(width, eps));
            this.fc1 = child("mlp.fc1", new Linear(width, hidden));
            this.fc2 = child("mlp.fc2", new Linear(hidden, width));
            this.act = act;
        }

        Tensor forward(Tensor x, boolean causal) {
            try (Scope scope = Scope.open()) {
                Tensor y = x.add(attention.forward(norm1.forward(x), causal));
                return scope.keep(y.add(mlp(norm2.forward(y))));
            }
        }

        private Tensor mlp(Tensor x) {
            try (Scope scope = Scope.open()) {
                return scope.keep(fc2.forward(act.apply(fc1.forward(x))));
            }
        }
    }

    /** softmax(q k^T / sqrt(d)) v, all four projections with a bias. */
    private static final class Attention extends Layer {
        private final Linear q;
        private final Linear k;
        private final Linear v;
        private final Linear out;
        private final int heads;

        Attention(int width, int heads) {
            this.q = child("q_proj", new Linear(width, width));
            this.k = child("k_proj", new Linear(width, width));
            this.v = child("v_proj", new Linear(width, width));
            this.out = child("out_proj", new Linear(width, width));
            this.heads = heads;
        }

        Tensor forward(Tensor x, boolean causal) {
            try (Scope scope = Scope.open()) {
                long[] shape = Tensors.shape(x);
                Tensor y = Ops.attention(split(q.forward(x)), split(k.forward(x)), split(v.forward(x)), null, causal);
                return scope.keep(out.forward(y.transpose(1, 2).reshape(shape)));
            }
        }

        /** [B,L,D] to [B,h,L,d]. */
        private Tensor split(Tensor x) {
            long[] shape = Tensors.shape(x);
            return x.view(shape[0], shape[1], heads, shape[2] / heads).transpose(1, 2);
        }
    }
}
