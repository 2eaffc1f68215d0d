package dev.zoetrope.train;

import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Tensors;
import java.nio.file.Path;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * What a system gives to the shared {@link Trainer}: the networks that learn, and the loss of one batch.
 *
 * <p>A run can be killed at any moment and continues as if it had not been, provided that {@link #loss} depends on
 * nothing but the step context, the weights and {@link #buffers()}: draw the batch, the noise and everything else that
 * is random from {@link StepContext#generator()}.
 */
public interface Objective {
    /**
     * The trained networks by name, loaded or initialised. The name is the file name of the exported weights and the
     * first part of a parameter's name. Networks that only help (a frozen autoencoder) are not listed.
     */
    Map<String, Layer> modules();

    /**
     * Whether a parameter of {@link #modules()} learns; {@code name} is such as {@code unet.conv_in.weight}. Default:
     * all do. The others are kept as they are.
     */
    default boolean trains(String name) {
        return true;
    }

    /** The mean loss of one batch: a scalar with its graph. Called in a scope of its own, with gradients recorded. */
    Tensor loss(StepContext step);

    /**
     * Adds the gradients of one batch to those of the parameters. Default: differentiates {@link #loss}; an objective that
     * can do it with less memory does it here.
     *
     * @param weight of the loss, one over the number of micro-batches
     * @return the loss, not weighted
     */
    default double backward(StepContext step, double weight) {
        Tensor loss = loss(step);
        Ops.mul(loss, weight).backward();
        return Tensors.item(loss);
    }

    /**
     * State beyond the weights, float32, by name, such as running statistics. It is stored with every checkpoint and
     * put back, in place, on resume. Default: none.
     */
    default Map<String, Tensor> buffers() {
        return Map.of();
    }

    /** The optimizer for the trained parameters. Default: {@link AdamW} with the weight decay of the options. */
    default Optimizer optimizer(FlatParameters parameters, TrainingOptions options) {
        return new AdamW(parameters, AdamW.Settings.withWeightDecay(options.weightDecay()));
    }

    /**
     * Writes a sheet of samples for the eye, named after the step, into {@code folder}, which exists. Called without
     * gradients, with the averaged weights in the modules. Default: nothing.
     *
     * @param step completed steps
     */
    default void sample(Path folder, long step) {}
}
