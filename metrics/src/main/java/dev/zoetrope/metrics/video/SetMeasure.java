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

    @Override
    void close();
}
