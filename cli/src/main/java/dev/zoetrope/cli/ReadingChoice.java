package dev.zoetrope.cli;

import dev.zoetrope.moft.GuidanceOptions;
import dev.zoetrope.moft.MotionProfile;
import dev.zoetrope.moft.ProfileInfo;
import dev.zoetrope.moft.ReadingOptions;
import java.util.Optional;
import java.util.OptionalInt;
import picocli.CommandLine.Option;

/** How a model reads the motion of a clip: the options the motion commands share. */
final class ReadingChoice {
    @Option(
            names = "--tap",
            paramLabel = "NAME",
            description = "Module whose output is read. Default: that of the profile, if there is one, else "
                    + GuidanceOptions.DEFAULT_TAP + ".")
    private Optional<String> tap = Optional.empty();

    @Option(
            names = "--reference-step",
            paramLabel = "N",
            description =
                    "Step whose noise the clip gets before it is read, 0 to --reading-steps - 1. Default: that of the"
                            + " profile, if there is one, else 5.")
    private Optional<Integer> referenceStep = Optional.empty();

    @Option(
            names = "--reading-steps",
            paramLabel = "N",
            description =
                    "Steps of the schedule that --reference-step counts in, at least 2. Default: those of the profile,"
                            + " if there is one, else 25.")
    private Optional<Integer> steps = Optional.empty();

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

    /** Whether nothing is said of tap, step and schedule: they are then those of a profile. */
    boolean isUsual() {
        return tap.isEmpty() && referenceStep.isEmpty() && steps.isEmpty();
    }

    /** @param profile whose features are compared: what is not given is read as it was */
    ReadingOptions build(Optional<MotionProfile> profile) {
        ReadingOptions usual = ReadingOptions.DEFAULTS;
        Optional<ProfileInfo> read = profile.map(MotionProfile::info);
        return new ReadingOptions(
                tap.or(() -> read.map(ProfileInfo::tap)).orElse(usual.tap()),
                referenceStep.or(() -> read.map(ProfileInfo::referenceStep)).orElse(usual.referenceStep()),
                steps.or(() -> read.map(ProfileInfo::steps)).orElse(usual.steps()),
                prompt,
                frames.map(OptionalInt::of).orElseGet(OptionalInt::empty),
                OptionalInt.empty(),
                OptionalInt.empty(),
                policy);
    }
}
