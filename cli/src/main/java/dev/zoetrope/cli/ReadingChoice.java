package dev.zoetrope.cli;

import dev.zoetrope.moft.GuidanceOptions;
import dev.zoetrope.moft.ReadingOptions;
import java.util.Optional;
import java.util.OptionalInt;
import picocli.CommandLine.Option;

/** How a model reads the motion of a clip: the options the motion commands share. */
final class ReadingChoice {
    @Option(
            names = "--tap",
            paramLabel = "NAME",
            defaultValue = GuidanceOptions.DEFAULT_TAP,
            description = "Module whose output is read. Default: ${DEFAULT-VALUE}.")
    private String tap = GuidanceOptions.DEFAULT_TAP;

    @Option(
            names = "--reference-step",
            paramLabel = "N",
            defaultValue = "5",
            description =
                    "Step whose noise the clip gets before it is read, 0 to --steps - 1. Default: ${DEFAULT-VALUE}.")
    private int referenceStep = 5;

    @Option(
            names = "--reading-steps",
            paramLabel = "N",
            defaultValue = "25",
            description =
                    "Steps of the schedule that --reference-step counts in, at least 2. Default: ${DEFAULT-VALUE}.")
    private int steps = 25;

    @Option(
            names = "--reading-prompt",
            paramLabel = "TEXT",
            defaultValue = "",
            description = "Prompt while reading. Default: the empty text.")
    private String prompt = "";

    @Option(
            names = "--clip-frames",
            paramLabel = "N",
            description = "Frames that are read, at least 2. Default: the model's.")
    private Optional<Integer> frames = Optional.empty();

    @Option(
            names = "--frames-policy",
            paramLabel = "NAME",
            defaultValue = "EXACT",
            description = "For longer clips: EXACT refuses them, FIRST takes the first frames, SAMPLE spreads them."
                    + " Default: ${DEFAULT-VALUE}.")
    private ReadingOptions.FramesPolicy policy = ReadingOptions.FramesPolicy.EXACT;

    ReadingOptions build() {
        OptionalInt count = frames.map(OptionalInt::of).orElseGet(OptionalInt::empty);
        return new ReadingOptions(
                tap, referenceStep, steps, prompt, count, OptionalInt.empty(), OptionalInt.empty(), policy);
    }
}
