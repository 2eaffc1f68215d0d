package dev.zoetrope.moft;

/**
 * Where the guided branch takes keys and values of the spatial self-attention of the up blocks from the reference branch,
 * which is the same clip without guidance (sheet 2.6). Strengths do not carry over from one mode to another.
 */
public enum KeyValueSharing {
    /** Nowhere. */
    OFF,
    /** In the evaluations for the gradient: what the release does. */
    OPTIMISE,
    /** In those and in the predictions: figure 11 of the paper. */
    OPTIMISE_AND_PREDICT
}
