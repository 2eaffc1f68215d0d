package dev.zoetrope.diffusion.unet;

import dev.zoetrope.diffusion.unet.UNetConfig.Temporal;
import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.Layers.LayerNorm;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * x += attn1(LN1 x); x += attn2(LN2 x, context); x += ff(LN3 x) (sheet 3.1). Motion modules add a positional code to the
 * normalised input of both attentions (sheet 3.4). VidRD attends over frames before the feed-forward: x += PE; x +=
 * temp_attn(LN x), where the code stays in x (sheet vidrd, 3.1).
 */
final class TransformerBlock extends Layer {
    private final LayerNorm norm1;
    private final LayerNorm norm2;
    private final LayerNorm norm3;
    private final Attention attn1;
    private final Attention attn2;
    private final FeedForward ff;
    private final Temporal temporal;
    private final @Nullable LayerNorm tempNorm;
    private final @Nullable Attention tempAttn;

    /** @param contextWidth width of what the second attention looks at: C itself for double self-attention */
    TransformerBlock(long width, long contextWidth, int heads, long headSize) {
        this(width, contextWidth, heads, headSize, Temporal.NONE);
    }

    TransformerBlock(long width, long contextWidth, int heads, long headSize, Temporal temporal) {
        norm1 = child("norm1", new LayerNorm(width, 1e-5));
        attn1 = child("attn1", new Attention(width, width, heads, headSize));
        norm2 = child("norm2", new LayerNorm(width, 1e-5));
        attn2 = child("attn2", new Attention(width, contextWidth, heads, headSize));
        norm3 = child("norm3", new LayerNorm(width, 1e-5));
        ff = child("ff", new FeedForward(width));
        this.temporal = temporal;
        tempNorm = temporal.attention() ? child("temp_norm", new LayerNorm(width, 1e-5)) : null;
        tempAttn = temporal.attention() ? child("temp_attn", Attention.zero(width, heads)) : null;
    }

    /**
     * @param x [N,L,C]
     * @param context what the second attention looks at, {@code null} for itself
     * @param position positional code [L,C], or {@code null}
     */
    Tensor forward(Tensor x, @Nullable Tensor context, @Nullable Tensor position, UNetPass pass) {
        try (Scope scope = Scope.open()) {
            Tensor own = withPosition(norm1.forward(x), position);
            Tensor seen = temporal.sparseCausal() ? firstAndPrevious(own, pass) : null;
            Tensor h = attn1.forward(own, seen, pass).add(x);
            h = attn2.forward(withPosition(norm2.forward(h), position), context, pass)
                    .add(h);
            if (tempNorm != null && tempAttn != null) {
                h = overFrames(h, tempNorm, tempAttn, pass);
            }
            Tensor fed = ff.forward(norm3.forward(h));
            pass.tap(ff, fed);
            return scope.keep(fed.add(h));
        }
    }

    private static Tensor withPosition(Tensor x, @Nullable Tensor position) {
        return position == null ? x : x.add(position);
    }

    /** Tokens [(B F),L,C] to those of the first frame and of the one before: [(B F),2L,C]. */
    private static Tensor firstAndPrevious(Tensor x, UNetPass pass) {
        Tensor clip = x.view(pass.batch, pass.frames, x.size(1), x.size(2));
        Tensor first = clip.narrow(1, 0, 1).expand(pass.batch, pass.frames, x.size(1), x.size(2));
        Tensor before = Ops.cat(1, clip.narrow(1, 0, 1), clip.narrow(1, 0, pass.frames - 1));
        return Ops.cat(2, first, before).flatten(0, 1);
    }

    /** Attention over the frames of each position of [(B F),L,C]; a single frame only gets its code. */
    private Tensor overFrames(Tensor x, LayerNorm norm, Attention attention, UNetPass pass) {
        Tensor clip = x.view(pass.batch, pass.frames, x.size(1), x.size(2)); // [B,F,L,C]
        if (temporal.positionCode()) {
            clip = clip.add(FramePosition.code(pass.frames, x.size(2)).unsqueeze(1));
        }
        if (pass.frames == 1) {
            return clip.flatten(0, 1);
        }
        Tensor tokens = clip.transpose(1, 2).flatten(0, 1); // [(B L),F,C]
        tokens = attention.forward(norm.forward(tokens), null, pass).add(tokens);
        return tokens.view(pass.batch, x.size(1), pass.frames, x.size(2))
                .transpose(1, 2)
                .flatten(0, 1); // [(B F),L,C]
    }
}
