package dev.zoetrope.tensor;

import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A named tensor of a {@link Layer}. It has a shape from the beginning and values only once the layer is loaded or
 * initialised, so that a network of a billion parameters can be described without memory.
 */
public final class Parameter {
    private final long[] shape;
    private final Init init;
    private @Nullable Tensor value;

    Parameter(Init init, long... shape) {
        this.init = init;
        this.shape = shape;
    }

    public long[] shape() {
        return shape.clone();
    }

    public long elements() {
        return Tensors.elements(shape);
    }

    /** The values; float32, of {@link #shape()}. */
    public Tensor value() {
        Tensor tensor = value;
        if (tensor == null) {
            throw new IllegalStateException("a parameter is used before its layer was loaded or initialised");
        }
        return tensor;
    }

    /** Replaces the values; takes over ownership of {@code tensor}. */
    public void set(Tensor tensor) {
        close();
        value = Scope.own(tensor);
    }

    void initialise(SeededGenerator generator) {
        try (Scope scope = Scope.noGrad()) {
            set(init.values(generator, shape));
        }
    }

    void close() {
        if (value != null) {
            value.close();
            value = null;
        }
    }
}
