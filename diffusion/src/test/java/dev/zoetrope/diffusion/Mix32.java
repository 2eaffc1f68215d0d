package dev.zoetrope.diffusion;

import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.Parameter;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import java.util.Map;
import java.util.SortedMap;
import org.bytedeco.pytorch.Tensor;

/**
 * The "mix32" numbers of the network goldens: weights and inputs that any language can make again, so that a golden
 * needs no file.
 */
public final class Mix32 {
    /** Offsets of the inputs: latents, context, image. */
    public static final int LATENTS = 1000;

    public static final int CONTEXT = 1001;
    public static final int IMAGE = 1002;

    private Mix32() {}

    /** The uniform number u(n, o) in [0, 1). */
    public static double uniform(int n, int o) {
        int x = (int) (n * 2654435761L + o * 40503L + 12345L);
        x ^= x >>> 16;
        x *= 0x45d9f3b;
        x ^= x >>> 16;
        x *= 0x45d9f3b;
        x ^= x >>> 16;
        return Integer.toUnsignedLong(x) / 4294967296.0;
    }

    /** Gives every parameter its golden values; o is the rank of its name. */
    public static void fill(Layer layer) {
        fill(layer.parameters());
    }

    /** As {@link #fill(Layer)} for a part of a network. */
    public static void fill(SortedMap<String, Parameter> parameters) {
        int o = 0;
        for (Map.Entry<String, Parameter> entry : parameters.entrySet()) {
            long[] shape = entry.getValue().shape();
            long count = Tensors.elements(shape);
            boolean matrix = shape.length >= 2;
            double scale = matrix ? Math.sqrt(3.0 / ((double) count / shape[0])) : 0.1;
            double shift = !matrix && entry.getKey().endsWith(".weight") ? 1 : 0;
            try (Scope scope = Scope.noGrad()) {
                entry.getValue().set(tensor(o, scale, shift, shape));
            }
            o++;
        }
    }

    /** An input: sqrt(3) (2 u - 1), variance 1. */
    public static Tensor input(int o, long... shape) {
        return tensor(o, Math.sqrt(3), 0, shape);
    }

    private static Tensor tensor(int o, double scale, double shift, long... shape) {
        float[] values = new float[Math.toIntExact(Tensors.elements(shape))];
        for (int n = 0; n < values.length; n++) {
            values[n] = (float) (shift + scale * (2 * uniform(n, o) - 1));
        }
        return Tensors.of(values, shape);
    }
}
