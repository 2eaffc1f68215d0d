package dev.zoetrope.diffusion.unet;

import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.Layers.LayerNorm;
import dev.zoetrope.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * x += attn1(LN1 x); x += attn2(LN2 x, context); x += ff(LN3 x) (sheet 3.1). Motion modules add a positional code to the
 * normalised input of both attentions (sheet 3.4).
 */
final class TransformerBlock extends Layer {
    private final LayerNorm norm1;
    private final LayerNorm norm2;
    private final LayerNorm norm3;
    private final Attention attn1;
    private final Attention attn2;
    private final FeedForward ff;

    /** @param contextWidth width of what the second attention looks at: C itself for double self-attention */
    TransformerBlock(long width, long contextWidth, int heads, long headSize) {
        norm1 = child("norm1", new LayerNorm(width, 1e-5));
        attn1 = child("attn1", new Attention(width, width, heads, headSize));
        norm2 = child("norm2", new LayerNorm(width, 1e-5));
        attn2 = child("attn2", new Attention(width, contextWidth, heads, headSize));
        norm3 = child("norm3", new LayerNorm(width, 1e-5));
        ff = child("ff", new FeedForward(width));
    }

    /**
     * @param x [N,L,C]
     * @param context what the second attention looks at, {@code null} for itself
     * @param position positional code [L,C], or {@code null}
     */
    Tensor forward(Tensor x, @Nullable Tensor context, @Nullable Tensor position, UNetPass pass) {
        try (Scope scope = Scope.open()) {
            Tensor h = attn1.forward(withPosition(norm1.forward(x), position), null, pass)
                    .add(x);
            h = attn2.forward(withPosition(norm2.forward(h), position), context, pass)
                    .add(h);
            return scope.keep(ff.forward(norm3.forward(h)).add(h));
        }
    }

    private static Tensor withPosition(Tensor x, @Nullable Tensor position) {
        return position == null ? x : x.add(position);
    }
}
