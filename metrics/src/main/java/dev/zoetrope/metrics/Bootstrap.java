package dev.zoetrope.metrics;

import dev.zoetrope.tensor.ZoetropeException;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Percentile intervals by re-sampling items with replacement (Efron 1979): the statistic is computed again for each
 * re-sample, and the interval holds the middle {@value #PERCENT} % of what comes out. Items must be independent; frames of
 * one video are not, so the item is a video.
 *
 * <p>A re-sample holds about 63 % of the items, some of them repeatedly. What grows as the sample shrinks, such as a Fréchet
 * distance, is therefore too high in every re-sample, and its interval too: read its width, not its place.
 *
 * @param replicates re-samples, {@value #MIN_REPLICATES} to {@value #MAX_REPLICATES}; 1000 is usual
 * @param seed of the drawing; equal seeds draw the same items for every statistic of the same sizes
 */
public record Bootstrap(int replicates, long seed) {
    /** Below this the ends of an interval are single re-samples. */
    public static final int MIN_REPLICATES = 100;

    public static final int MAX_REPLICATES = 100_000;
    /** Below this an interval says nothing. */
    public static final int MIN_ITEMS = 10;
    /** Of the re-samples inside an interval. */
    public static final int PERCENT = 95;

    /** @throws ZoetropeException BAD_INPUT for a number of re-samples out of range */
    public Bootstrap {
        if (replicates < MIN_REPLICATES || replicates > MAX_REPLICATES) {
            throw ZoetropeException.badInput(
                    "bootstrap is %d, expected %d to %d re-samples", replicates, MIN_REPLICATES, MAX_REPLICATES);
        }
    }

    /** The ends of an interval. */
    public record Interval(double low, double high) {
        /** Whether a value is inside; the ends are. */
        public boolean holds(double value) {
            return low <= value && value <= high;
        }
    }

    /** What is computed for each re-sample. */
    @FunctionalInterface
    public interface Statistic {
        /**
         * Some values from a re-sample.
         *
         * @param draws for each set the numbers of the items drawn, as many as it has
         */
        double[] of(int[]... draws);
    }

    /**
     * The interval of each value of a statistic. The sets are re-sampled independently of each other.
     *
     * @param sizes of the sets
     * @throws ZoetropeException BAD_INPUT for a set of fewer than {@value #MIN_ITEMS} items
     */
    public List<Interval> intervals(Statistic statistic, int... sizes) {
        for (int size : sizes) {
            check(size);
        }
        SplittableRandom random = new SplittableRandom(seed);
        double[][] values = new double[replicates][];
        for (int i = 0; i < replicates; i++) {
            values[i] = statistic.of(Arrays.stream(sizes)
                    .mapToObj(size -> random.ints(size, 0, size).toArray())
                    .toArray(int[][]::new));
        }
        return IntStream.range(0, values[0].length)
                .mapToObj(column -> middle(
                        Arrays.stream(values).mapToDouble(row -> row[column]).toArray()))
                .toList();
    }

    /** The interval of the mean of some numbers. */
    public Interval ofMean(List<Double> numbers) {
        Statistic mean = draws -> new double[] {
            Arrays.stream(draws[0]).mapToDouble(numbers::get).average().orElseThrow()
        };
        return intervals(mean, numbers.size()).get(0);
    }

    /** @throws ZoetropeException BAD_INPUT for fewer items than an interval needs */
    public static void check(int items) {
        if (items < MIN_ITEMS) {
            throw ZoetropeException.badInput(
                    "an interval by re-sampling needs at least %d videos, got %d; add videos, or set bootstrap to 0",
                    MIN_ITEMS, items);
        }
    }

    private static Interval middle(double... values) {
        Arrays.sort(values);
        double outside = (100 - PERCENT) / 200.0;
        return new Interval(quantile(values, outside), quantile(values, 1 - outside));
    }

    /** By linear interpolation between order statistics. */
    private static double quantile(double[] sorted, double fraction) {
        double at = fraction * (sorted.length - 1);
        int below = (int) at;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
    }
}
