package dev.zoetrope.tensor;

import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Random numbers from a 64-bit seed, bit for bit those of PyTorch's CPU generator. One generator belongs to one sample
 * and is never shared by a batch, so that batch 1 and batch N agree.
 *
 * <p>Drawing a tensor in two parts is not the same as drawing it whole: fewer than 16 normal numbers take another path
 * than 16 and more.
 */
public final class SeededGenerator implements AutoCloseable {
    private final Generator generator;
    private final GeneratorOptional optional;

    public SeededGenerator(long seed) {
        LibTorch.load();
        try (Scope scope = Scope.open()) {
            generator = Scope.own(torch.make_generator_cpu(seed));
            optional = Scope.own(new GeneratorOptional(generator));
        }
    }

    /** Standard normal float32 numbers. */
    public Tensor normal(long... shape) {
        return torch.torch_randn(shape, optional, float32());
    }

    /** Uniform float32 numbers in [0, 1). */
    public Tensor uniform(long... shape) {
        return torch.torch_rand(shape, optional, float32());
    }

    /** Uniform int64 numbers in [low, high). */
    public Tensor integers(long low, long high, long... shape) {
        return torch.torch_randint(low, high, shape, optional, new TensorOptions(ScalarType.Long));
    }

    /** A random order of 0..n-1, int64. */
    public Tensor permutation(long n) {
        return torch.torch_randperm(n, optional, new TensorOptions(ScalarType.Long));
    }

    /** The generator's whole state as a uint8 tensor, to be stored in a checkpoint. */
    public Tensor state() {
        return generator.get_state();
    }

    /** Continues from a state that {@link #state()} gave. */
    public void restore(Tensor state) {
        generator.set_state(state);
    }

    private static TensorOptions float32() {
        return new TensorOptions(ScalarType.Float);
    }

    @Override
    public void close() {
        optional.close();
        generator.close();
    }
}
