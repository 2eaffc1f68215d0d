package dev.zoetrope.metrics.network;

import dev.zoetrope.tensor.Init;
import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Parameter;
import dev.zoetrope.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;

/** Batch normalisation as it is after training: (x - mean) / √(var + eps) · weight + bias for each channel, axis 1. */
final class BatchNorm extends Layer {
    private final Parameter weight;
    private final Parameter bias;
    private final Parameter mean;
    private final Parameter variance;
    private final double eps;

    BatchNorm(long channels, double eps) {
        this.weight = parameter("weight", Init.ones(), channels);
        this.bias = parameter("bias", Init.zeros(), channels);
        this.mean = parameter("running_mean", Init.zeros(), channels);
        this.variance = parameter("running_var", Init.ones(), channels);
        this.eps = eps;
    }

    Tensor forward(Tensor x) {
        Tensor scale = weight.value().div(Ops.add(variance.value(), eps).sqrt());
        Tensor shift = bias.value().sub(mean.value().mul(scale));
        long[] shape = new long[Tensors.shape(x).length];
        java.util.Arrays.fill(shape, 1);
        shape[1] = x.size(1);
        return x.mul(scale.view(shape)).add(shift.view(shape));
    }
}
