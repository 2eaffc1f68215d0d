package dev.zoetrope.metrics.network;

import dev.zoetrope.media.Clip;
import java.util.List;

/** A network that turns a clip into feature vectors, with what a record must say about it. */
public interface FeatureExtractor extends AutoCloseable {
    /** The name of the network in records. */
    String name();

    /** SHA-256 of the weights; for weights drawn from a seed, how they are drawn. */
    String weights();

    /** What is done to the pixels before the network, resize kernel included. */
    String preprocessing();

    /** Length of a vector. */
    int dimension();

    /** Fewest frames of a clip. */
    int minFrames();

    /**
     * The vectors of a clip: one, or one a frame.
     *
     * @throws dev.zoetrope.tensor.ZoetropeException BAD_INPUT for fewer frames than {@link #minFrames}
     */
    List<double[]> extract(Clip clip);

    @Override
    void close();
}
