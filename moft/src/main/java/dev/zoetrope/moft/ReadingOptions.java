package dev.zoetrope.moft;

import dev.zoetrope.tensor.ZoetropeException;
import java.util.OptionalInt;

/**
 * How clips are read.
 *
 * @param tap module path whose output is read; default {@code up_blocks.1}
 * @param referenceStep k of the inversion, 0 (no inversion) to steps - 1; default 5
 * @param steps N of the inversion, 2 to the model's training timesteps; default 25
 * @param prompt of the inversion; default empty
 * @param frames of a clip, at least 2; default 16, or the model's limit if that is lower
 * @param width pixels, a multiple of the autoencoder's factor (8); default: the model's
 * @param height as {@code width}
 * @param framesPolicy what to do with longer clips; default {@link FramesPolicy#EXACT}
 */
public record ReadingOptions(
        String tap,
        int referenceStep,
        int steps,
        String prompt,
        OptionalInt frames,
        OptionalInt width,
        OptionalInt height,
        FramesPolicy framesPolicy) {
    /** The defaults. */
    public static final ReadingOptions DEFAULTS = new ReadingOptions(
            GuidanceOptions.DEFAULT_TAP,
            5,
            25,
            "",
            OptionalInt.empty(),
            OptionalInt.empty(),
            OptionalInt.empty(),
            FramesPolicy.EXACT);

    /** What is done with a clip that has more frames than wanted; a shorter one is always refused. */
    public enum FramesPolicy {
        /** Refuse it. */
        EXACT,
        /** Take the first ones. */
        FIRST,
        /** Take frames spread evenly from the first to the last. */
        SAMPLE
    }

    /** @throws ZoetropeException BAD_INPUT naming the option that cannot be */
    public ReadingOptions {
        if (tap.isEmpty()) {
            throw ZoetropeException.badInput("tap: empty, expected a module path such as up_blocks.1");
        }
        if (steps < 2) {
            throw ZoetropeException.badInput("steps: %d, expected at least 2", steps);
        }
        if (referenceStep < 0 || referenceStep >= steps) {
            throw ZoetropeException.badInput("reference step: %d, expected 0 to %d", referenceStep, steps - 1);
        }
        if (frames.orElse(2) < 2) {
            throw ZoetropeException.badInput("frames: %d, motion needs at least 2", frames.getAsInt());
        }
    }

    /** The same with another tap. */
    public ReadingOptions withTap(String other) {
        return new ReadingOptions(other, referenceStep, steps, prompt, frames, width, height, framesPolicy);
    }

    /** The same with another step. */
    public ReadingOptions withReferenceStep(int step) {
        return new ReadingOptions(tap, step, steps, prompt, frames, width, height, framesPolicy);
    }

    /** The same with other frames. */
    public ReadingOptions withFrames(int count, FramesPolicy policy) {
        return new ReadingOptions(tap, referenceStep, steps, prompt, OptionalInt.of(count), width, height, policy);
    }

    /** The same for clips of this size, pixels. */
    public ReadingOptions withSize(int widthPixels, int heightPixels) {
        return new ReadingOptions(
                tap,
                referenceStep,
                steps,
                prompt,
                frames,
                OptionalInt.of(widthPixels),
                OptionalInt.of(heightPixels),
                framesPolicy);
    }
}
