package dev.zoetrope.diffusion.scheduler;

/** What is sampled. */
public enum SampleSpace {
    /** Pixels in [-1, 1]: a scheduler's JSON is taken as it is. */
    PIXELS,
    /** Latents, which have no bounds: clipping is off unless the JSON asks for it. */
    LATENTS
}
