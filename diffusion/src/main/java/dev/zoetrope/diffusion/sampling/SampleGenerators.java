package dev.zoetrope.diffusion.sampling;

import dev.zoetrope.diffusion.scheduler.NoiseSource;
import dev.zoetrope.tensor.SeededGenerator;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.ArrayList;
import java.util.List;

/** One generator for each sample of a batch, seeded seed + index: a sample does not depend on its neighbours. */
public final class SampleGenerators implements AutoCloseable {
    private final List<SeededGenerator> generators;

    private SampleGenerators(List<SeededGenerator> generators) {
        this.generators = List.copyOf(generators);
    }

    /**
     * @param seed of the first sample
     * @param samples B, at least 1
     */
    public static SampleGenerators of(long seed, int samples) {
        if (samples < 1) {
            throw ZoetropeException.badInput("%d samples, expected at least 1", samples);
        }
        List<SeededGenerator> generators = new ArrayList<>();
        for (int i = 0; i < samples; i++) {
            generators.add(new SeededGenerator(seed + i));
        }
        return new SampleGenerators(generators);
    }

    /** Draws for each sample from its own generator. */
    public NoiseSource noise() {
        return NoiseSource.perSample(generators);
    }

    @Override
    public void close() {
        generators.forEach(SeededGenerator::close);
    }
}
