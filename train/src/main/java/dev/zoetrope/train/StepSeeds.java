package dev.zoetrope.train;

/**
 * The generator seed of every evaluation of a run. LibTorch's Mersenne twister looks at the low 32 bits of a seed only,
 * so a 64-bit hash would repeat after some 70,000 steps; this is a bijection of the index on 32 bits, another one for
 * every run seed, and does not repeat for four billion evaluations.
 */
final class StepSeeds {
    private final int before;
    private final int after;

    StepSeeds(long seed) {
        long hash = mix(seed + 0x9E3779B97F4A7C15L);
        before = (int) hash;
        after = (int) (hash >>> 32);
    }

    /** A non-negative seed below 2^32. */
    long at(long index) {
        return Integer.toUnsignedLong(mix(mix((int) index + before) ^ after));
    }

    /** The finaliser of SplitMix64. */
    private static long mix(long z) {
        long a = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        long b = (a ^ (a >>> 27)) * 0x94D049BB133111EBL;
        return b ^ (b >>> 31);
    }

    /** The finaliser of MurmurHash3. */
    private static int mix(int z) {
        int a = (z ^ (z >>> 16)) * 0x85EBCA6B;
        int b = (a ^ (a >>> 13)) * 0xC2B2AE35;
        return b ^ (b >>> 16);
    }
}
