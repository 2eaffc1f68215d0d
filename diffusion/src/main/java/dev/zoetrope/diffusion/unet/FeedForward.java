package dev.zoetrope.diffusion.unet;

import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.Layers.Linear;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import org.bytedeco.pytorch.Tensor;

/** GEGLU feed-forward of hidden width 4C: W2 (value * GELU(gate)), [value, gate] = W1 x (sheet 3.1). */
final class FeedForward extends Layer {
    private final Linear project;
    private final Linear out;
    private final long hidden;

    FeedForward(long width) {
        hidden = 4 * width;
        project = child("net.0.proj", new Linear(width, 2 * hidden));
        out = child("net.2", new Linear(hidden, width));
    }

    Tensor forward(Tensor x) {
        try (Scope scope = Scope.open()) {
            Tensor both = project.forward(x); // [N,L,8C]
            Tensor value = both.narrow(-1, 0, hidden);
            Tensor gate = Ops.gelu(both.narrow(-1, hidden, hidden));
            return scope.keep(out.forward(value.mul(gate)));
        }
    }
}
