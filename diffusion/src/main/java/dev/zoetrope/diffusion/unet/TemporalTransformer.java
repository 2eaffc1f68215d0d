package dev.zoetrope.diffusion.unet;

import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.Layers.GroupNorm;
import dev.zoetrope.tensor.Layers.Linear;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Attention over the frames of each position: TransformerTemporalModel of UNet3D (sheet 3.3) and, with a sinusoidal
 * code of frame positions, the motion module of AnimateDiff (sheet 3.4). The norm at its entry runs over the whole
 * clip.
 */
final class TemporalTransformer extends Layer implements SpatialStage {
    private final GroupNorm norm;
    private final Linear projIn;
    private final Linear projOut;
    private final List<TransformerBlock> blocks = new ArrayList<>();
    private final long inner;
    private final int maxFrames;

    /** @param maxFrames length of the positional code; 0 for none */
    TemporalTransformer(long channels, int groups, int heads, long headSize, int depth, int maxFrames) {
        this.inner = heads * headSize;
        this.maxFrames = maxFrames;
        norm = child("norm", new GroupNorm(groups, channels, 1e-6));
        projIn = child("proj_in", new Linear(channels, inner));
        for (int i = 0; i < depth; i++) {
            blocks.add(child("transformer_blocks." + i, new TransformerBlock(inner, inner, heads, headSize)));
        }
        projOut = child("proj_out", new Linear(inner, channels));
    }

    @Override
    public Tensor forward(Tensor x, UNetPass pass) {
        try (Scope scope = Scope.open()) {
            long channels = x.size(1);
            long rows = x.size(2);
            long columns = x.size(3);
            Tensor clip = norm.forward(pass.unfold(x)); // [B,C,F,H,W]
            Tensor tokens = clip.permute(0, 3, 4, 2, 1).reshape(-1, pass.frames, channels); // [(B H W),F,C]
            tokens = projIn.forward(tokens);
            Tensor position = maxFrames == 0 ? null : position(pass.frames);
            for (TransformerBlock block : blocks) {
                tokens = block.forward(tokens, null, position, pass);
            }
            Tensor out = projOut.forward(tokens)
                    .view(pass.batch, rows, columns, pass.frames, channels)
                    .permute(0, 3, 4, 1, 2)
                    .contiguous() // a view with channels last would be legal here, but not for every kernel after it
                    .view(pass.batch * pass.frames, channels, rows, columns)
                    .add(x);
            pass.tap(this, out);
            return scope.keep(out);
        }
    }

    private Tensor position(long frames) {
        if (frames > maxFrames) {
            throw ZoetropeException.badInput(
                    "%d frames exceed the motion module's limit of %d; ask for fewer frames, or join several clips",
                    frames, maxFrames);
        }
        return FramePosition.code(frames, inner);
    }
}
