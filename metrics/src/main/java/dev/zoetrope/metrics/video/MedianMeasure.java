package dev.zoetrope.metrics.video;

import dev.zoetrope.media.Clip;
import dev.zoetrope.media.Frame;
import java.util.Comparator;
import java.util.List;

/** The median of one measure with several seeds; there must be an odd number of them. */
final class MedianMeasure implements SetMeasure {
    private final List<? extends SetMeasure> seeds;

    MedianMeasure(List<? extends SetMeasure> seeds) {
        this.seeds = List.copyOf(seeds);
    }

    @Override
    public void add(boolean real, List<Frame> frames, Clip clip) {
        seeds.forEach(seed -> seed.add(real, frames, clip));
    }

    @Override
    public List<MetricResult> results(RunRecord record) {
        List<MetricResult> all =
                seeds.stream().flatMap(seed -> seed.results(record).stream()).toList();
        MetricResult first = all.get(0);
        var protocol = new java.util.TreeMap<>(first.protocol());
        protocol.put("median_of_seeds", String.valueOf(seeds.size()));
        return List.of(new MetricResult(
                first.metric(),
                median(all.stream().map(MetricResult::value).toList()),
                Double.NaN,
                median(all.stream().map(MetricResult::reference).toList()),
                first.aggregation(),
                first.better(),
                protocol));
    }

    @Override
    public void save(RealStatistics.Draft statistics) {
        seeds.forEach(seed -> seed.save(statistics));
    }

    @Override
    public void restore(RealStatistics statistics) {
        seeds.forEach(seed -> seed.restore(statistics));
    }

    @Override
    public double[] resampled(int[] real, int[] fake) {
        List<Double> values =
                seeds.stream().map(seed -> seed.resampled(real, fake)[0]).toList();
        return new double[] {median(values)};
    }

    private static double median(List<Double> values) {
        return values.stream().sorted(Comparator.naturalOrder()).toList().get(values.size() / 2);
    }

    @Override
    public void close() {
        seeds.forEach(SetMeasure::close);
    }
}
