package dev.zoetrope.data;

import java.util.Collections;
import java.util.List;

/**
 * SplitMix64 (Steele, Lea and Flood 2014), written out so that a seed means the same clips on every Java version.
 * One generator serves one clip and is not shared.
 */
public final class ClipRandom {
    private static final long GAMMA = 0x9E3779B97F4A7C15L;

    private long state;

    /** The generator of the clip {@code index} of a seed. */
    public ClipRandom(long seed, long index) {
        state = mix(mix(seed + GAMMA) ^ (index * GAMMA + GAMMA));
    }

    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    /** Any 64 bits. */
    public long nextLong() {
        state += GAMMA;
        return mix(state);
    }

    /** Uniform in [0, 1). */
    public double nextDouble() {
        return (nextLong() >>> 11) * 0x1.0p-53;
    }

    /** Uniform in [low, high). */
    public double between(double low, double high) {
        return low + (high - low) * nextDouble();
    }

    /** Uniform in 0 .. bound - 1. */
    public int below(int bound) {
        return (int) (nextDouble() * bound);
    }

    /** One of the values. */
    public <T> T pick(List<T> values) {
        return values.get(below(values.size()));
    }

    /** True with this probability. */
    public boolean chance(double probability) {
        return nextDouble() < probability;
    }

    /** Shuffles a list in place (Fisher and Yates). */
    public void shuffle(List<?> values) {
        for (int i = values.size() - 1; i > 0; i--) {
            Collections.swap(values, i, below(i + 1));
        }
    }
}
