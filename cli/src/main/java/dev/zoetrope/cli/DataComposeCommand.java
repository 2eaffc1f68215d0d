package dev.zoetrope.cli;

import dev.zoetrope.data.ClipSpec;
import dev.zoetrope.data.compose.Captioner;
import dev.zoetrope.data.compose.Composer;
import dev.zoetrope.data.compose.Composition;
import dev.zoetrope.data.compose.CompositionOptions;
import dev.zoetrope.data.compose.HttpCaptioner;
import dev.zoetrope.data.compose.LabelTemplate;
import dev.zoetrope.data.compose.ManifestEntry;
import dev.zoetrope.data.compose.ProcessCaptioner;
import dev.zoetrope.data.compose.PseudoVideo;
import dev.zoetrope.data.compose.ShotSegmenter;
import dev.zoetrope.data.compose.SourceKind;
import dev.zoetrope.media.ContactSheet;
import dev.zoetrope.media.VideoReader;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** {@code zoetrope data compose}. */
@Command(
        name = "compose",
        header = "Make a training set of clips with captions from your own videos and pictures.",
        description = {
            "Takes the files of each folder and of the folders in it; their names are labels.",
            "Captions are text files of the same name or lines of metadata.jsonl. What has",
            "none is captioned by its label, by a program or by a server. Writes clips,",
            "metadata.jsonl and sheet.png. The same command continues a stopped run."
        })
final class DataComposeCommand implements Callable<Integer> {
    private static final int SHEET_ROWS = 4;
    private static final int MOST_SHOWN = 10;

    private final Shell shell;

    /** Reads {@code stills=2}. */
    record Weight(SourceKind kind, double value) {}

    static final class WeightConverter implements ITypeConverter<Weight> {
        @Override
        public Weight convert(String text) {
            for (SourceKind kind : SourceKind.values()) {
                if (text.startsWith(kind.word() + "=")) {
                    try {
                        return new Weight(
                                kind,
                                Double.parseDouble(text.substring(kind.word().length() + 1)));
                    } catch (NumberFormatException e) {
                        throw new TypeConversionException("'" + text + "': no number behind the =");
                    }
                }
            }
            throw new TypeConversionException(
                    "'" + text + "' is no weight; expected KIND=NUMBER with captioned, labelled, long or stills");
        }
    }

    @Option(names = "--captioned", paramLabel = "DIR", description = "Videos with captions. Default: none.")
    private Optional<Path> captioned = Optional.empty();

    @Option(
            names = "--labelled",
            paramLabel = "DIR",
            description = "Short videos in folders named after what they show. Default: none.")
    private Optional<Path> labelled = Optional.empty();

    @Option(names = "--long", paramLabel = "DIR", description = "Long videos, which are cut into shots. Default: none.")
    private Optional<Path> longVideos = Optional.empty();

    @Option(
            names = "--stills",
            paramLabel = "DIR",
            description = "Pictures, which a moving window makes videos of. Default: none.")
    private Optional<Path> stills = Optional.empty();

    @Option(
            names = {"-o", "--out"},
            paramLabel = "DIR",
            required = true,
            description = "New folder of the set; it appears when the set is whole. Required.")
    private Path out = Path.of("");

    @Option(
            names = "--size",
            paramLabel = "WxH",
            defaultValue = "64x64",
            converter = SamplingOptions.SizeConverter.class,
            description = "Size of the clips, 16 to 2048 pixels a side. Default: ${DEFAULT-VALUE}.")
    private SamplingOptions.Size size = new SamplingOptions.Size(64, 64);

    @Option(
            names = "--frames",
            paramLabel = "N",
            defaultValue = "16",
            description = "Frames of a clip, 1 to 4096. Default: ${DEFAULT-VALUE}.")
    private int frames = 16;

    @Option(
            names = "--fps",
            paramLabel = "RATE",
            defaultValue = "8",
            description = "Frames a second at which videos are read, above 0 up to 240. Default: ${DEFAULT-VALUE}.")
    private double fps = 8;

    @Option(
            names = "--clips",
            paramLabel = "N",
            defaultValue = "0",
            description = "Clips in all, 1 to 1000000; 0 is one a picture, video or shot. Default: ${DEFAULT-VALUE}.")
    private int clips;

    @Option(
            names = "--weights",
            paramLabel = "KIND=X",
            split = ",",
            converter = WeightConverter.class,
            description = "Shares of the kinds, such as captioned=2,stills=1, from 0. Default: as many as there are.")
    private List<Weight> weights = List.of();

    @Option(
            names = "--moves",
            paramLabel = "MOVE",
            split = ",",
            defaultValue = "zoom,pan,both",
            description = "What windows over stills do, equally often: ${COMPLETION-CANDIDATES}."
                    + " Default: ${DEFAULT-VALUE}.")
    private List<PseudoVideo.Move> moves = List.of(PseudoVideo.Move.values());

    @Option(names = "--ease", description = "Windows over stills start and stop gently.")
    private boolean ease;

    @Option(
            names = "--cut-deviations",
            paramLabel = "X",
            defaultValue = "3",
            description = "A long video is cut where the difference of frames is this many standard deviations above"
                    + " the mean, above 0. Default: ${DEFAULT-VALUE}.")
    private double cutDeviations = 3;

    @Option(
            names = "--shortest-shot",
            paramLabel = "SECONDS",
            defaultValue = "2",
            description = "Shorter shots are dropped, from 0. Default: ${DEFAULT-VALUE}.")
    private double shortestShot = 2;

