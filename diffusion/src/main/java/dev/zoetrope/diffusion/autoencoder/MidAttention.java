package dev.zoetrope.diffusion.autoencoder;

import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.Layers.GroupNorm;
import dev.zoetrope.tensor.Layers.Linear;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import org.bytedeco.pytorch.Tensor;

/** Self-attention over positions with one head as wide as the channels, norm in front, residual (sheet 3.5). */
final class MidAttention extends Layer implements VaeStage {
    private final GroupNorm norm;
    private final Linear toQ;
    private final Linear toK;
    private final Linear toV;
    private final Linear toOut;

    MidAttention(long channels, int groups) {
        norm = child("group_norm", new GroupNorm(groups, channels, 1e-6));
        toQ = child("to_q", new Linear(channels, channels));
        toK = child("to_k", new Linear(channels, channels));
        toV = child("to_v", new Linear(channels, channels));
        toOut = child("to_out.0", new Linear(channels, channels));
    }

    @Override
    public Tensor forward(Tensor x, long frames) {
        try (Scope scope = Scope.open()) {
            Tensor tokens = norm.forward(x).flatten(2, -1).transpose(1, 2); // [N,(H W),C]
            Tensor q = toQ.forward(tokens).unsqueeze(1);
            Tensor k = toK.forward(tokens).unsqueeze(1);
            Tensor v = toV.forward(tokens).unsqueeze(1);
            Tensor out = toOut.forward(Ops.attention(q, k, v, null, false).squeeze(1));
            return scope.keep(out.transpose(1, 2)
                    .contiguous()
                    .view(x.size(0), x.size(1), x.size(2), x.size(3))
                    .add(x));
        }
    }
}
