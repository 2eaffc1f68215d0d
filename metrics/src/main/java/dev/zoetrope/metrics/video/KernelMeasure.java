package dev.zoetrope.metrics.video;

import dev.zoetrope.media.Clip;
import dev.zoetrope.media.Frame;
import dev.zoetrope.metrics.KernelDistance;
import dev.zoetrope.metrics.KernelSums;
import dev.zoetrope.metrics.network.FeatureExtractor;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** KID. Subsets are drawn from all features, which stay in memory: 8 bytes times features times frames. */
final class KernelMeasure implements SetMeasure {
    private static final int SUBSETS = 100;
    private static final int SUBSET_SIZE = 1000;

    private final FeatureExtractor network;
    private final List<List<double[]>> real = new ArrayList<>();
    private final List<List<double[]>> fake = new ArrayList<>();
    private @Nullable KernelSums sums;

    KernelMeasure(FeatureExtractor network) {
        this.network = network;
    }

    @Override
    public void add(boolean isReal, List<Frame> frames, Clip clip) {
        (isReal ? real : fake).add(network.extract(clip));
    }

    @Override
    public List<MetricResult> results(RunRecord record) {
        long seed = record.options().seed();
        SortedMap<String, String> protocol = record.windows();
        protocol.put("network", network.name());
        protocol.put("weights", network.weights());
        protocol.put("preprocessing", network.preprocessing());
        protocol.put("subsets", SUBSETS + " of at most " + SUBSET_SIZE);
        double distance = KernelDistance.of(rows(fake), rows(real), SUBSETS, SUBSET_SIZE, seed);
        return List.of(new MetricResult("kid", distance, Double.NaN, Double.NaN, "dataset", "lower", protocol));
    }

    private static List<double[]> rows(List<List<double[]>> videos) {
        return videos.stream().flatMap(List::stream).toList();
    }

    @Override
    public double[] resampled(int[] realDraw, int[] fakeDraw) {
        KernelSums all = sums;
        if (all == null) {
            all = new KernelSums(fake, real);
            sums = all;
        }
        return new double[] {all.of(fakeDraw, realDraw)};
    }

    @Override
    public void close() {
        network.close();
    }
}
