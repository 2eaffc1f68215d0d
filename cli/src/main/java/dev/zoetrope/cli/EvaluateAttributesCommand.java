package dev.zoetrope.cli;

import dev.zoetrope.data.AttributeDetector;
import dev.zoetrope.data.AttributeScores;
import dev.zoetrope.data.CaptionedClip;
import dev.zoetrope.data.CaptionedClips;
import dev.zoetrope.data.ClipSpec;
import dev.zoetrope.data.Grammar;
import dev.zoetrope.data.HeldOutPrompts;
import dev.zoetrope.data.Labels;
import dev.zoetrope.data.Labels.Part;
import dev.zoetrope.data.Split;
import dev.zoetrope.diffusion.model.TextToVideo;
import dev.zoetrope.diffusion.model.TextToVideoOptions;
import dev.zoetrope.diffusion.model.TextToVideoSettings;
import dev.zoetrope.diffusion.model.VideoModel;
import dev.zoetrope.diffusion.sampling.StepHook;
import dev.zoetrope.diffusion.sampling.StepState;
import dev.zoetrope.media.ContactSheet;
import dev.zoetrope.media.Frame;
import dev.zoetrope.tensor.AtomicFiles;
import dev.zoetrope.tensor.JsonFiles;
import dev.zoetrope.tensor.Scope;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.bytedeco.pytorch.Tensor;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code zoetrope evaluate attributes}. */
@Command(
        name = "attributes",
        header = "Does the model show what the caption says?",
        description = {
            "Generates clips for captions whose combination of shape, colour and direction was never",
            "trained, and reads colour, shape, direction and background back with closed-form",
            "detectors. Two controls stand beside the score: the same detections against permuted",
            "captions (should be chance), and the detectors on rendered clips (should be near 1).",
            "Writes attributes.md, attributes.json and attributes.png."
        })
final class EvaluateAttributesCommand implements Callable<Integer> {
    private static final int PERMUTATIONS = 20;
    private static final int SHEET_ROWS = 24;

    private final Shell shell;

