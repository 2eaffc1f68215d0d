package dev.zoetrope.tensor;

import org.bytedeco.pytorch.Tensor;

/** How a parameter starts when it is not loaded from a file: the defaults of PyTorch's layers. */
@FunctionalInterface
public interface Init {
    /** Fresh values of {@code shape}, drawn from {@code generator} where random. */
    Tensor values(SeededGenerator generator, long... shape);

    static Init constant(double value) {
        return (generator, shape) -> Tensors.full(value, shape);
    }

    static Init zeros() {
        return constant(0);
    }

    static Init ones() {
        return constant(1);
    }

    static Init normal(double std) {
        return (generator, shape) -> Ops.mul(generator.normal(shape), std);
    }

    /** Uniform in +-1/sqrt(fanIn), which is what PyTorch's linear and convolution layers use. */
    static Init uniformFanIn(long fanIn) {
        double bound = 1 / Math.sqrt(fanIn);
        return (generator, shape) -> Ops.add(Ops.mul(generator.uniform(shape), 2 * bound), -bound);
    }
}
