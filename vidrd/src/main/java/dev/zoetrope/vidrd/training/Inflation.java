package dev.zoetrope.vidrd.training;

import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.Parameter;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.Map;

/** Weights of an image network for its inflated twin, in memory. For files see {@code TemporalModel}. */
public final class Inflation {
    private Inflation() {}

    /**
     * Initialises a network and copies all weights of another into it.
     *
     * @throws ZoetropeException CHECKPOINT_MISMATCH if it lacks one of them
     */
    public static void inflate(Layer image, Layer inflated, long seed) {
        inflated.initialise(seed);
        Map<String, Parameter> targets = inflated.parameters();
        image.parameters().forEach((name, parameter) -> {
            Parameter target = targets.get(name);
            if (target == null) {
                throw ZoetropeException.checkpoint("the inflated network has no parameter %s", name);
            }
            try (Scope scope = Scope.noGrad()) {
                target.set(parameter.value().clone());
            }
        });
    }
}
