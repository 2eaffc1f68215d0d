package dev.zoetrope.metrics.video;

import dev.zoetrope.media.Clip;
import dev.zoetrope.media.Frame;
import dev.zoetrope.metrics.FeatureStatistics;
import dev.zoetrope.metrics.FeatureStatistics.Normaliser;
import dev.zoetrope.metrics.FrechetDistance;
import dev.zoetrope.metrics.network.FeatureExtractor;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Fréchet distance on the features of a network. The reference is the distance of the even and the odd real videos: what
 * the sample size alone gives, at half the number of samples, so a little too high.
 */
final class FrechetMeasure implements SetMeasure {
    private static final Logger log = LoggerFactory.getLogger(FrechetMeasure.class);

    private final String name;
    private final FeatureExtractor network;
    private final Normaliser normaliser;
    private final FeatureStatistics even;
    private final FeatureStatistics odd;
    private final FeatureStatistics fake;
    private final boolean keep;
    private final List<List<double[]>> realRows = new ArrayList<>();
    private final List<List<double[]>> fakeRows = new ArrayList<>();
    private long realVideos;

    /** @param keep whether to keep the features, for re-sampling: 8 bytes times features times frames */
    FrechetMeasure(String name, FeatureExtractor network, Normaliser normaliser, boolean keep) {
        this.name = name;
        this.network = network;
        this.normaliser = normaliser;
        this.keep = keep;
        this.even = new FeatureStatistics(network.dimension());
        this.odd = new FeatureStatistics(network.dimension());
        this.fake = new FeatureStatistics(network.dimension());
    }

    @Override
    public void add(boolean real, List<Frame> frames, Clip clip) {
        FeatureStatistics statistics = real ? (realVideos++ % 2 == 0 ? even : odd) : fake;
        List<double[]> rows = network.extract(clip);
        rows.forEach(statistics::add);
        if (keep) {
            (real ? realRows : fakeRows).add(rows);
        }
    }

    @Override
    public List<MetricResult> results(RunRecord record) {
        boolean halves = even.count() > 1 && odd.count() > 1;
        double floor = halves ? FrechetDistance.of(even, odd, normaliser) : Double.NaN;
        FeatureStatistics real = new FeatureStatistics(network.dimension());
        real.merge(even);
        real.merge(odd);
        if (Math.min(real.count(), fake.count()) <= network.dimension()) {
            log.warn(
                    "{}: {} real and {} generated samples of {} features: the covariances are singular and the value far too high; "
                            + "use ten times as many samples as features, and compare equal numbers only",
                    name,
                    real.count(),
                    fake.count(),
                    network.dimension());
        }
        double distance = FrechetDistance.of(real, fake, normaliser);
        SortedMap<String, String> protocol = record.windows();
        protocol.put("network", network.name());
        protocol.put("weights", network.weights());
        protocol.put("preprocessing", network.preprocessing());
        protocol.put("covariance", normaliser == Normaliser.COUNT ? "1/n" : "1/(n-1)");
        protocol.put("samples_real", String.valueOf(real.count()));
        protocol.put("samples_fake", String.valueOf(fake.count()));
        return List.of(new MetricResult(name, distance, Double.NaN, floor, "dataset", "lower", protocol));
    }

    @Override
    public void save(RealStatistics.Draft statistics) {
        statistics.features(name, method(), "even", even);
        statistics.features(name, method(), "odd", odd);
    }

    @Override
    public void restore(RealStatistics statistics) {
        even.merge(statistics.features(name, method(), "even"));
        odd.merge(statistics.features(name, method(), "odd"));
    }

    private String method() {
        return network.name() + ", weights " + network.weights() + ", " + network.preprocessing();
    }

    @Override
    public double[] resampled(int[] real, int[] fake) {
        return new double[] {FrechetDistance.of(drawn(realRows, real), drawn(fakeRows, fake), normaliser)};
    }

    private FeatureStatistics drawn(List<List<double[]>> videos, int... draw) {
        FeatureStatistics statistics = new FeatureStatistics(network.dimension());
        for (int video : draw) {
            videos.get(video).forEach(statistics::add);
        }
        return statistics;
    }

    @Override
    public void close() {
        network.close();
    }
}
