package dev.zoetrope.train;

import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** Changes {@link FlatParameters} by their gradients. It has no learning rate of its own: each step is told. */
public interface Optimizer extends AutoCloseable {
    /**
     * One update.
     *
     * @param learningRate at least 0
     */
    void step(double learningRate);

    /**
     * What it remembers, by name, each laid out like {@link FlatParameters#values()}. Checkpoints store it and put it
     * back in place.
     */
    Map<String, Tensor> state();

    /** Continues after {@code steps} updates; {@link #state()} has been put back. */
    void resume(long steps);

    @Override
    void close();
}
