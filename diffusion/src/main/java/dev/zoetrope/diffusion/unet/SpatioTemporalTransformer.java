package dev.zoetrope.diffusion.unet;

import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.Layers.GroupNorm;
import dev.zoetrope.tensor.Layers.LayerNorm;
import dev.zoetrope.tensor.Layers.Linear;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * TransformerSpatioTemporalModel of Stable Video Diffusion: each spatial block is followed by a temporal one over the
 * frames of a position, which also looks at the context, and both are mixed by a learned factor.
 */
final class SpatioTemporalTransformer extends Layer implements SpatialStage {
    private final long channels;
    private final GroupNorm norm;
    private final Linear projIn;
    private final Linear projOut;
    private final List<TransformerBlock> blocks = new ArrayList<>();
    private final List<TemporalBlock> temporalBlocks = new ArrayList<>();
    private final TimestepEmbedding framePosition;
    private final AlphaBlender mixer;

    SpatioTemporalTransformer(long channels, int heads, int depth, UNetConfig config) {
        this.channels = channels;
        long headSize = channels / heads;
        norm = child("norm", new GroupNorm(32, channels, 1e-6));
        projIn = child("proj_in", new Linear(channels, channels));
        for (int i = 0; i < depth; i++) {
            blocks.add(child(
                    "transformer_blocks." + i, new TransformerBlock(channels, config.contextWidth(), heads, headSize)));
            temporalBlocks.add(child(
                    "temporal_transformer_blocks." + i,
                    new TemporalBlock(channels, config.contextWidth(), heads, headSize)));
        }
        framePosition = child("time_pos_embed", new TimestepEmbedding(channels, 4 * channels, channels));
        mixer = child("time_mixer", new AlphaBlender(0.5, false));
        projOut = child("proj_out", new Linear(channels, channels));
    }

    @Override
    public Tensor forward(Tensor x, UNetPass pass) {
        try (Scope scope = Scope.open()) {
            Tensor tokens = projIn.forward(SpatialTransformer.tokens(norm.forward(x))); // [(B F),(H W),C]
            Tensor position = framePositions(pass); // [(B F),1,C]
            for (int i = 0; i < blocks.size(); i++) {
                tokens = blocks.get(i).forward(tokens, pass.context, null, pass);
                Tensor inTime = temporalBlocks.get(i).forward(tokens.add(position), pass);
                tokens = mixer.forward(tokens, inTime);
            }
            Tensor out = SpatialTransformer.image(projOut.forward(tokens), x).add(x);
            pass.tap(this, out);
            return scope.keep(out);
        }
    }

    private Tensor framePositions(UNetPass pass) {
        float[] index = new float[Math.toIntExact(pass.frames)];
        for (int f = 0; f < index.length; f++) {
            index[f] = f;
        }
        Tensor sinusoid = TimestepEmbedding.sinusoid(Tensors.of(index, pass.frames), channels);
        return framePosition.forward(sinusoid).repeat(pass.batch, 1).unsqueeze(1);
    }

    /** TemporalBasicTransformerBlock: a feed-forward in front, self-attention over frames, attention to the context. */
    private static final class TemporalBlock extends Layer {
        private final LayerNorm normIn;
        private final LayerNorm norm1;
        private final LayerNorm norm2;
        private final LayerNorm norm3;
        private final FeedForward ffIn;
        private final Attention attn1;
        private final Attention attn2;
        private final FeedForward ff;

        TemporalBlock(long width, long contextWidth, int heads, long headSize) {
            normIn = child("norm_in", new LayerNorm(width, 1e-5));
            ffIn = child("ff_in", new FeedForward(width));
            norm1 = child("norm1", new LayerNorm(width, 1e-5));
            attn1 = child("attn1", new Attention(width, width, heads, headSize));
            norm2 = child("norm2", new LayerNorm(width, 1e-5));
            attn2 = child("attn2", new Attention(width, contextWidth, heads, headSize));
            norm3 = child("norm3", new LayerNorm(width, 1e-5));
            ff = child("ff", new FeedForward(width));
        }

        /** [(B F),P,C] to the same; inside, frames are the sequence: [(B P),F,C]. */
        Tensor forward(Tensor x, UNetPass pass) {
            try (Scope scope = Scope.open()) {
                long positions = x.size(1);
                long width = x.size(2);
                Tensor h = x.view(pass.batch, pass.frames, positions, width)
                        .transpose(1, 2)
                        .reshape(pass.batch * positions, pass.frames, width);
                h = ffIn.forward(normIn.forward(h)).add(h);
                h = attn1.forward(norm1.forward(h), null, pass).add(h);
                h = attn2.forward(norm2.forward(h), pass.context, pass).add(h);
                h = ff.forward(norm3.forward(h)).add(h);
                return scope.keep(h.view(pass.batch, positions, pass.frames, width)
                        .transpose(1, 2)
                        .reshape(pass.batch * pass.frames, positions, width));
            }
        }
    }
}
