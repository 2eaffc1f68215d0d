package dev.zoetrope.metrics.motion;

import dev.zoetrope.media.Frame;

/** Finds the flow between two frames of one size. */
public interface FlowProvider {
    /** From the first frame to the second. */
    Flow flow(Frame from, Frame to);

    /** How it is done, for records, such as {@code bm} or a network with its hash. */
    String name();
}
