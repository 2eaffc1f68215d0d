package dev.zoetrope.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.zoetrope.metrics.Bootstrap.Interval;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class BootstrapTest {
    private static List<Double> normal(int seed, int count, double deviation) {
        SplittableRandom random = new SplittableRandom(seed);
        return Stream.generate(() -> 5 + deviation * random.nextGaussian())
                .limit(count)
                .toList();
    }

    private static double width(Interval interval) {
        return interval.high() - interval.low();
    }

    /** The mean of n normal numbers lies within 1.96 standard deviations over √n in 95 of 100 cases. */
    @Test
    void theWidthOfAKnownMean() {
        double deviation = 3;
        for (int n : new int[] {100, 400, 1600}) {
            double expected = 2 * 1.96 * deviation / Math.sqrt(n);
            assertThat(width(new Bootstrap(2000, 1).ofMean(normal(n, n, deviation))))
                    .isCloseTo(expected, within(0.12 * expected));
        }
    }

    @Test
    void theIntervalHoldsTheTruthInNineteenOfTwentyCases() {
        int samples = 400;
        long holding = IntStream.range(0, samples)
                .filter(i ->
                        new Bootstrap(400, i).ofMean(normal(1000 + i, 60, 2)).holds(5))
                .count();
        // Binomial with 0.95 has a standard deviation of 0.011 here; sixty numbers make the interval a little narrow.
        assertThat(holding / (double) samples).isBetween(0.91, 0.98);
    }

    @Test
    void theSeedDecides() {
        List<Double> numbers = normal(7, 30, 1);
        Interval first = new Bootstrap(300, 4).ofMean(numbers);
        assertThat(new Bootstrap(300, 4).ofMean(numbers)).isEqualTo(first);
        assertThat(new Bootstrap(300, 5).ofMean(numbers)).isNotEqualTo(first);
    }

    @Test
    void equalNumbersHaveNoWidth() {
        Interval interval = new Bootstrap(100, 0)
                .ofMean(IntStream.range(0, 10).mapToObj(i -> 2.5).toList());
        assertThat(interval).isEqualTo(new Interval(2.5, 2.5));
        assertThat(interval.holds(2.5)).isTrue();
        assertThat(interval.holds(2.6)).isFalse();
    }

    @Test
    void nonsenseIsRefused() {
        assertThatThrownBy(() -> new Bootstrap(99, 0)).hasMessageContaining("bootstrap is 99, expected 100 to 100000");
        assertThatThrownBy(() -> new Bootstrap(100, 0).ofMean(normal(0, 9, 1)))
                .hasMessageContaining("at least 10 videos, got 9");
    }

    /** Videos of one row, each once: the unbiased estimate itself. */
    @Test
    void kernelSumsOfTheWholeAreTheDistance() {
        List<double[]> x = ReferenceNumbersTest.f1();
        List<double[]> y = ReferenceNumbersTest.f2();
        int[] all = IntStream.range(0, 40).toArray();
        double expected = KernelDistance.ofSubset(x, y);
        assertThat(new KernelSums(single(x), single(y)).of(all, all)).isCloseTo(expected, within(1e-12));
        int[] pairs = IntStream.range(0, 20).toArray();
        assertThat(new KernelSums(twos(x), twos(y)).of(pairs, pairs)).isCloseTo(expected, within(1e-12));
    }

    /** Two videos of two rows, the first drawn twice: all kernels written out. */
    @Test
    void kernelSumsLeaveOutTwoDrawsOfOneVideo() {
        List<List<double[]>> x = twos(ReferenceNumbersTest.f1().subList(0, 6));
        List<List<double[]>> y = twos(ReferenceNumbersTest.f2().subList(0, 4));
        int[] draw = {0, 0, 2};
        int[] other = {1, 0};
        double expected =
                mean(x, draw, x, draw, true) + mean(y, other, y, other, true) - 2 * mean(x, draw, y, other, false);
        assertThat(new KernelSums(x, y).of(draw, other)).isCloseTo(expected, within(1e-12));
    }

    private static double mean(List<List<double[]>> x, int[] drawX, List<List<double[]>> y, int[] drawY, boolean same) {
        double sum = 0;
        int pairs = 0;
        for (int a = 0; a < drawX.length; a++) {
            for (int b = 0; b < drawY.length; b++) {
                if (same && a != b && drawX[a] == drawY[b]) {
                    continue;
                }
                for (int i = 0; i < 2; i++) {
                    for (int j = 0; j < 2; j++) {
                        if (!(same && a == b && i == j)) {
                            sum += kernel(
                                    x.get(drawX[a]).get(i), y.get(drawY[b]).get(j));
                            pairs++;
                        }
                    }
                }
            }
        }
        return sum / pairs;
    }

    private static double kernel(double[] x, double[] y) {
        double product =
                IntStream.range(0, x.length).mapToDouble(i -> x[i] * y[i]).sum();
        return Math.pow(product / x.length + 1, 3);
    }

    private static List<List<double[]>> single(List<double[]> rows) {
        return rows.stream().map(List::of).toList();
    }

    private static List<List<double[]>> twos(List<double[]> rows) {
        return IntStream.range(0, rows.size() / 2)
                .mapToObj(i -> rows.subList(2 * i, 2 * i + 2))
                .toList();
    }
}