    @Option(
            names = {"-n", "--prompts"},
            paramLabel = "N",
            defaultValue = "128",
            description = "Captions, 1 to 100000. Default: ${DEFAULT-VALUE}.")
    private int count = 128;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "0",
            description = "Of captions, noise and permutations. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--batch-size",
            paramLabel = "N",
            defaultValue = "8",
            description = "Clips sampled together, 1 to 1024. Default: ${DEFAULT-VALUE}.")
    private int batchSize = 8;

    @Option(
            names = {"-o", "--out"},
            paramLabel = "DIR",
            defaultValue = "docs/results",
            description = "Where the results are written. Default: ${DEFAULT-VALUE}.")
    private Path out = Path.of("docs/results");

    @Mixin
    private final SamplingOptions sampling = new SamplingOptions();

    @Mixin
    private final ModelChoice choice = new ModelChoice();

    EvaluateAttributesCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() {
        Check.range("--prompts", count, 1, 100_000);
        Check.range("--batch-size", batchSize, 1, 1024);
        sampling.build(List.of(""), "", seed);
        try (VideoModel model = choice.open()) {
            TextToVideo pipeline = new TextToVideo(model);
            TextToVideoSettings settings = pipeline.settings(sampling.build(List.of(""), "", seed));
            shell.startEngine(model.unetConfig());
            List<HeldOutPrompts.Prompt> prompts = HeldOutPrompts.balanced(count, seed);
            AttributeDetector detector = AttributeDetector.create(Grammar.tiny());
            List<Labels> seen = new ArrayList<>();
            List<ContactSheet.Row> rows = new ArrayList<>();
            CancelHook.run(
                    shell, "nothing was written", cancel -> generate(pipeline, prompts, detector, seen, rows, cancel));
            AttributeScores scores = AttributeScores.of(
                    prompts.stream().map(HeldOutPrompts.Prompt::labels).toList(), seen);
            report(scores, rendered(detector, settings), rows, model.hash());
        }
        return 0;
    }

    private void generate(
            TextToVideo pipeline,
            List<HeldOutPrompts.Prompt> prompts,
            AttributeDetector detector,
            List<Labels> seen,
            List<ContactSheet.Row> rows,
            CancelHook cancel) {
        int batches = (count + batchSize - 1) / batchSize;
        try (ConsoleProgress progress = new ConsoleProgress(shell, "sampling", batches * sampling.totalSteps())) {
            for (int from = 0; from < count; from += batchSize) {
                List<HeldOutPrompts.Prompt> some = prompts.subList(from, Math.min(count, from + batchSize));
                long before = from / batchSize * sampling.totalSteps();
                for (List<Frame> frames : clips(pipeline, some, seed + from, before, progress, cancel)) {
                    Labels labels = detector.detect(frames).labels();
                    String caption = prompts.get(seen.size()).caption();
                    if (rows.size() < SHEET_ROWS) {
                        rows.add(ClipSheets.row(caption + "  |  seen: " + words(labels), frames));
                    }
                    seen.add(labels);
                }
            }
        }
    }

    private List<List<Frame>> clips(
            TextToVideo pipeline,
            List<HeldOutPrompts.Prompt> prompts,
            long firstSeed,
            long before,
            ConsoleProgress progress,
            CancelHook cancel) {
        TextToVideoOptions options = sampling.build(
                prompts.stream().map(HeldOutPrompts.Prompt::caption).toList(), "", firstSeed);
        long[] done = {before};
        StepHook hook = new StepHook() {
            @Override
            public void afterStep(StepState state) {
                progress.stepTo(++done[0]);
            }
        };
        List<List<Frame>> clips = new ArrayList<>();
        try (Scope scope = Scope.noGrad()) {
            Tensor latents = pipeline.generate(options, cancel, hook);
            for (int i = 0; i < prompts.size(); i++) {
                List<Frame> frames = new ArrayList<>();
                pipeline.decode(latents, i, options, frames::add);
                clips.add(frames);
            }
        }
        return clips;
    }

    /** The same detectors on clips of the same grammar and size that were rendered and not generated. */
    private AttributeScores rendered(AttributeDetector detector, TextToVideoSettings settings) {
        ClipSpec spec = ClipSpec.of(settings.width(), settings.height(), settings.frames(), sampling.fps());
        CaptionedClips clips = CaptionedClips.create(spec, Grammar.tiny(), Split.HELD_OUT, seed);
        List<Labels> expected = new ArrayList<>();
        List<Labels> seen = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            CaptionedClip clip = clips.clip(i);
            expected.add(Labels.of(clip.scene().attributes()));
            seen.add(detector.detect(clip.pictures()).labels());
        }
        return AttributeScores.of(expected, seen);
    }

    private void report(AttributeScores scores, AttributeScores rendered, List<ContactSheet.Row> rows, String hash) {
        StringBuilder table = new StringBuilder();
        Map<String, Object> json = new LinkedHashMap<>();
        table.append(String.format(
                Locale.ROOT,
                "| %-10s | %8s | %17s | %6s | %14s |%n",
                "",
                "accuracy",
                "captions permuted",
                "chance",
                "rendered clips"));
        table.append(String.format("|------------|---------:|------------------:|-------:|---------------:|%n"));
        for (Part part : Part.values()) {
            String name = part.name().toLowerCase(Locale.ROOT);
            double permuted = permuted(scores, part);
            table.append(String.format(
                    Locale.ROOT,
                    "| %-10s | %8.3f | %17.3f | %6.3f | %14.3f |%n",
                    name,
                    scores.accuracy(part),
                    permuted,
                    scores.chance(part),
                    rendered.accuracy(part)));
            json.put(
                    name,
                    Map.of(
                            "accuracy", scores.accuracy(part),
                            "permuted", permuted,
                            "chance", scores.chance(part),
                            "rendered", rendered.accuracy(part),
                            "confusion", scores.confusion(part)));
        }
        table.append(String.format(
                Locale.ROOT,
                "| %-10s | %8.3f | %17s | %6s | %14.3f |%n",
                "all right",
                scores.allRight(),
                "",
                "",
                rendered.allRight()));
        shell.out().print(table);
        json.put("n", scores.size());
        json.put("all", scores.allRight());
        json.put("command", shell.command());
        json.put("model_sha256", hash);
        JsonFiles.write(out.resolve("attributes.json"), json);
        ClipSheets.write(out.resolve("attributes.png"), rows, Map.of("command", shell.command(), "model_sha256", hash));
        AtomicFiles.writeString(out.resolve("attributes.md"), page(scores.size(), table.toString(), hash));
        shell.out().println(out.resolve("attributes.md"));
    }

    private double permuted(AttributeScores scores, Part part) {
        double sum = 0;
        for (int i = 0; i < PERMUTATIONS; i++) {
            sum += scores.permuted(seed + i).accuracy(part);
        }
        return sum / PERMUTATIONS;
    }

    private String page(int size, String table, String hash) {
        return """
                # Attributes: does the model show what the caption says?

                %d captions whose combination of shape, colour and direction was never trained; colour, shape, direction
                and background are read back from the generated frames with closed-form detectors. Controls: the same
                detections against permuted captions (mean of %d permutations), and the detectors on rendered clips of the
                same grammar.

                %s
                Made by `%s`, model sha256 `%s`, zoetrope %s.

                ![the first clips, eight frames each](attributes.png)
                """.formatted(size, PERMUTATIONS, table, shell.command(), hash, Version.text());
    }

    private static String words(Labels labels) {
        return labels.colour() + " " + labels.shape() + ", " + labels.motion() + ", " + labels.background();
    }
}
