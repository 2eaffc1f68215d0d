package dev.zoetrope.diffusion.sampling;

/**
 * Sees, and may change, the latents around each step of the {@link Sampler}. Previews, progress, guidance by gradients
 * and the joining of clips are hooks.
 *
 * <p>Hooks are called in the order they were given, inside a scope of the step in which no gradients are recorded: what a
 * hook wants to keep it must {@link dev.zoetrope.tensor.Scope#own own}. A hook stops the run by throwing.
 */
public interface StepHook {
    /** Before the denoiser is evaluated. */
    default void beforeStep(StepState state) {}

    /** After the scheduler's step. */
    default void afterStep(StepState state) {}
}
