package dev.zoetrope.metrics.parity;

import dev.zoetrope.metrics.FeatureStatistics;
import dev.zoetrope.metrics.FeatureStatistics.Normaliser;
import dev.zoetrope.metrics.FrechetDistance;
import dev.zoetrope.metrics.KernelDistance;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.parity.Fixture;
import dev.zoetrope.tensor.parity.ParityCheck;
import dev.zoetrope.tensor.parity.ParityReport;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Fréchet and kernel distances between sets of features. */
public final class DistanceParity extends ParityCheck.ForModule {
    @Override
    protected boolean supportsModule(String module) {
        return module.startsWith("pytorch_fid.");
    }

    @Override
    protected void run(Fixture fixture, ParityReport report) {
        for (Fixture.Case testCase : fixture.cases()) {
            if (testCase.args().path("metric").asText().equals("kernel")) {
                kernel(testCase, report);
            } else if (testCase.hasInput("x")) {
                features(testCase, report);
            } else {
                gaussians(testCase, report);
            }
        }
    }

    private static void features(Fixture.Case testCase, ParityReport report) {
        FeatureStatistics x = statistics(rows(testCase, "x"));
        FeatureStatistics y = statistics(rows(testCase, "y"));
        for (String output : testCase.outputs()) {
            report.compare(
                    testCase,
                    output,
                    switch (output) {
                        case "mu1" -> x.mean();
                        case "mu2" -> y.mean();
                        case "sigma1" -> x.covariance(Normaliser.COUNT_MINUS_ONE);
                        case "sigma2" -> y.covariance(Normaliser.COUNT_MINUS_ONE);
                        case "sigma1_biased" -> x.covariance(Normaliser.COUNT);
                        case "sigma2_biased" -> y.covariance(Normaliser.COUNT);
                        case "frechet", "frechet_60_digits" ->
                            new double[] {FrechetDistance.of(x, y, Normaliser.COUNT_MINUS_ONE)};
                        case "fid_biased", "fid_biased_60_digits" ->
                            new double[] {FrechetDistance.of(x, y, Normaliser.COUNT)};
                        default -> throw new IllegalArgumentException("unknown output " + output);
                    });
        }
    }

    private static void gaussians(Fixture.Case testCase, ParityReport report) {
        double distance = FrechetDistance.of(
                testCase.inputDoubles("mu1"),
                testCase.inputDoubles("sigma1"),
                testCase.inputDoubles("mu2"),
                testCase.inputDoubles("sigma2"));
        testCase.outputs().forEach(output -> report.compare(testCase, output, distance));
    }

    /** The rows of every subset are those that the reference drew. */
    private static void kernel(Fixture.Case testCase, ParityReport report) {
        List<double[]> generated = rows(testCase, "gen");
        List<double[]> real = rows(testCase, "real");
        double[] generatedRows = testCase.expectedDoubles("gen_rows");
        double[] realRows = testCase.expectedDoubles("real_rows");
        int subsets = testCase.args().path("num_subsets").asInt();
        int size = generatedRows.length / subsets;
        double sum = 0;
        for (int i = 0; i < subsets; i++) {
            sum += KernelDistance.ofSubset(pick(generated, generatedRows, i, size), pick(real, realRows, i, size));
        }
        for (String output : testCase.outputs()) {
            if (output.startsWith("kid_x1000")) {
                report.compare(testCase, output, 1000 * sum / subsets);
            }
        }
    }

    private static List<double[]> pick(List<double[]> features, double[] rows, int subset, int size) {
        return Arrays.stream(rows, subset * size, (subset + 1) * size)
                .mapToObj(row -> features.get((int) row))
                .toList();
    }

    private static FeatureStatistics statistics(List<double[]> rows) {
        FeatureStatistics statistics = new FeatureStatistics(rows.get(0).length);
        rows.forEach(statistics::add);
        return statistics;
    }

    static List<double[]> rows(Fixture.Case testCase, String input) {
        long[] shape = Tensors.shape(testCase.input(input));
        double[] values = testCase.inputDoubles(input);
        int width = (int) shape[1];
        List<double[]> rows = new ArrayList<>();
        for (int i = 0; i < shape[0]; i++) {
            rows.add(Arrays.copyOfRange(values, i * width, (i + 1) * width));
        }
        return rows;
    }
}
