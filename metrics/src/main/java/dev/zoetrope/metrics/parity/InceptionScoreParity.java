package dev.zoetrope.metrics.parity;

import dev.zoetrope.metrics.InceptionScore;
import dev.zoetrope.tensor.parity.Fixture;
import dev.zoetrope.tensor.parity.ParityCheck;
import dev.zoetrope.tensor.parity.ParityReport;
import java.util.Arrays;
import java.util.List;

/** Inception scores of pictures and of videos. */
public final class InceptionScoreParity extends ParityCheck.ForModule {
    @Override
    protected boolean supportsModule(String module) {
        return module.startsWith("metrics.inception_score.");
    }

    @Override
    protected void run(Fixture fixture, ParityReport report) {
        for (Fixture.Case testCase : fixture.cases()) {
            List<double[]> logits = DistanceParity.rows(testCase, "logits");
            int samples = testCase.args().path("num_gen").asInt();
            int splits = testCase.args().path("num_splits").asInt();
            int classes = logits.get(0).length;
            InceptionScore pictures = InceptionScore.inOrder(samples, classes, splits);
            InceptionScore videos = InceptionScore.shuffled(samples, classes, splits);
            logits.stream().limit(samples).forEach(row -> {
                pictures.add(row);
                videos.add(row);
            });
            for (String output : testCase.outputs()) {
                report.compare(
                        testCase,
                        output,
                        switch (output) {
                            case "tap.probs" ->
                                logits.stream()
                                        .flatMapToDouble(row -> Arrays.stream(InceptionScore.logSoftmax(row)))
                                        .map(Math::exp)
                                        .toArray();
                            case "is_mean", "is_mean_f32" -> new double[] {pictures.mean()};
                            case "is_std", "is_std_f32" -> new double[] {pictures.standardDeviation()};
                            case "isv_mean", "isv_mean_f32" -> new double[] {videos.mean()};
                            case "isv_std", "isv_std_f32" -> new double[] {videos.standardDeviation()};
                            case "isv_row_order" ->
                                Arrays.stream(InceptionScore.order(samples))
                                        .asDoubleStream()
                                        .toArray();
                            case "split_bounds" -> bounds(samples, splits);
                            default -> throw new IllegalArgumentException("unknown output " + output);
                        });
            }
        }
    }

    private static double[] bounds(int samples, int splits) {
        double[] bounds = new double[splits + 1];
        Arrays.setAll(bounds, i -> InceptionScore.bound(i, samples, splits));
        return bounds;
    }
}
