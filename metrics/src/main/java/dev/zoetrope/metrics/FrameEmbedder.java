package dev.zoetrope.metrics;

import dev.zoetrope.media.Frame;

/**
 * Pictures and texts as vectors of one space: CLIP, which lives above this module. What it does to the picture (size,
 * kernel, mean) is its own business and belongs into {@link #name}.
 */
public interface FrameEmbedder {
    /** Model and SHA-256 of its weights, for records. */
    String name();

    /** The vector of a picture; its length does not matter. */
    double[] picture(Frame frame);

    /** The vector of a text, in the space of the pictures. */
    double[] text(String prompt);
}
