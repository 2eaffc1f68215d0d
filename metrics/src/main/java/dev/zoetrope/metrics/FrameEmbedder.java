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

    /**
     * Refuses what {@link #text} would refuse, without running the network: for checking all texts of a long run first.
     *
     * @throws dev.zoetrope.tensor.ZoetropeException BAD_INPUT for a text the model cannot read whole
     */
    void checkText(String prompt);

    /** The vector of a text, in the space of the pictures. */
    double[] text(String prompt);
}
