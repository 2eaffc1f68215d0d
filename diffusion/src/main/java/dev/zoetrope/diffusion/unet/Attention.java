package dev.zoetrope.diffusion.unet;

import dev.zoetrope.diffusion.denoiser.KeyValuePolicy.KeyValue;
import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.Layers.Linear;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Multi-head attention: Wo (softmax(q k^T / sqrt(d)) v), q = Wq x, k = Wk ctx, v = Wv ctx (sheet 3.1). */
final class Attention extends Layer {
    private final int heads;
    private final Linear toQ;
    private final Linear toK;
    private final Linear toV;
    private final Linear toOut;

    Attention(long width, long contextWidth, int heads, long headSize) {
        this(width, contextWidth, heads, heads * headSize, new Linear(heads * headSize, width));
    }

    /** Self-attention whose result starts as zero. */
    static Attention zero(long width, int heads) {
        return new Attention(width, width, heads, width, Linear.zero(width, width));
    }

    private Attention(long width, long contextWidth, int heads, long inner, Linear out) {
        this.heads = heads;
        this.toQ = child("to_q", new Linear(width, inner, false));
        this.toK = child("to_k", new Linear(contextWidth, inner, false));
        this.toV = child("to_v", new Linear(contextWidth, inner, false));
        this.toOut = child("to_out.0", out);
    }

    /**
     * @param x [N,L,C]
     * @param context [M,T,D] with N a multiple of M: each context serves N/M consecutive sequences; {@code null} for
     *     self-attention
     */
    Tensor forward(Tensor x, @Nullable Tensor context, UNetPass pass) {
        try (Scope scope = Scope.open()) {
            Tensor source = context == null ? x : context;
            KeyValue kv = pass.keyValue(path(), toK.forward(source), toV.forward(source));
            // Sequences that share a context are attended as one long sequence, so the context is never repeated.
            long n = x.size(0);
            long contexts = kv.key().size(0);
            long width = x.size(2);
            Tensor q = toQ.forward(x).view(contexts, n / contexts * x.size(1), -1); // [M,(N/M L),C]
            Tensor out = merge(Ops.attention(split(q), split(kv.key()), split(kv.value()), null, false));
            Tensor result = toOut.forward(out).view(n, x.size(1), width);
            pass.tap(this, result);
            return scope.keep(result);
        }
    }

    /** [M,L,C] to [M,heads,L,d]. */
    private Tensor split(Tensor x) {
        return x.view(x.size(0), x.size(1), heads, -1).transpose(1, 2);
    }

    private static Tensor merge(Tensor x) {
        return x.transpose(1, 2).flatten(2, -1);
    }
}
