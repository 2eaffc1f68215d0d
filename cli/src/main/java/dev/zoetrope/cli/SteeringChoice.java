package dev.zoetrope.cli;

import dev.zoetrope.moft.GuidanceOptions;
import dev.zoetrope.moft.KeyValueSharing;
import java.util.Optional;
import picocli.CommandLine.Option;

/** How the latents are steered: the options of control beside what is to move. */
final class SteeringChoice {
    @Option(
            names = "--strength",
            paramLabel = "X",
            defaultValue = "0.03",
            description =
                    "Size (root mean square) of one update of the latents, at least 0. Default: ${DEFAULT-VALUE}.")
    private double strength = 0.03;

    @Option(
            names = "--repeats",
            paramLabel = "N",
            defaultValue = "2",
            description = "Updates at each guided step, 1 to 100. Default: ${DEFAULT-VALUE}.")
    private int repeats = 2;

    @Option(
            names = "--first-step",
            paramLabel = "N",
            defaultValue = "3",
            description = "First guided step, from 0. Default: ${DEFAULT-VALUE}.")
    private int firstStep = 3;

    @Option(
            names = "--end-step",
            paramLabel = "N",
            defaultValue = "12",
            description = "Step after the last guided one, at most --steps. Default: ${DEFAULT-VALUE}.")
    private int endStep = 12;

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
            names = "--max-step-rms",
            paramLabel = "X",
            description = "Shorten updates to this size (root mean square), above 0. Default: no limit.")
    private Optional<Double> maxStepRms = Optional.empty();

    @Option(
            names = "--keep-partial",
            description =
                    "Go on without guidance after a gradient that is not finite, instead of failing. Default: no.")
    private boolean keepPartial;

    GuidanceOptions build(String tap) {
        GuidanceOptions.Builder builder = GuidanceOptions.builder()
                .tap(tap)
                .stepSize(GuidanceOptions.StepSize.NORMALISED, strength)
                .repeats(repeats)
                .window(firstStep, endStep)
                .sharing(sharing)
                .keepSource(keepSource)
                .keepPartial(keepPartial)
                .pass(recompute ? GuidanceOptions.Pass.RECOMPUTED : GuidanceOptions.Pass.TO_TAP);
        clippedFrames.ifPresent(builder::clippedFrames);
        maxStepRms.ifPresent(builder::maxStepRms);
        return builder.build();
    }
}
