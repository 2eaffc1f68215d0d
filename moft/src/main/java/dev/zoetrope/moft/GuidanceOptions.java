package dev.zoetrope.moft;

import dev.zoetrope.tensor.ZoetropeException;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * How the latents are steered. Checked when built.
 *
 * @param tap module path whose output is read; default {@code up_blocks.1}
 * @param stepSize default {@link StepSize#NORMALISED}
 * @param strength {@code RAW}: eta, times weight and gradient; {@code NORMALISED}: root mean square of one update in units
 *     of the latents; at least 0; default 0.03. Twice as strong with shared keys and values
 * @param repeats updates at each guided step, 1 to 100; default 2
 * @param firstStep first guided step, at least 0; default 3
 * @param endStep step after the last guided one; default 12
 * @param clippedFrames K: on the first K frames only the regions may change, at least 0; default all frames
 * @param regionClip what several regions may change on these frames; default {@link RegionClip#OWN}
 * @param sharing of keys and values; default {@link KeyValueSharing#OPTIMISE}
 * @param featureGrid rows and columns the tap is resized to, 1 to 1024; default the size of the latents
 * @param maxStepRms updates with a larger root mean square are shortened to it, above 0; default none
 * @param keepSource also run the clip without guidance to its end; default true
 * @param keepPartial after a gradient that is not finite go on without guidance instead of failing; default false
 * @param pass how the gradient is evaluated, which changes cost and not the result; default {@link Pass#TO_TAP}
 */
public record GuidanceOptions(
        String tap,
        StepSize stepSize,
        double strength,
        int repeats,
        int firstStep,
        int endStep,
        OptionalInt clippedFrames,
        RegionClip regionClip,
        KeyValueSharing sharing,
        OptionalInt featureGrid,
        OptionalDouble maxStepRms,
        boolean keepSource,
        boolean keepPartial,
        Pass pass) {
    /** The tap of the paper: after the second up block, its upsampler included. */
    public static final String DEFAULT_TAP = "up_blocks.1";

    /** What the strength multiplies. */
    public enum StepSize {
        /** The gradient itself, as the release has it (eta 0.5 with weights of 6 to 10). */
        RAW,
        /** The gradient over its root mean square, which suits any backbone. */
        NORMALISED
    }

    /** How the gradient is evaluated. */
    public enum Pass {
        /** As far as the tap; what comes after it has no part in the loss. */
        TO_TAP,
        /** As far as the tap, holding the activations of one block at a time: far less memory for one more evaluation. */
        RECOMPUTED,
        /** To the end and back, as without an early exit; for measurements. */
        WHOLE
    }

    /** @throws ZoetropeException BAD_INPUT naming the option that cannot be */
    public GuidanceOptions {
        require(!tap.isEmpty(), "tap", tap, "a module path such as " + DEFAULT_TAP);
        require(strength >= 0 && strength < Double.POSITIVE_INFINITY, "strength", strength, "at least 0");
        require(repeats >= 1 && repeats <= 100, "repeats", repeats, "1 to 100");
        require(
                firstStep >= 0 && firstStep < endStep,
                "guided steps",
                firstStep + " to " + endStep,
                "a first step of at least 0 and an end above it");
        require(clippedFrames.orElse(0) >= 0, "clipped frames", clippedFrames.orElse(0), "at least 0");
        int grid = featureGrid.orElse(1);
        require(grid >= 1 && grid <= 1024, "feature grid", grid, "1 to 1024");
        require(maxStepRms.orElse(1) > 0, "max step rms", maxStepRms.orElse(1), "above 0");
    }

    private static void require(boolean met, String option, Object value, String expected) {
        if (!met) {
            throw ZoetropeException.badInput("%s: %s, expected %s", option, value, expected);
        }
    }

    /** @throws ZoetropeException BAD_INPUT if the window does not lie within a run of so many steps */
    public void checkSteps(int steps) {
        if (endStep > steps) {
            throw ZoetropeException.badInput(
                    "guided steps: %d to %d, but the run has %d steps; lower the end", firstStep, endStep, steps);
        }
    }

    /** Whether a step is in the window. */
    public boolean guides(int step) {
        return step >= firstStep && step < endStep;
    }

    /** The defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** Sets options one by one; see the record for meanings, ranges and defaults. */
    public static final class Builder {
        private String tap = DEFAULT_TAP;
        private StepSize stepSize = StepSize.NORMALISED;
        private double strength = 0.03;
        private int repeats = 2;
        private int firstStep = 3;
        private int endStep = 12;
        private OptionalInt clippedFrames = OptionalInt.empty();
        private RegionClip regionClip = RegionClip.OWN;
        private KeyValueSharing sharing = KeyValueSharing.OPTIMISE;
        private OptionalInt featureGrid = OptionalInt.empty();
        private OptionalDouble maxStepRms = OptionalDouble.empty();
        private boolean keepSource = true;
        private boolean keepPartial;
        private Pass pass = Pass.TO_TAP;

        private Builder() {}

        public Builder tap(String path) {
            tap = path;
            return this;
        }

        public Builder stepSize(StepSize kind, double value) {
            stepSize = kind;
            strength = value;
            return this;
        }

        public Builder repeats(int count) {
            repeats = count;
            return this;
        }

        public Builder window(int first, int end) {
            firstStep = first;
            endStep = end;
            return this;
        }

        public Builder clippedFrames(int count) {
            clippedFrames = OptionalInt.of(count);
            return this;
        }

        public Builder regionClip(RegionClip kind) {
            regionClip = kind;
            return this;
        }

        public Builder sharing(KeyValueSharing kind) {
            sharing = kind;
            return this;
        }

        public Builder featureGrid(int side) {
            featureGrid = OptionalInt.of(side);
            return this;
        }

        public Builder maxStepRms(double limit) {
            maxStepRms = OptionalDouble.of(limit);
            return this;
        }

        public Builder keepSource(boolean keep) {
            keepSource = keep;
            return this;
        }

        public Builder keepPartial(boolean keep) {
            keepPartial = keep;
            return this;
        }

        public Builder pass(Pass kind) {
            pass = kind;
            return this;
        }

        /** @throws ZoetropeException BAD_INPUT naming the option that cannot be */
        public GuidanceOptions build() {
            return new GuidanceOptions(
                    tap,
                    stepSize,
                    strength,
                    repeats,
                    firstStep,
                    endStep,
                    clippedFrames,
                    regionClip,
                    sharing,
                    featureGrid,
                    maxStepRms,
                    keepSource,
                    keepPartial,
                    pass);
        }
    }
}
