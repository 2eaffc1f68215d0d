package dev.zoetrope.metrics.video;

import dev.zoetrope.media.Clip;
import dev.zoetrope.media.Frame;
import dev.zoetrope.metrics.InceptionScore;
import dev.zoetrope.metrics.network.FeatureExtractor;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;

/** The inception score of the generated videos, whose logits are the features of a classifier. */
final class ScoreMeasure implements SetMeasure {
    private final FeatureExtractor classifier;
    private final InceptionScore score;
    private final int splits;
    private final boolean keep;
    private final List<double[]> logits = new ArrayList<>();

    /** @param keep whether to keep the logits, for re-sampling */
    ScoreMeasure(FeatureExtractor classifier, int samples, int splits, boolean keep) {
        this.classifier = classifier;
        this.score = InceptionScore.shuffled(samples, classifier.dimension(), splits);
        this.splits = splits;
        this.keep = keep;
    }

    @Override
    public void add(boolean real, List<Frame> frames, Clip clip) {
        if (!real) {
            List<double[]> rows = classifier.extract(clip);
            rows.forEach(score::add);
            if (keep) {
                logits.addAll(rows);
            }
        }
    }

    @Override
    public List<MetricResult> results(RunRecord record) {
        SortedMap<String, String> protocol = record.windows();
        protocol.put("network", classifier.name());
        protocol.put("weights", classifier.weights());
        protocol.put("preprocessing", classifier.preprocessing());
        protocol.put("splits", splits + ", shuffled with RandomState(42); spread over splits");
        return List.of(new MetricResult(
                "is", score.mean(), score.standardDeviation(), Double.NaN, "dataset", "higher", protocol));
    }

    @Override
    public double[] resampled(int[] real, int[] fake) {
        InceptionScore resampled = InceptionScore.shuffled(fake.length, classifier.dimension(), splits);
        for (int item : fake) {
            resampled.add(logits.get(item));
        }
        return new double[] {resampled.mean()};
    }

    @Override
    public void close() {
        classifier.close();
    }
}
