package dev.zoetrope.vidrd;

/** Which latents of a step staged guidance copies; paper and released code differ by one (sheet 2.4). */
public enum GuidanceIndexing {
    /** The input of the step, as the released code does. With beta 1 the last step of frame 0 is computed afresh. */
    RELEASED,
    /** The output of the step, as the paper's formula says. With beta 1 frame 0 equals the last frame before it exactly. */
    PAPER
}
