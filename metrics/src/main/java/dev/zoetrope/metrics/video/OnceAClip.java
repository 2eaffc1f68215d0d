package dev.zoetrope.metrics.video;

import dev.zoetrope.media.Clip;
import dev.zoetrope.metrics.network.FeatureExtractor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Runs a network once for each clip, although several measures ask for its features one after the other. */
final class OnceAClip implements FeatureExtractor {
    private final FeatureExtractor network;
    private @Nullable Clip last;
    private List<double[]> features = List.of();

    OnceAClip(FeatureExtractor network) {
        this.network = network;
    }

    @Override
    public List<double[]> extract(Clip clip) {
        if (clip != last) {
            features = network.extract(clip);
            last = clip;
        }
        return features;
    }

    @Override
    public String name() {
        return network.name();
    }

    @Override
    public String weights() {
        return network.weights();
    }

    @Override
    public String preprocessing() {
        return network.preprocessing();
    }

    @Override
    public int dimension() {
        return network.dimension();
    }

    @Override
    public int minFrames() {
        return network.minFrames();
    }

    @Override
    public void close() {
        network.close();
    }
}
