package dev.zoetrope.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.LongArrayRef;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Making tensors and reading them back. These factories replace LibTorch's, some of which silently drop options; a
 * tensor made here is contiguous, on the CPU, and belongs to the innermost open {@link Scope}.
 */
public final class Tensors {
    private Tensors() {}

    /** Uninitialised float32. */
    public static Tensor empty(long... shape) {
        return empty(ScalarType.Float, shape);
    }

    static Tensor empty(ScalarType type, long... shape) {
        LibTorch.load();
        try (Scope scope = Scope.open()) {
            return scope.keep(
                    torch.torch_empty(shape, new TensorOptions(type), new org.bytedeco.pytorch.MemoryFormatOptional()));
        }
    }

    /** Float32 zeros. */
    public static Tensor zeros(long... shape) {
        return full(0, shape);
    }

    /** Float32, every element {@code value}. */
    public static Tensor full(double value, long... shape) {
        LibTorch.load();
        try (Scope scope = Scope.open()) {
            return scope.keep(torch.torch_full(shape, new Scalar(value), new TensorOptions(ScalarType.Float)));
        }
    }

    /** Float32 from row-major values. */
    public static Tensor of(float[] values, long... shape) {
        checkCount(values.length, shape);
        Tensor tensor = empty(shape);
        if (values.length > 0) {
            tensor.data_ptr_float().put(values, 0, values.length);
        }
        return tensor;
    }

    /** Int64 from row-major values. */
    public static Tensor of(long[] values, long... shape) {
        checkCount(values.length, shape);
        Tensor tensor = empty(ScalarType.Long, shape);
        if (values.length > 0) {
            tensor.data_ptr_long().put(values, 0, values.length);
        }
        return tensor;
    }

    /** Float64 from row-major values. */
    public static Tensor of(double[] values, long... shape) {
        checkCount(values.length, shape);
        Tensor tensor = empty(ScalarType.Double, shape);
        if (values.length > 0) {
            tensor.data_ptr_double().put(values, 0, values.length);
        }
        return tensor;
    }

