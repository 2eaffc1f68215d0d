package dev.zoetrope.diffusion.unet;

import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.Layers.GroupNorm;
import dev.zoetrope.tensor.Layers.Linear;
import dev.zoetrope.tensor.Layers.TemporalConv;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** A ResNet block whose convolutions and norms run over the frames of [B,C,F,H,W]; channels stay (sheet 3.6). */
public final class TemporalResnetBlock extends Layer {
    private final GroupNorm norm1;
    private final GroupNorm norm2;
    private final TemporalConv conv1;
    private final TemporalConv conv2;
    private final @Nullable Linear timeProjection;

    /** @param timeWidth width of the time embedding; 0 for a block without one */
    public TemporalResnetBlock(long channels, long timeWidth, int groups, double eps) {
        norm1 = child("norm1", new GroupNorm(groups, channels, eps));
        conv1 = child("conv1", new TemporalConv(channels, channels));
        timeProjection = timeWidth == 0 ? null : child("time_emb_proj", new Linear(timeWidth, channels));
        norm2 = child("norm2", new GroupNorm(groups, channels, eps));
        conv2 = child("conv2", new TemporalConv(channels, channels));
    }

    /**
     * @param clip [B,C,F,H,W]
     * @param timeEmbedding [B,timeWidth], {@code null} exactly when the block has no time input
     */
    public Tensor forward(Tensor clip, @Nullable Tensor timeEmbedding) {
        try (Scope scope = Scope.open()) {
            Tensor h = conv1.forward(Ops.siluOver(norm1.forward(clip)));
            if (timeProjection != null && timeEmbedding != null) {
                Tensor time = timeProjection.forward(torch.silu(timeEmbedding)); // [B,C]
                h = h.add(time.view(time.size(0), time.size(1), 1, 1, 1));
            }
            return scope.keep(conv2.forward(Ops.siluOver(norm2.forward(h))).add(clip));
        }
    }
}