    @Option(
            names = "--template",
            paramLabel = "TEXT",
            defaultValue = "a video of {label}",
            description = "Caption of what only has a label. Default: ${DEFAULT-VALUE}.")
    private String template = "a video of {label}";

    @Option(
            names = "--caption-command",
            paramLabel = "COMMAND",
            description = "Program that captions: gets the label on standard input and a clip's path as last argument,"
                    + " prints a caption. Words are split at spaces, no shell is used. Default: none.")
    private Optional<String> captionCommand = Optional.empty();

    @Option(
            names = "--caption-url",
            paramLabel = "URL",
            description = "Server that captions: gets {\"name\", \"hint\", \"data\" (base64)} by POST, answers"
                    + " {\"caption\"}. Clips are sent there. Default: none.")
    private Optional<URI> captionUrl = Optional.empty();

    @Option(
            names = "--caption-seconds",
            paramLabel = "SECONDS",
            defaultValue = "60",
            description = "Time limit for one caption, 0.1 to 86400. Default: ${DEFAULT-VALUE}.")
    private double captionSeconds = 60;

    @Option(
            names = "--most-skipped",
            paramLabel = "SHARE",
            defaultValue = "0.1",
            description = "Share of files, and of clips, that may fail, 0 to 1. Default: ${DEFAULT-VALUE}.")
    private double mostSkipped = 0.1;

    @Option(
            names = "--format",
            paramLabel = "NAME",
            defaultValue = "png",
            description = "Format of the clips: png (animated, without loss), mp4, webm, webp or gif."
                    + " Default: ${DEFAULT-VALUE}.")
    private String format = "png";

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "0",
            description = "Of windows, moves and order. Default: ${DEFAULT-VALUE}.")
    private long seed;

    DataComposeCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() {
        CompositionOptions options = options();
        NewFolder.check(out);
        PartsJob.run(
                shell,
                "finished clips are in " + NewFolder.continued(out) + ", and the same command makes the others",
                job -> NewFolder.writeContinued(out, folder -> make(options, folder, job)),
                this::report);
        return 0;
    }

    private Composition make(CompositionOptions options, Path folder, PartsJob job) {
        Composition made = Composer.run(options, folder, job::progress);
        sheet(folder, made);
        return made;
    }

    private CompositionOptions options() {
        CompositionOptions.Builder builder = CompositionOptions.of(
                        ClipSpec.of(size.width(), size.height(), frames, fps))
                .clips(clips)
                .moves(moves)
                .ease(ease)
                .segmenter(new ShotSegmenter(cutDeviations, shortestShot))
                .captioner(captioner())
                .mostSkipped(mostSkipped)
                .format(format)
                .seed(seed);
        add(builder, SourceKind.CAPTIONED, captioned);
        add(builder, SourceKind.LABELLED, labelled);
        add(builder, SourceKind.LONG, longVideos);
        add(builder, SourceKind.STILLS, stills);
        weights.forEach(weight -> builder.weight(weight.kind(), weight.value()));
        return builder.build();
    }

    private static void add(CompositionOptions.Builder builder, SourceKind kind, Optional<Path> folder) {
        folder.ifPresent(path -> builder.folder(kind, Check.folder(kind.word(), path)));
    }

    private Captioner captioner() {
        Check.that(
                captionCommand.isEmpty() || captionUrl.isEmpty(),
                "--caption-command and --caption-url: give one of them, not both");
        Check.range("--caption-seconds", captionSeconds, 0.1, 86_400);
        Duration limit = Duration.ofMillis(Math.round(1000 * captionSeconds));
        if (captionCommand.isPresent()) {
            return new ProcessCaptioner(List.of(captionCommand.get().strip().split("\\s+")), limit);
        }
        return captionUrl
                .<Captioner>map(url -> new HttpCaptioner(url, limit))
                .orElseGet(() -> new LabelTemplate(template));
    }

    /** The first clips of each kind, as they were written. */
    private void sheet(Path folder, Composition composition) {
        Map<SourceKind, Integer> counts = new EnumMap<>(SourceKind.class);
        List<ManifestEntry> chosen = new ArrayList<>(composition.entries());
        chosen.removeIf(entry -> counts.merge(entry.kind(), 1, Integer::sum) > SHEET_ROWS);
        chosen.sort((a, b) -> a.kind().compareTo(b.kind()));
        List<ContactSheet.Row> rows = chosen.stream()
                .map(entry -> ClipSheets.row(
                        entry.kind().word() + ": " + entry.caption(),
                        VideoReader.readAll(folder.resolve(entry.file()), frames)))
                .toList();
        ClipSheets.write(
                folder.resolve("sheet.png"), rows, Map.of("command", shell.command(), "zoetrope", Version.text()));
    }

    private void report(Composition composition) {
        List<String> skipped = composition.skipped();
        if (!skipped.isEmpty()) {
            shell.err().printf("%d skipped:%n", skipped.size());
            skipped.stream().limit(MOST_SHOWN).forEach(reason -> shell.err().println("  " + reason));
            if (skipped.size() > MOST_SHOWN) {
                shell.err().printf("  and %d more%n", skipped.size() - MOST_SHOWN);
            }
        }
        Map<SourceKind, Long> counts = composition.entries().stream()
                .collect(Collectors.groupingBy(
                        ManifestEntry::kind, () -> new EnumMap<>(SourceKind.class), Collectors.counting()));
        shell.out()
                .println(composition.entries().size() + " clips of " + composition.sources() + " sources: "
                        + counts.entrySet().stream()
                                .map(count -> count.getKey().word() + " " + count.getValue())
                                .collect(Collectors.joining(", ")));
        shell.out().println(out);
    }
}
