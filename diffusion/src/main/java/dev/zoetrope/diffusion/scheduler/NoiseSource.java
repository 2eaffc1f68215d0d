package dev.zoetrope.diffusion.scheduler;

import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.SeededGenerator;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** Where a stochastic sampler takes its standard normal numbers from. */
@FunctionalInterface
public interface NoiseSource {
    /**
     * Fresh standard normal numbers.
     *
     * @param shape [B,...]
     */
    Tensor next(long... shape);

    /**
     * One generator for each sample of the batch, so that a sample does not depend on its neighbours.
     *
     * @param generators B of them; not closed here
     */
    static NoiseSource perSample(List<SeededGenerator> generators) {
        List<SeededGenerator> own = List.copyOf(generators);
        return shape -> {
            if (shape.length < 1 || shape[0] != own.size()) {
                throw ZoetropeException.badInput(
                        "%d generators for a batch of %d", own.size(), shape.length < 1 ? 0 : shape[0]);
            }
            long[] one = shape.clone();
            one[0] = 1;
            try (Scope scope = Scope.open()) {
                List<Tensor> parts = new ArrayList<>();
                own.forEach(generator -> parts.add(generator.normal(one)));
                return scope.keep(Ops.cat(0, parts));
            }
        };
    }

    /** For samplers that need none: asking it is an error. */
    static NoiseSource none() {
        return shape -> {
            throw ZoetropeException.badInput("this sampler is stochastic: give it a source of noise");
        };
    }
}
