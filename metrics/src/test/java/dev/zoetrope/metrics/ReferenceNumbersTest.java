package dev.zoetrope.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.zoetrope.metrics.BjontegaardDelta.Method;
import dev.zoetrope.metrics.FeatureStatistics.Normaliser;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.SeededGenerator;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The reference numbers of the measures' sheet, and identities that hold for any input. */
class ReferenceNumbersTest {
    /** F1 and F2 of the sheet: 40 samples of 5 features. */
    static List<double[]> f1() {
        return features((i, j) -> Math.sin(0.7 * i * (j + 1) + j));
    }

    static List<double[]> f2() {
        return features((i, j) -> 1.2 * Math.sin(0.9 * i * (j + 1) + 0.4 * j) + 0.1 * j);
    }

    private interface Formula {
        double at(int i, int j);
    }

    private static List<double[]> features(Formula formula) {
        List<double[]> rows = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            double[] row = new double[5];
            for (int j = 0; j < 5; j++) {
                row[j] = formula.at(i, j);
            }
            rows.add(row);
        }
        return rows;
    }

    static FeatureStatistics statistics(List<double[]> rows) {
        FeatureStatistics statistics = new FeatureStatistics(rows.get(0).length);
        rows.forEach(statistics::add);
        return statistics;
    }

    @Test
    void frechetDistance() {
        FeatureStatistics a = statistics(f1());
        FeatureStatistics b = statistics(f2());
        assertThat(FrechetDistance.of(a, b, Normaliser.COUNT)).isCloseTo(0.8417876602, within(1e-8));
        assertThat(FrechetDistance.of(a, b, Normaliser.COUNT_MINUS_ONE)).isCloseTo(0.8547069069, within(1e-8));
        assertThat(FrechetDistance.of(b, a, Normaliser.COUNT)).isCloseTo(0.8417876602, within(1e-8));
        assertThat(FrechetDistance.of(a, a, Normaliser.COUNT)).isCloseTo(0, within(1e-9));
    }

    @Test
    void frechetDistanceScalesWithTheSquareOfTheFeatures() {
        FeatureStatistics a =
                statistics(f1().stream().map(ReferenceNumbersTest::tripled).toList());
        FeatureStatistics b =
                statistics(f2().stream().map(ReferenceNumbersTest::tripled).toList());
        assertThat(FrechetDistance.of(a, b, Normaliser.COUNT)).isCloseTo(9 * 0.8417876602, within(1e-7));
    }

    private static double[] tripled(double[] row) {
        return Arrays.stream(row).map(value -> 3 * value).toArray();
    }

    /** Check M2: the bias of finite samples, and that it is extrapolated away. */
    @Test
    void frechetDistanceOfEqualGaussiansIsBiasedByTheSampleSize() {
        int dimension = 100;
        List<double[]> a = normals(4096, dimension, 11);
        List<double[]> b = normals(4096, dimension, 12);
        for (int n = 256; n <= 4096; n *= 2) {
            double distance =
                    FrechetDistance.of(statistics(a.subList(0, n)), statistics(b.subList(0, n)), Normaliser.COUNT);
            assertThat(distance * n / (dimension * dimension)).isBetween(0.48, 0.60);
        }
        FrechetDistance.Extrapolation endless = FrechetDistance.extrapolated(a, b, Normaliser.COUNT, 1);
        assertThat(endless.value()).isCloseTo(0, within(0.3));
        assertThat(endless.standardError()).isBetween(0.0, 0.3);
    }

    private static List<double[]> normals(int count, int dimension, int seed) {
        try (Scope scope = Scope.noGrad();
                SeededGenerator generator = new SeededGenerator(seed)) {
            double[] values = Tensors.toDoubles(generator.normal(count, dimension));
            List<double[]> rows = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                rows.add(Arrays.copyOfRange(values, i * dimension, (i + 1) * dimension));
            }
            return rows;
        }
    }

    @Test
    void statisticsMergeAndIgnoreTheOrder(@TempDir Path folder) {
        List<double[]> rows = new ArrayList<>();
        for (int k = 0; k < 5; k++) {
            rows.addAll(f1());
            rows.addAll(f2());
        }
        FeatureStatistics whole = statistics(rows);
        FeatureStatistics first = statistics(rows.subList(0, 77));
        first.merge(statistics(rows.subList(77, rows.size())));
        List<double[]> reversed = new ArrayList<>(rows);
        java.util.Collections.reverse(reversed);
        Path file = folder.resolve("stats.safetensors");
        whole.save(file, "protocol a");
        for (FeatureStatistics other :
                List.of(first, statistics(reversed), FeatureStatistics.load(file, "protocol a"))) {
            assertThat(other.count()).isEqualTo(400);
            assertThat(other.mean()).containsExactly(whole.mean(), within(1e-12));
            assertThat(other.covariance(Normaliser.COUNT))
                    .containsExactly(whole.covariance(Normaliser.COUNT), within(1e-12));
        }
        assertThatThrownBy(() -> FeatureStatistics.load(file, "protocol b"))
                .isInstanceOf(ZoetropeException.class)
                .hasMessageContaining("protocol b");
    }

    @Test
    void statisticsRefuseWhatIsNoFeature() {
        FeatureStatistics statistics = new FeatureStatistics(2);
        statistics.add(1, 2);
        assertThatThrownBy(() -> statistics.add(1, Double.NaN)).hasMessageContaining("NaN");
        assertThatThrownBy(() -> statistics.add(1, 2, 3)).hasMessageContaining("expected 2");
        assertThatThrownBy(() -> statistics.covariance(Normaliser.COUNT)).hasMessageContaining("at least 2 samples");
    }

    @Test
    void kernelDistance() {
        assertThat(KernelDistance.ofSubset(f1(), f2())).isCloseTo(0.3483380698, within(1e-9));
        assertThat(KernelDistance.of(f1(), f2(), 3, 1000, 5)).isCloseTo(0.3483380698, within(1e-9));
    }

    @Test
    void inceptionScore() {
        assertThat(score(f1(), 1)).containsExactly(new double[] {1.1791781147}, within(1e-9));
        assertThat(score(f1(), 2)).containsExactly(new double[] {1.1781488645, 1.1789989128}, within(1e-9));
    }

    private static double[] score(List<double[]> logits, int splits) {
        InceptionScore score = InceptionScore.inOrder(logits.size(), logits.get(0).length, splits);
        logits.forEach(score::add);
        return score.splitScores();
    }

    @Test
    void inceptionScoreOfOneHotRowsIsTheNumberOfClasses() {
        InceptionScore score = InceptionScore.inOrder(60, 6, 1);
        for (int i = 0; i < 60; i++) {
            double[] logits = new double[6];
            logits[i % 6] = 2000;
            score.add(logits);
        }
        assertThat(score.mean()).isCloseTo(6, within(1e-12));
    }

    @Test
    void smallSplitsPullTheInceptionScoreDown() {
        List<double[]> logits = new ArrayList<>();
        NumpyRandom random = new NumpyRandom(3);
        for (int i = 0; i < 2050; i++) {
            double[] row = new double[101];
            Arrays.setAll(row, k -> 6 * random.nextDouble());
            logits.add(row);
        }
        double whole = score(logits, 1)[0];
        double split = Arrays.stream(score(logits, 10)).average().orElseThrow();
        assertThat(split).isLessThan(whole);
    }

    @Test
    void pictures() {
        Picture x = waves(0, false);
        Picture y = waves(0.25, false);
        SsimOptions options = SsimOptions.standard(255);
        assertThat(Psnr.decibels(Psnr.meanSquaredError(x, y), 255)).isCloseTo(23.204833, within(1e-6));
        // The sheet's values come from a window rounded to float32, which moves them by up to 7e-6 (README of the
        // fixture).
        assertThat(Ssim.of(x, y, options)).isCloseTo(0.915831, within(7e-6));
        assertThat(MsSsim.of(x, y, options)).isCloseTo(0.952636, within(7e-6));
        // With the exact window, by NumPy.
        assertThat(Ssim.of(x, y, options)).isCloseTo(0.9158290603362852, within(1e-12));
        Picture roundedX = waves(0, true);
        Picture roundedY = waves(0.25, true);
        assertThat(Psnr.decibels(Psnr.meanSquaredError(roundedX, roundedY), 255))
                .isCloseTo(23.205859, within(1e-6));
        assertThat(Ssim.of(roundedX, roundedY, options)).isCloseTo(0.915512, within(7e-6));
        assertThat(Ssim.of(roundedX, roundedY, options)).isCloseTo(0.9155107850783993, within(1e-12));
        assertThat(MsSsim.of(roundedX, roundedY, options)).isCloseTo(0.952596, within(7e-6));
    }

    private static Picture waves(double phase, boolean rounded) {
        double[] values = new double[3 * 176 * 192];
        for (int c = 0; c < 3; c++) {
            for (int y = 0; y < 176; y++) {
                for (int x = 0; x < 192; x++) {
                    double value = 127.5 + 100 * Math.sin(.11 * x + .07 * y + c + phase);
                    values[(c * 176 + y) * 192 + x] = rounded ? Math.rint(value) : value;
                }
            }
        }
        return new Picture(values, 3, 176, 192);
    }

    @Test
    void frameMeanOfPsnrIsAboveThePooledValue() {
        Psnr psnr = new Psnr(255);
        psnr.add(flat(100), flat(101));
        psnr.add(flat(100), flat(120));
        assertThat(psnr.frameMean()).isGreaterThan(psnr.pooled() + 0.1);
        psnr.add(flat(100), flat(100));
        assertThat(psnr.capped()).isEqualTo(1);
    }

    private static Picture flat(double value) {
        double[] values = new double[12];
        Arrays.fill(values, value);
        return new Picture(values, 3, 2, 2);
    }

    @Test
    void picturesOfOtherSizesAreRefused() {
        assertThatThrownBy(() -> Ssim.of(flat(1), flat(2), SsimOptions.standard(255)))
                .hasMessageContaining("at least 11");
        assertThatThrownBy(() -> Psnr.meanSquaredError(flat(1), new Picture(new double[3 * 6], 3, 2, 3)))
                .hasMessageContaining("[2, 3]");
    }

    private static final RateCurve ANCHOR_1 = new RateCurve(
            new double[] {9487.76, 4593.60, 2486.44, 1358.24}, new double[] {40.037, 38.615, 36.845, 34.851});
    private static final RateCurve TEST_1 = new RateCurve(
            new double[] {9787.80, 4469.00, 2451.52, 1356.24}, new double[] {40.121, 38.651, 36.970, 34.987});
    private static final RateCurve ANCHOR_3 = new RateCurve(
            new double[] {82472.76, 26875.24, 9487.76, 4593.6, 3600, 2900},
            new double[] {43.825, 41.404, 40.037, 38.615, 36.5, 35.1});
    private static final RateCurve TEST_3 = new RateCurve(
            new double[] {99896.96, 33952.04, 9787.8, 4469.0, 4040, 3300},
            new double[] {44.731, 41.875, 40.121, 38.651, 37, 36.5});

    @Test
    void bjontegaardDeltas() {
        checkDeltas(ANCHOR_1, TEST_1, new double[] {-4.420463, -4.417485, -4.425245}, .120409, .119693, .119409);
        checkDeltas(ANCHOR_3, TEST_3, new double[] {-0.639289, -2.952802, -2.526920}, .103581, .089536, .050889);
    }

    private static void checkDeltas(RateCurve anchor, RateCurve test, double[] rates, double... qualities) {
        Method[] methods = {Method.CUBIC, Method.PCHIP, Method.AKIMA};
        for (int i = 0; i < methods.length; i++) {
            assertThat(BjontegaardDelta.rate(anchor, test, methods[i]).value()).isCloseTo(rates[i], within(1e-6));
            assertThat(BjontegaardDelta.quality(anchor, test, methods[i]).value())
                    .isCloseTo(qualities[i], within(1e-6));
        }
    }

    @Test
    void halvedRatesAreMinusFiftyPercent() {
        double[] halved = Arrays.stream(ANCHOR_3.rates()).map(rate -> rate / 2).toArray();
        for (Method method : Method.values()) {
            RateCurve test = new RateCurve(halved, ANCHOR_3.qualities());
            assertThat(BjontegaardDelta.rate(ANCHOR_3, test, method).value()).isCloseTo(-50, within(1e-9));
            assertThat(BjontegaardDelta.rate(ANCHOR_3, ANCHOR_3, method).value())
                    .isCloseTo(0, within(1e-12));
        }
    }

    @Test
    void deltasBothWaysMultiplyToOne() {
        for (Method method : Method.values()) {
            double forth = BjontegaardDelta.rate(ANCHOR_1, TEST_1, method).value();
            double back = BjontegaardDelta.rate(TEST_1, ANCHOR_1, method).value();
            assertThat((1 + forth / 100) * (1 + back / 100)).isCloseTo(1, within(1e-12));
        }
    }

    @Test
    void badCurvesAreRefused() {
        assertThatThrownBy(() -> new RateCurve(new double[] {1, 2}, new double[] {30, 30}))
                .hasMessageContaining("grows with the rate");
        assertThatThrownBy(() -> new RateCurve(new double[] {1, 1}, new double[] {30, 31}))
                .hasMessageContaining("duplicates");
        RateCurve two = new RateCurve(new double[] {1, 2}, new double[] {30, 31});
        assertThatThrownBy(() -> BjontegaardDelta.rate(two, two, Method.CUBIC)).hasMessageContaining("at least 4");
        assertThatThrownBy(() -> BjontegaardDelta.requireEqualCounts(two, ANCHOR_1))
                .hasMessageContaining("2 points");
    }

    /** The first numbers of NumPy's RandomState(1).rand and the order of RandomState(42).shuffle(range(10)). */
    @Test
    void numpyRandom() {
        NumpyRandom random = new NumpyRandom(1);
        assertThat(random.nextDouble()).isEqualTo(0.417022004702574);
        assertThat(random.nextDouble()).isEqualTo(0.7203244934421581);
        assertThat(InceptionScore.order(10)).containsExactly(8, 1, 5, 0, 7, 2, 9, 4, 3, 6);
    }

    @Test
    void bitsPerPixel() {
        assertThat(BitsPerPixel.ofFile(1000, 20, 10, 4)).isEqualTo(10);
        assertThat(BitsPerPixel.estimated(400, 20, 10, 4)).isEqualTo(0.5);
        assertThatThrownBy(() -> BitsPerPixel.ofFile(1, 0, 1, 1)).hasMessageContaining("at least one pixel");
    }
}
