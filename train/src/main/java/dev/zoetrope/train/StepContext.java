package dev.zoetrope.train;

import dev.zoetrope.tensor.SeededGenerator;
import dev.zoetrope.tensor.Tensors;
import java.util.function.ObjDoubleConsumer;
import org.bytedeco.pytorch.Tensor;

/**
 * One evaluation of a loss.
 *
 * @param step index of the step: the number of completed steps, from 0
 * @param microBatch which part of the step's batch this is, from 0; see {@link TrainingOptions#microBatches()}
 * @param batchSize examples to use in this evaluation
 * @param generator all random numbers of this evaluation; seeded from (seed, step, micro-batch), hence the same after a
 *     resume; closed by the trainer
 * @param metrics receives named numbers to log; {@link #log(String, double)} is the short way
 */
public record StepContext(
        long step, int microBatch, int batchSize, SeededGenerator generator, ObjDoubleConsumer<String> metrics) {
    /** Logs a named number, such as {@code "kl"}. A row of the log has its mean since the row before. */
    public void log(String name, double value) {
        metrics.accept(name, value);
    }

    /** Logs a scalar tensor. */
    public void log(String name, Tensor scalar) {
        log(name, Tensors.item(scalar));
    }
}
