package dev.zoetrope.cli;

import dev.zoetrope.data.VideoPrompts;
import dev.zoetrope.diffusion.model.ClipFrameEmbedder;
import dev.zoetrope.media.VideoFiles;
import dev.zoetrope.metrics.network.Lpips;
import dev.zoetrope.metrics.video.ComparisonFiles;
import dev.zoetrope.metrics.video.Embeddings;
import dev.zoetrope.metrics.video.Measure;
import dev.zoetrope.metrics.video.VideoSetComparison;
import dev.zoetrope.metrics.video.VideoSetOptions;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** {@code zoetrope evaluate videos}. */
@Command(
        name = "videos",
        header = "Compare a folder of videos with a folder of real or reference ones.",
        description = {
            "Writes a table, CSV, JSON and a plot. Measures of published networks need their weights as",
            "a file; those without weights have names of their own. One video is in memory at a time."
        })
final class EvaluateVideosCommand implements Callable<Integer> {
    private final Shell shell;

    /** Names of the measures, for the help. */
    static final class Measures implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Arrays.stream(Measure.values()).map(Measure::label).iterator();
        }
    }

    /** Reads {@code ms-ssim}. */
    static final class MeasureConverter implements ITypeConverter<Measure> {
        @Override
        public Measure convert(String value) {
            return Arrays.stream(Measure.values())
                    .filter(measure -> measure.label()
                            .equals(value.toLowerCase(Locale.ROOT).replace('_', '-')))
                    .findFirst()
                    .orElseThrow(() -> new TypeConversionException("\"" + value + "\" is no measure"));
        }
    }

    @Parameters(
            index = "0",
            paramLabel = "REAL",
            description = "Folder of real, or reference, videos, or a file that --save-stats wrote.")
    private Path real = Path.of("");

    @Parameters(index = "1", paramLabel = "FAKE", description = "Folder of generated, or coded, videos.")
    private Path fake = Path.of("");

    @Option(
            names = "--measures",
            paramLabel = "NAME",
            split = ",",
            converter = MeasureConverter.class,
            completionCandidates = Measures.class,
            defaultValue = "proxy,flicker,motion",
            description = "What to compute: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    private List<Measure> measures = List.of();

    @Option(
            names = {"-o", "--out"},
            paramLabel = "DIR",
            defaultValue = "evaluation",
            description = "Folder of the results. Default: ${DEFAULT-VALUE}.")
    private Path out = Path.of("evaluation");

    @Option(
            names = "--window",
            paramLabel = "N",
            defaultValue = "16",
            description = "Frames taken from each video, 2 to 1024. Default: ${DEFAULT-VALUE}.")
    private int frames = 16;

    @Option(
            names = "--stride",
            paramLabel = "N",
            defaultValue = "1",
            description = "Every how manieth frame, 1 to 64. Default: ${DEFAULT-VALUE}.")
    private int stride = 1;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "2048",
            description = "Most videos of each folder, 2 to 1000000. Default: ${DEFAULT-VALUE}.")
    private int limit = 2048;

    @Option(
            names = "--side",
            paramLabel = "PIXELS",
            defaultValue = "0",
            description = "Side that videos are cropped and resized to, 16 to 2048; 0 keeps their size, which must then"
                    + " be the same. Default: ${DEFAULT-VALUE}.")
    private int side;

    @Option(
            names = "--splits",
            paramLabel = "N",
            defaultValue = "1",
            description = "Splits of the inception score, 1 to 1000. Default: ${DEFAULT-VALUE}.")
    private int splits = 1;

    @Option(
            names = "--bootstrap",
            paramLabel = "N",
            defaultValue = "0",
            description = "Re-samples of the videos for a 95 percent interval of each value, 100 to 100000; 0 for no"
                    + " intervals. Needs 10 videos, and keeps the features of all. Default: ${DEFAULT-VALUE}.")
    private int bootstrap;

    @Option(
            names = "--save-stats",
            paramLabel = "FILE",
            description =
                    "Save statistics of the real videos, .safetensors: given as REAL, they spare reading the videos"
                            + " again. Default: none.")
    private Optional<Path> saveStatistics = Optional.empty();

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "0",
            description = "Of the windows, the random features and the re-samples. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(names = "--i3d", paramLabel = "FILE", description = "I3D weights, for fvd. Default: none.")
    private Optional<Path> i3d = Optional.empty();

    @Option(
            names = "--inception",
            paramLabel = "FILE",
            description = "Inception weights, for fid and kid. Default: none.")
    private Optional<Path> inception = Optional.empty();

    @Option(names = "--c3d", paramLabel = "FILE", description = "C3D weights, for is. Default: none.")
    private Optional<Path> c3d = Optional.empty();

    @Option(
            names = "--lpips-net",
            paramLabel = "NAME",
            defaultValue = "ALEX",
            description = "Trunk of lpips: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    private Lpips.Net lpipsNet = Lpips.Net.ALEX;

    @Option(
            names = "--lpips-trunk",
            paramLabel = "FILE",
            description = "Weights of the trunk, for lpips. Default: none.")
    private Optional<Path> lpipsTrunk = Optional.empty();

    @Option(
            names = "--lpips-heads",
            paramLabel = "FILE",
            description = "Weights of the linear heads, for lpips. Default: none.")
    private Optional<Path> lpipsHeads = Optional.empty();

    @Option(
            names = "--clip",
            paramLabel = "DIR",
            description = "Folder of a CLIP model, for clip-*: config.json, model.safetensors, tokenizer files."
                    + " Prompts are captions in FAKE/metadata.jsonl or .txt, else the files' own. Default: none.")
    private Optional<Path> clip = Optional.empty();

    @Option(
            names = "--truncate-prompts",
            description = "Cut prompts that CLIP cannot read whole. Default: they are refused.")
    private boolean truncatePrompts;

    EvaluateVideosCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() {
        Set<Measure> chosen = EnumSet.noneOf(Measure.class);
        chosen.addAll(measures);
        VideoSetOptions options = new VideoSetOptions(
                real,
                fake,
                chosen,
                frames,
                stride,
                limit,
                side,
                splits,
                bootstrap,
                seed,
                saveStatistics,
                i3d,
                inception,
                c3d,
                lpipsTrunk,
                lpipsHeads,
                lpipsNet);
        Optional<Measure> embedding = chosen.stream().filter(Measure::embeds).findFirst();
        if (embedding.isEmpty()) {
            shell.startEngine();
            evaluate(listener -> VideoSetComparison.run(options, listener));
            return 0;
        }
        try (ClipFrameEmbedder model =
                ClipFrameEmbedder.open(clip.orElseThrow(embedding.get()::unavailable), truncatePrompts)) {
            Embeddings embeddings = new Embeddings(model, prompts(chosen));
            shell.startEngine();
            model.load();
            evaluate(listener -> VideoSetComparison.run(options, embeddings, listener));
        }
        return 0;
    }

    private Map<Path, String> prompts(Set<Measure> chosen) {
        if (chosen.stream().noneMatch(Measure::prompted)) {
            return Map.of();
        }
        List<Path> files = VideoFiles.in(fake);
        return VideoPrompts.of(fake, files.subList(0, Math.min(limit, files.size())));
    }

    private void evaluate(Function<VideoSetComparison.Listener, VideoSetComparison.Outcome> comparison) {
        CancelHook.run(shell, "nothing was written", cancel -> {
            try (Videos progress = new Videos()) {
                report(comparison.apply((done, total) -> {
                    cancel.check();
                    progress.stepTo(done, total);
                }));
            }
        });
    }

    private void report(VideoSetComparison.Outcome outcome) {
        shell.out().print(ComparisonFiles.table(outcome));
        ComparisonFiles.write(outcome, out);
        shell.out().println(out);
        saveStatistics.ifPresent(shell.out()::println);
    }

    /** A bar that begins when the number of videos is known. */
    private final class Videos implements AutoCloseable {
        private Optional<ConsoleProgress> bar = Optional.empty();

        void stepTo(int done, int total) {
            ConsoleProgress current = bar.orElseGet(() -> new ConsoleProgress(shell, "videos", total));
            bar = Optional.of(current);
            current.stepTo(done);
        }

        @Override
        public void close() {
            bar.ifPresent(ConsoleProgress::close);
        }
    }
}
