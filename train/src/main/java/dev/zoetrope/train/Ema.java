package dev.zoetrope.train;

import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.ZoetropeException;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Exponential moving average of the weights: {@code average += (1 - d) * (weights - average)}. At update {@code n}, from
 * 0, {@code d = min(decay, (1 + n) / (10 + n))}, so that a short run does not keep its random start.
 */
public final class Ema implements AutoCloseable {
    private final FlatParameters parameters;
    private final double decay;
    private final Tensor average;
    private long updates;

    /**
     * Starts from the present weights.
     *
     * @param decay in [0, 1); 0 follows the weights exactly
     */
    public Ema(FlatParameters parameters, double decay) {
        if (!(decay >= 0 && decay < 1)) {
            throw ZoetropeException.badInput("the decay of the moving average must be in [0, 1), got %s", decay);
        }
        this.parameters = parameters;
        this.decay = decay;
        this.average = Scope.own(copy(parameters.values()));
    }

    /** Takes in the weights after an optimizer step. */
    public void update() {
        double d = Math.min(decay, (1.0 + updates) / (10.0 + updates));
        updates++;
        try (Scope scope = Scope.noGrad()) {
            average.lerp_(parameters.values(), new Scalar(1 - d));
        }
    }

    /** The averaged weights, laid out like {@link FlatParameters#values()}. */
    public Tensor average() {
        return average;
    }

    /** Continues after {@code completed} updates; {@link #average()} has been put back. */
    void resume(long completed) {
        updates = completed;
    }

    /** Puts the averaged weights into the networks until the returned object is closed. Do not train meanwhile. */
    public Swap swapIn() {
        return new Swap();
    }

    /** The networks have the averaged weights while this is open. Costs one copy of the weights. */
    public final class Swap implements AutoCloseable {
        private final Tensor trained;

        private Swap() {
            trained = Scope.own(copy(parameters.values()));
            put(average);
        }

        private void put(Tensor source) {
            try (Scope scope = Scope.noGrad()) {
                parameters.values().copy_(source);
            }
        }

        /** Restores the trained weights, bit for bit. */
        @Override
        public void close() {
            if (!trained.isNull()) {
                put(trained);
                trained.close();
            }
        }
    }

    private static Tensor copy(Tensor source) {
        try (Scope scope = Scope.noGrad()) {
            return scope.keep(source.detach().clone());
        }
    }

    @Override
    public void close() {
        average.close();
    }
}
