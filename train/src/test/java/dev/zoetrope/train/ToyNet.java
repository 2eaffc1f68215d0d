package dev.zoetrope.train;

import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.Layers;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;

/** Two linear layers: [B,3] to [B,1]. */
final class ToyNet extends Layer {
    private final Layers.Linear first = child("first", new Layers.Linear(3, 9));
    private final Layers.Linear second = child("second", new Layers.Linear(9, 1));

    static ToyNet initialised(long seed) {
        ToyNet net = new ToyNet();
        net.initialise(seed);
        return net;
    }

    /** The values of one parameter. */
    Tensor value(String name) {
        return Objects.requireNonNull(parameters().get(name), name).value();
    }

    Tensor forward(Tensor x) {
        return second.forward(first.forward(x).tanh());
    }
}
