package dev.zoetrope.cli;

import dev.zoetrope.moft.GuidanceOptions;
import dev.zoetrope.moft.GuidanceOptions.StepSize;
import dev.zoetrope.moft.KeyValueSharing;
import dev.zoetrope.moft.RegionClip;
import java.util.Optional;
import picocli.CommandLine.Option;

/** How the latents are steered: the options of control beside what is to move. */
final class SteeringChoice {
    private static final double NORMALISED_STRENGTH = 0.03;
    private static final double RAW_STRENGTH = 0.5;

    @Option(
            names = "--step-kind",
            paramLabel = "NAME",
            defaultValue = "NORMALISED",
            description = "What --strength multiplies: the gradient brought to a root mean square of 1 (NORMALISED, for"
                    + " any model), or the gradient itself with its weight (RAW). Default: ${DEFAULT-VALUE}.")
    private StepSize stepKind = StepSize.NORMALISED;

    @Option(
            names = "--strength",
            paramLabel = "X",
            description =
                    "Size of one update of the latents, at least 0. NORMALISED: its root mean square, in units of the"
                            + " latents; RAW: eta, a factor. Default: 0.03, or 0.5 with --step-kind RAW.")
    private Optional<Double> strength = Optional.empty();

    @Option(
            names = "--repeats",
            paramLabel = "N",
            defaultValue = "2",
            description = "Updates at each guided step, 1 to 100. Default: ${DEFAULT-VALUE}.")
    private int repeats = 2;

    @Option(
            names = "--first-step",
            paramLabel = "N",
            description = "First guided step, from 0. Default: 3, or the last one of a shorter run; 0 with --drag.")
    private Optional<Integer> firstStep = Optional.empty();

    @Option(
            names = "--end-step",
            paramLabel = "N",
            description = "Step after the last guided one, at most --steps. Default: 12, or --steps if that is less;"
                    + " --steps with --drag, whose schedule ends by itself.")
    private Optional<Integer> endStep = Optional.empty();

    @Option(
            names = "--sharing",
            paramLabel = "NAME",
            defaultValue = "OPTIMISE",
            description = "Where keys and values come from the unguided clip: ${COMPLETION-CANDIDATES}."
                    + " Default: ${DEFAULT-VALUE}.")
    private KeyValueSharing sharing = KeyValueSharing.OPTIMISE;

    @Option(
            names = "--recompute",
            description =
                    "Hold the activations of one block at a time while steering and evaluate them again on the way"
                            + " back: far less memory, more time, the same clip. Default: no.")
    private boolean recompute;

    @Option(
            names = "--source",
            negatable = true,
            defaultValue = "true",
            description = "Also write the clip without guidance. Default: ${DEFAULT-VALUE}.")
    private boolean keepSource = true;

    @Option(
            names = "--clipped-frames",
            paramLabel = "K",
            description = "Frames, from the first, in which only the regions may change, at least 0. Default: all.")
    private Optional<Integer> clippedFrames = Optional.empty();

    @Option(
            names = "--region-clip",
            paramLabel = "WHICH",
            defaultValue = "OWN",
            description =
                    "What several regions may change in those frames: OWN, each itself, or UNION, as the release: each all"
                            + " of them. Default: ${DEFAULT-VALUE}.")
    private RegionClip regionClip = RegionClip.OWN;

    @Option(
            names = "--max-step-rms",
            paramLabel = "X",
            description = "Shorten updates to this size (root mean square), above 0. Default: no limit.")
    private Optional<Double> maxStepRms = Optional.empty();

    @Option(
            names = "--keep-partial",
            description =
                    "Go on without guidance after a gradient that is not finite, instead of failing. Default: no.")
    private boolean keepPartial;

    /**
     * Checked, for a tap and a run of so many steps.
     *
     * @param drag whether a point is dragged: its schedule spans the whole run
     */
    GuidanceOptions build(String tap, int steps, boolean drag) {
        double usual = stepKind == StepSize.RAW ? RAW_STRENGTH : NORMALISED_STRENGTH;
        GuidanceOptions.Builder builder = GuidanceOptions.builder()
                .tap(tap)
                .stepSize(stepKind, strength.orElse(usual))
                .repeats(repeats)
                .window(
                        firstStep.orElse(drag ? 0 : Math.min(3, steps - 1)),
                        endStep.orElse(drag ? steps : Math.min(12, steps)))
                .regionClip(regionClip)
                .sharing(sharing)
                .keepSource(keepSource)
                .keepPartial(keepPartial)
                .pass(recompute ? GuidanceOptions.Pass.RECOMPUTED : GuidanceOptions.Pass.TO_TAP);
        clippedFrames.ifPresent(builder::clippedFrames);
        maxStepRms.ifPresent(builder::maxStepRms);
        return builder.build();
    }
}
