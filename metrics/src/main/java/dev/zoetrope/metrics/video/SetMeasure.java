package dev.zoetrope.metrics.video;

import dev.zoetrope.media.Clip;
import dev.zoetrope.media.Frame;
import java.util.List;

/** Takes the windows of both folders one by one. Memory must not grow with their number, except for what is documented. */
interface SetMeasure extends AutoCloseable {
    /**
     * Adds a window.
     *
     * @param frames as bytes
     * @param clip the same as a tensor; belongs to the caller
     */
    void add(boolean real, List<Frame> frames, Clip clip);

    /** What comes out. */
    List<MetricResult> results(RunRecord record);

    /** Adds what it keeps of the real videos; nothing for a measure that keeps nothing. */
    default void save(RealStatistics.Draft statistics) {}

    /** Takes what {@link #save} gave in place of real videos. */
    default void restore(RealStatistics statistics) {}

    /**
     * The values of {@link #results}, in their order, from re-sampled videos. Only of a measure that was made to keep what
     * this needs.
     *
     * @param real numbers of the real videos, in the order they were added
     * @param fake numbers of the generated videos
     */
    double[] resampled(int[] real, int[] fake);

    @Override
    void close();
}
