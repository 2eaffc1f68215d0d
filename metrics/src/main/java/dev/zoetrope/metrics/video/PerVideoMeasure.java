package dev.zoetrope.metrics.video;

import dev.zoetrope.media.Clip;
import dev.zoetrope.media.Frame;
import dev.zoetrope.metrics.motion.Temporal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.function.ToDoubleFunction;

/** A number of each window: the means of both folders, and on request the distance of the two distributions. */
final class PerVideoMeasure implements SetMeasure {
    private final String name;
    private final String method;
    private final boolean distance;
    private final ToDoubleFunction<List<Frame>> measure;
    private final List<Double> real = new ArrayList<>();
    private final List<Double> fake = new ArrayList<>();

    /** @param distance whether to add the Wasserstein distance of the numbers */
    PerVideoMeasure(String name, String method, boolean distance, ToDoubleFunction<List<Frame>> measure) {
        this.name = name;
        this.method = method;
        this.distance = distance;
        this.measure = measure;
    }

    @Override
    public void add(boolean isReal, List<Frame> frames, Clip clip) {
        (isReal ? real : fake).add(measure.applyAsDouble(frames));
    }

    @Override
    public List<MetricResult> results(RunRecord record) {
        SortedMap<String, String> protocol = record.windows();
        protocol.put("method", method);
        List<MetricResult> results = new ArrayList<>();
        results.add(
                new MetricResult(name, mean(fake), deviation(fake), mean(real), "per_video_mean", "real", protocol));
        if (distance) {
            double gap = Temporal.wasserstein(array(real), array(fake));
            results.add(
                    new MetricResult(name + "_distance", gap, Double.NaN, Double.NaN, "dataset", "lower", protocol));
        }
        return results;
    }

    @Override
    public void save(RealStatistics.Draft statistics) {
        statistics.values(name, method, real);
    }

    @Override
    public void restore(RealStatistics statistics) {
        real.addAll(statistics.values(name, method));
    }

    @Override
    public double[] resampled(int[] realDraw, int[] fakeDraw) {
        double[] drawn = drawn(fake, fakeDraw);
        double mean = Arrays.stream(drawn).average().orElseThrow();
        return distance ? new double[] {mean, Temporal.wasserstein(drawn(real, realDraw), drawn)} : new double[] {mean};
    }

    private static double[] drawn(List<Double> values, int... draw) {
        return Arrays.stream(draw).mapToDouble(values::get).toArray();
    }

    static double mean(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
    }

    static double deviation(List<Double> values) {
        double mean = mean(values);
        return Math.sqrt(values.stream()
                .mapToDouble(value -> (value - mean) * (value - mean))
                .average()
                .orElse(Double.NaN));
    }

    private static double[] array(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).toArray();
    }

    @Override
    public void close() {
        real.clear();
        fake.clear();
    }
}
