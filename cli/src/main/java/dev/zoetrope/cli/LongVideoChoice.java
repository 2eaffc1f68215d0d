package dev.zoetrope.cli;

import dev.zoetrope.diffusion.model.TextToVideoOptions;
import dev.zoetrope.vidrd.GuidanceIndexing;
import dev.zoetrope.vidrd.Join;
import dev.zoetrope.vidrd.LongVideoOptions;
import dev.zoetrope.vidrd.NoisePrior;
import dev.zoetrope.vidrd.PromptSchedule;
import dev.zoetrope.vidrd.ReuseOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The options of {@code generate} that make one long video of clips that continue each other. */
final class LongVideoChoice {
    /** Reads {@code progressive:0.5} or {@code mixed:1}. */
    static final class PriorConverter implements ITypeConverter<NoisePrior> {
        @Override
        public NoisePrior convert(String value) {
            String[] parts = value.split(":", -1);
            try {
                if (parts.length == 2) {
                    NoisePrior.Kind kind = NoisePrior.Kind.valueOf(parts[0].toUpperCase(Locale.ROOT));
                    return new NoisePrior(kind, Double.parseDouble(parts[1]));
                }
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(
                        "\"" + value + "\" is no noise prior; expected progressive:A or mixed:A with A of at least 0");
            }
            throw new TypeConversionException(
                    "\"" + value + "\" is no noise prior; expected progressive:A or mixed:A, such as mixed:1");
        }
    }

    @Option(
            names = "--clips",
            paramLabel = "N",
            description =
                    "Make one long video of N clips that continue each other (VidRD), 1 to 100000. Default: none.")
    private Optional<Integer> clips = Optional.empty();

    @Option(
            names = "--seconds",
            paramLabel = "S",
            description = "Make one long video of S seconds, above 0 to 1000000, of as many clips as it needs."
                    + " Default: none.")
    private Optional<Double> seconds = Optional.empty();

    @Option(
            names = "--extend",
            paramLabel = "FILE",
            description =
                    "Continue this video: its last frames are inverted (DDIM) and new clips follow. Default: none.")
    private Optional<Path> extend = Optional.empty();

    @Option(names = "--loop", description = "End a long video at its first frame, so that it repeats without a seam.")
    private boolean loop;

    @Option(
            names = "--continuity",
            paramLabel = "NAME",
            defaultValue = "seamless",
            description = "What a clip takes over from the one before: seamless, smooth, balanced or fresh."
                    + " Default: ${DEFAULT-VALUE}.")
    private String continuity = "seamless";

    @Option(
            names = "--prompt-frames",
            paramLabel = "M",
            description = "Frames of a clip that are guided by the one before, 0 to the frames of a clip."
                    + " Default: that of --continuity (4).")
    private Optional<Integer> promptFrames = Optional.empty();

    @Option(
            names = "--alpha",
            paramLabel = "A",
            description =
                    "Weight of the old noise in the other frames, 0 (fresh) or more; Infinity only reverses the old"
                            + " noise. Default: that of --continuity.")
    private Optional<Double> alpha = Optional.empty();

    @Option(
            names = "--beta",
            paramLabel = "B",
            description =
                    "Share of the steps in which the first frame is guided, 0 to 1. Default: that of --continuity.")
    private Optional<Double> beta = Optional.empty();

    @Option(
            names = "--indexing",
            paramLabel = "NAME",
            defaultValue = "RELEASED",
            description = "What guidance copies: RELEASED (a step's input) or PAPER (its output)."
                    + " Default: ${DEFAULT-VALUE}.")
    private GuidanceIndexing indexing = GuidanceIndexing.RELEASED;

    @Option(
            names = "--noise-prior",
            paramLabel = "KIND:A",
            converter = PriorConverter.class,
            description = "Correlate the first noise over frames: progressive:A or mixed:A, A at least 0."
                    + " Default: independent.")
    private Optional<NoisePrior> prior = Optional.empty();

    @Option(
            names = "--join",
            paramLabel = "KIND[:K]",
            defaultValue = "concat",
            description = "How clips are joined: concat, drop:K (leave out the first K frames of each extension) or"
                    + " crossfade:K. Default: ${DEFAULT-VALUE}.")
    private String join = "concat";

    @Option(
            names = "--at",
            paramLabel = "CLIP:TEXT",
            description = "The prompt from this clip on, counted from 0, such as \"2: a blue square moves up\". May be"
                    + " given several times. Default: one prompt for all.")
    private List<String> schedule = new ArrayList<>();

    @Option(
            names = "--frame-by-frame",
            description = "Decode each frame alone, also with a temporal decoder, as the released VidRD pipeline does.")
    private boolean frameByFrame;

    @Option(names = "--keep-clips", description = "Keep the finished clips of a long video beside it.")
    private boolean keepClips;

    /** Whether a long video is asked for. */
    boolean isActive() {
        return clips.isPresent() || seconds.isPresent() || extend.isPresent() || loop || !schedule.isEmpty();
    }

    /** Checked options for clips like this one. */
    LongVideoOptions build(TextToVideoOptions clip) {
        ReuseOptions preset = ReuseOptions.preset(continuity);
        ReuseOptions reuse = new ReuseOptions(
                promptFrames.orElse(preset.promptFrames()),
                alpha.orElse(preset.alpha()),
                beta.orElse(preset.beta()),
                indexing,
                false);
        PromptSchedule prompts = PromptSchedule.of(clip.prompts().get(0));
        for (String line : schedule) {
            prompts = prompts.with(line);
        }
        LongVideoOptions.Builder builder = LongVideoOptions.of(clip)
                .reuse(reuse)
                .prompts(prompts)
                .join(Join.parse(join))
                .loop(loop)
                .temporalDecode(!frameByFrame)
                .keepClips(keepClips);
        clips.ifPresent(builder::clips);
        seconds.ifPresent(builder::seconds);
        extend.ifPresent(builder::extend);
        prior.ifPresent(builder::prior);
        return builder.build();
    }
}