    /** Boolean from row-major values. */
    public static Tensor of(boolean[] values, long... shape) {
        checkCount(values.length, shape);
        float[] floats = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            floats[i] = values[i] ? 1 : 0;
        }
        try (Scope scope = Scope.open()) {
            return scope.keep(of(floats, shape).to(ScalarType.Bool));
        }
    }

    private static void checkCount(int count, long[] shape) {
        if (count != elements(shape)) {
            throw ZoetropeException.badInput(
                    "%d values do not fill a tensor of shape %s", count, Arrays.toString(shape));
        }
    }

    /** All elements, row-major, widened or rounded to float32. */
    public static float[] toFloats(Tensor tensor) {
        try (Scope scope = Scope.noGrad()) {
            Tensor plain = tensor.detach().to(ScalarType.Float).contiguous();
            float[] values = new float[Math.toIntExact(plain.numel())];
            if (values.length > 0) {
                plain.data_ptr_float().get(values, 0, values.length);
            }
            return values;
        }
    }

    /** All elements, row-major, as float64. */
    public static double[] toDoubles(Tensor tensor) {
        try (Scope scope = Scope.noGrad()) {
            Tensor plain = tensor.detach().to(ScalarType.Double).contiguous();
            double[] values = new double[Math.toIntExact(plain.numel())];
            if (values.length > 0) {
                plain.data_ptr_double().get(values, 0, values.length);
            }
            return values;
        }
    }

    /** All elements of an integer tensor, row-major. */
    public static long[] toLongs(Tensor tensor) {
        try (Scope scope = Scope.noGrad()) {
            Tensor plain = tensor.to(ScalarType.Long).contiguous();
            long[] values = new long[Math.toIntExact(plain.numel())];
            if (values.length > 0) {
                plain.data_ptr_long().get(values, 0, values.length);
            }
            return values;
        }
    }

    /** The one element of a tensor of any floating type. */
    public static double item(Tensor tensor) {
        try (Scope scope = Scope.noGrad()) {
            return tensor.detach().to(ScalarType.Double).item_double();
        }
    }

    /** A copy of the sizes; the native view of them must not be held. */
    public static long[] shape(Tensor tensor) {
        try (LongArrayRef sizes = tensor.sizes()) {
            long[] shape = new long[Math.toIntExact(tensor.dim())];
            for (int i = 0; i < shape.length; i++) {
                shape[i] = sizes.get(i);
            }
            return shape;
        }
    }

    /** The product of the sizes. */
    public static long elements(long... shape) {
        long product = 1;
        for (long size : shape) {
            product = Math.multiplyExact(product, size);
        }
        return product;
    }

    /**
     * Reads a tensor of a weight file. Floating types are widened to float32; integers and booleans become int64.
     *
     * @return a new tensor that does not depend on the file
     */
    public static Tensor read(WeightSource source, String name) {
        try (Scope scope = Scope.noGrad()) {
            Tensor raw = raw(source, name);
            ScalarType wanted = torch.isFloatingType(raw.scalar_type()) ? ScalarType.Float : ScalarType.Long;
            return scope.keep(raw.to(wanted));
        }
    }

    /** All elements of a tensor of a weight file of any type, row-major, as float64. */
    public static double[] readDoubles(WeightSource source, String name) {
        try (Scope scope = Scope.noGrad()) {
            return toDoubles(raw(source, name));
        }
    }

    /** A copy in the type that the file has. */
    private static Tensor raw(WeightSource source, String name) {
        WeightEntry entry = source.entry(name);
        long[] shape = entry.shape().stream().mapToLong(Long::longValue).toArray();
        Tensor raw = empty(scalarType(entry.dtype()), shape);
        if (raw.nbytes() > 0) {
            source.read(name, 0, nativeBytes(raw));
        }
        return raw;
    }

    private static ByteBuffer nativeBytes(Tensor tensor) {
        // data_ptr() has no capacity of its own; the tensor outlives the buffer inside the caller's scope.
        BytePointer pointer = new BytePointer(tensor.data_ptr());
        return pointer.capacity(tensor.nbytes()).asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }

    static ScalarType scalarType(Dtype dtype) {
        return switch (dtype) {
            case F32 -> ScalarType.Float;
            case F16 -> ScalarType.Half;
            case BF16 -> ScalarType.BFloat16;
            case F64 -> ScalarType.Double;
            case I64 -> ScalarType.Long;
            case I32 -> ScalarType.Int;
            case I16 -> ScalarType.Short;
            case I8 -> ScalarType.Char;
            case U8 -> ScalarType.Byte;
            case BOOL -> ScalarType.Bool;
        };
    }

    /** The raw bytes of a tensor after conversion to {@code dtype}, little endian, row-major. */
    public static byte[] bytes(Tensor tensor, Dtype dtype) {
        try (Scope scope = Scope.noGrad()) {
            Tensor plain = tensor.detach().to(scalarType(dtype)).contiguous();
            byte[] bytes = new byte[Math.toIntExact(plain.nbytes())];
            if (bytes.length > 0) {
                nativeBytes(plain).get(bytes);
            }
            return bytes;
        }
    }

    /** A list of tensors as LibTorch wants it; valid inside the current scope. */
    public static TensorVector vector(List<Tensor> tensors) {
        return new TensorVector(tensors.toArray(new Tensor[0]));
    }

    /** Shape, type, and the range of the values: {@code [2, 4, 8] Float min -1.2 mean 0.01 max 3.4}. */
    public static String describe(Tensor tensor) {
        String head = Arrays.toString(shape(tensor)) + " " + tensor.scalar_type();
        if (tensor.numel() == 0) {
            return head + " empty";
        }
        try (Scope scope = Scope.noGrad()) {
            Tensor values = tensor.detach().to(ScalarType.Double);
            return String.format(
                    "%s min %.5g mean %.5g max %.5g",
                    head,
                    values.min().item_double(),
                    values.mean().item_double(),
                    values.max().item_double());
        }
    }
}
