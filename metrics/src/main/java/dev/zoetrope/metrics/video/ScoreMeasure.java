package dev.zoetrope.metrics.video;

import dev.zoetrope.media.Clip;
import dev.zoetrope.media.Frame;
import dev.zoetrope.metrics.InceptionScore;
import dev.zoetrope.metrics.network.FeatureExtractor;
import java.util.List;
import java.util.SortedMap;

/** The inception score of the generated videos, whose logits are the features of a classifier. */
final class ScoreMeasure implements SetMeasure {
    private final FeatureExtractor classifier;
    private final InceptionScore score;
    private final int splits;

    ScoreMeasure(FeatureExtractor classifier, int samples, int splits) {
        this.classifier = classifier;
        this.score = InceptionScore.shuffled(samples, classifier.dimension(), splits);
        this.splits = splits;
    }

    @Override
    public void add(boolean real, List<Frame> frames, Clip clip) {
        if (!real) {
            classifier.extract(clip).forEach(score::add);
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
    public void close() {
        classifier.close();
    }
}
