package dev.zoetrope.tensor;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** The elementary layers, with PyTorch's parameter names and defaults. */
public final class Layers {
    private Layers() {}

    /** {@code x W^T + b} over the last axis. */
    public static final class Linear extends Layer {
        private final Parameter weight;
        private final @Nullable Parameter bias;

        public Linear(long in, long out) {
            this(in, out, true);
        }

        public Linear(long in, long out, boolean withBias) {
            this(Init.uniformFanIn(in), in, out, withBias);
        }

        private Linear(Init init, long in, long out, boolean withBias) {
            weight = parameter("weight", init, out, in);
            bias = withBias ? parameter("bias", init, out) : null;
        }

        /** Starts as zero, so that a residual branch that ends in it starts as the identity. */
        public static Linear zero(long in, long out) {
            return new Linear(Init.zeros(), in, out, true);
        }

        public Tensor forward(Tensor x) {
            return Ops.linear(x, weight.value(), bias == null ? null : bias.value());
        }
    }

    /** 2-D convolution of [N,C,H,W]. */
    public static final class Conv2d extends Layer {
        private final Parameter weight;
        private final Parameter bias;
        private final long stride;
        private final long padding;

        public Conv2d(long in, long out, long kernel, long stride, long padding) {
            this.weight = parameter("weight", Init.uniformFanIn(in * kernel * kernel), out, in, kernel, kernel);
            this.bias = parameter("bias", Init.uniformFanIn(in * kernel * kernel), out);
            this.stride = stride;
            this.padding = padding;
        }

        /** Kernel 3, stride 1, the size stays. */
        public static Conv2d same3(long in, long out) {
            return new Conv2d(in, out, 3, 1, 1);
        }

        public Tensor forward(Tensor x) {
            return Ops.conv2d(x, weight.value(), bias.value(), stride, padding);
        }
    }

    /** Convolution over frames only: kernel (3,1,1) on [B,C,F,H,W], the size stays. */
    public static final class TemporalConv extends Layer {
        private final Parameter weight;
        private final Parameter bias;

        public TemporalConv(long in, long out) {
            this(Init.uniformFanIn(3 * in), in, out);
        }

        private TemporalConv(Init init, long in, long out) {
            weight = parameter("weight", init, out, in, 3, 1, 1);
            bias = parameter("bias", init, out);
        }

        /** Starts as zero, so that a residual branch that ends in it starts as the identity. */
        public static TemporalConv zero(long in, long out) {
            return new TemporalConv(Init.zeros(), in, out);
        }

        public Tensor forward(Tensor x) {
            return Ops.temporalConv(x, weight.value(), bias.value());
        }
    }

    /** GroupNorm of [N,C,...] over the channels of a group and everything after. */
    public static final class GroupNorm extends Layer {
        private final Parameter weight;
        private final Parameter bias;
        private final long groups;
        private final double eps;

        public GroupNorm(long groups, long channels, double eps) {
            if (channels % groups != 0) {
                throw ZoetropeException.badInput("%d channels cannot be split into %d norm groups", channels, groups);
            }
            this.weight = parameter("weight", Init.ones(), channels);
            this.bias = parameter("bias", Init.zeros(), channels);
            this.groups = groups;
            this.eps = eps;
        }

        public Tensor forward(Tensor x) {
            return Ops.groupNorm(x, groups, weight.value(), bias.value(), eps);
        }
    }

    /** LayerNorm over the last axis. */
    public static final class LayerNorm extends Layer {
        private final Parameter weight;
        private final Parameter bias;
        private final double eps;

        public LayerNorm(long width, double eps) {
            this.weight = parameter("weight", Init.ones(), width);
            this.bias = parameter("bias", Init.zeros(), width);
            this.eps = eps;
        }

        public Tensor forward(Tensor x) {
            return Ops.layerNorm(x, weight.value(), bias.value(), eps);
        }
    }

    /** Rows of a table by int64 index. */
    public static final class Embedding extends Layer {
        private final Parameter weight;

        public Embedding(long count, long width, Init init) {
            weight = parameter("weight", init, count, width);
        }

        public Tensor forward(Tensor ids) {
            return torch.embedding(weight.value(), ids);
        }

        /** The rows {@code 0..count-1}, [count, width]. */
        public Tensor first(long count) {
            return Ops.slice(weight.value(), 0, 0, count);
        }
    }
}
