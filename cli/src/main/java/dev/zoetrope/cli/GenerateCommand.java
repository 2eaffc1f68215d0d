package dev.zoetrope.cli;

import dev.zoetrope.diffusion.model.TextToVideo;
import dev.zoetrope.diffusion.model.VideoModel;
import dev.zoetrope.tensor.ZoetropeException;
import dev.zoetrope.vidrd.LongVideoOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code zoetrope generate PROMPT...}. */
@Command(
        name = "generate",
        header = "Make videos from sentences.",
        description = {
            "One prompt makes one file; several prompts, or a file of them, make a folder with one",
            "file each. In a folder, clips that are already there with the same settings are not",
            "made again, so a run that was killed continues where it was.",
            "With --clips, --seconds, --extend, --loop or --at it makes one long video of clips that",
            "continue each other; its finished clips wait on disk, and a killed run continues.",
            "Every file carries its command, prompt, seed, model hash and version: zoetrope info."
        })
final class GenerateCommand implements Callable<Integer> {
    private static final Set<String> FORMATS = Set.of("mp4", "webm", "gif", "png", "webp");

    private final Shell shell;

    @Parameters(arity = "0..*", paramLabel = "PROMPT", description = "What to show, one clip each; quote it.")
    private List<String> prompts = new ArrayList<>();

    @Option(
            names = "--prompts",
            paramLabel = "FILE",
            description =
                    "Prompts, one a line (# begins a comment); a line may be JSON: {\"prompt\": ..., \"negative\": ...,"
                            + " \"seed\": ...}. Default: none.")
    private Optional<Path> promptFile = Optional.empty();

    @Option(
            names = {"-o", "--out"},
            paramLabel = "PATH",
            description = "File (.mp4, .webm, .gif, .png, .webp; the extension is the format), or a folder for several"
                    + " prompts. Default: out.mp4, or the folder out.")
    private Optional<Path> out = Optional.empty();

    @Option(
            names = "--format",
            paramLabel = "NAME",
            defaultValue = "mp4",
            description = "Format of the files in a folder: mp4, webm, gif, png or webp. Default: ${DEFAULT-VALUE}.")
    private String format = "mp4";

    @Option(
            names = "--negative",
            paramLabel = "TEXT",
            defaultValue = "",
            description = "What to steer away from. Default: the empty text.")
    private String negative = "";

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "0",
            description = "Of the first clip; the next ones have seed + 1, + 2, ... Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--batch-size",
            paramLabel = "N",
            defaultValue = "1",
            description = "Clips sampled together, 1 to 1024: the same clips, often faster, more memory."
                    + " Default: ${DEFAULT-VALUE}.")
    private int batchSize = 1;

    @Option(
            names = "--sheet",
            negatable = true,
            defaultValue = Option.NULL_VALUE,
            description = "Also write a contact sheet (PNG). Default: for several prompts.")
    private Optional<Boolean> sheet = Optional.empty();

    @Option(
            names = "--save-latents",
            description = "Keep the finished latents beside each clip (.latents.safetensors).")
    private boolean saveLatents;

    @Option(
            names = "--latents",
            paramLabel = "FILE",
            description =
                    "Start from this noise (safetensors, one tensor \"latents\" of variance 1) instead of the seed's."
                            + " One prompt only. Default: the seed's noise.")
    private Optional<Path> latents = Optional.empty();

    @Mixin
    private final LongVideoChoice longVideo = new LongVideoChoice();

    @Mixin
    private final SamplingOptions sampling = new SamplingOptions();

    @Mixin
    private final ModelChoice choice = new ModelChoice();

    GenerateCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() {
        List<PromptLine> wishes = wishes();
        boolean folder = wishes.size() > 1 || promptFile.isPresent();
        Path target = target(folder);
        Check.range("--batch-size", batchSize, 1, 1024);
        sampling.build(List.of(""), negative, seed); // ranges, before the model is looked for
        try (VideoModel model = choice.open()) {
            if (longVideo.isActive()) {
                makeLong(wishes, target, model);
                return 0;
            }
            List<ClipJob> jobs = jobs(wishes, target, folder, model);
            long[] shape = new TextToVideo(model)
                    .settings(sampling.build(List.of(""), negative, seed))
                    .latentShape(1);
            latents.ifPresent(file -> {
                Check.that(jobs.size() == 1, "--latents is for one prompt, got %d", jobs.size());
                LatentFile.check(file, shape);
            });
            return new ClipMaker(shell, model, sampling, new ClipMaker.Wishes(batchSize, folder, saveLatents, latents))
                    .make(jobs, sheet.orElse(folder) ? Optional.of(sheetFile(jobs, target, folder)) : Optional.empty());
        }
    }

    private void makeLong(List<PromptLine> wishes, Path target, VideoModel model) {
        Check.that(
                wishes.size() == 1 && promptFile.isEmpty(),
                "a long video has one prompt, got %d; change it on the way with --at",
                wishes.size());
        Check.that(latents.isEmpty() && !saveLatents, "--latents and --save-latents are for single clips");
        ClipJob job = jobs(wishes, target, false, model).get(0);
        LongVideoOptions options = longVideo.build(sampling.build(List.of(job.prompt()), job.negative(), job.seed()));
        Optional<Path> png = sheet.orElse(false) ? Optional.of(job.beside(".sheet.png")) : Optional.empty();
        new LongVideoMaker(shell, model).make(options, job, png);
    }

    private List<PromptLine> wishes() {
        List<PromptLine> wishes = new ArrayList<>();
        prompts.forEach(prompt -> wishes.add(PromptLine.of(prompt)));
        promptFile.ifPresent(file -> wishes.addAll(PromptLine.read(file)));
        Check.that(!wishes.isEmpty(), "a prompt is missing: zoetrope generate \"a red circle moves to the right\"");
        return wishes;
    }

    private Path target(boolean folder) {
        String wanted = format.toLowerCase(Locale.ROOT);
        Check.that(FORMATS.contains(wanted), "--format is \"%s\", expected one of mp4, webm, gif, png, webp", format);
        Path path = out.orElse(Path.of(folder ? "out" : "out.mp4"));
        if (folder) {
            Check.that(
                    !Files.exists(path) || Files.isDirectory(path),
                    "%s is a file; several prompts need a folder: -o DIR",
                    path);
            Check.that(
                    !FORMATS.contains(extension(path)),
                    "%s names one file; several prompts need a folder: -o DIR --format %s",
                    path,
                    extension(path));
        } else {
            Check.that(
                    !Files.isDirectory(path),
                    "%s is a folder; give a file name such as %s",
                    path,
                    path.resolve("clip.mp4"));
            Check.that(
                    FORMATS.contains(extension(path)),
                    "%s: no video format is known by this extension; use .mp4, .webm, .gif, .png or .webp",
                    path);
        }
        Path parent = path.toAbsolutePath().getParent();
        Check.that(parent != null && (!Files.exists(parent) || Files.isWritable(parent)), "%s cannot be written", path);
        return path;
    }

    private static String extension(Path path) {
        String name = String.valueOf(path.getFileName()).toLowerCase(Locale.ROOT);
        return name.substring(name.lastIndexOf('.') + 1);
    }

    private List<ClipJob> jobs(List<PromptLine> wishes, Path target, boolean folder, VideoModel model) {
        Map<String, String> shared = new LinkedHashMap<>(sampling.describe());
        shared.put("model", String.valueOf(choice.folder().getFileName()));
        shared.put("model_sha256", model.hash());
        if (latents.isPresent()) {
            shared.put("latents", String.valueOf(latents.get().getFileName()));
        }
        int digits = Math.max(3, String.valueOf(wishes.size() - 1).length());
        List<ClipJob> jobs = new ArrayList<>();
        Set<Path> targets = new HashSet<>();
        for (int i = 0; i < wishes.size(); i++) {
            PromptLine wish = wishes.get(i);
            String name = String.format(Locale.ROOT, "%0" + digits + "d-%s.", i, Texts.slug(wish.prompt(), 60));
            Path file = folder ? target.resolve(name + format.toLowerCase(Locale.ROOT)) : target;
            long own = wish.seed().orElse(seed + i);
            String avoid = wish.negative().orElse(negative);
            Map<String, String> provenance = new LinkedHashMap<>(shared);
            provenance.put("prompt", wish.prompt());
            provenance.put("negative_prompt", avoid);
            provenance.put("seed", String.valueOf(own));
            if (!targets.add(file)) {
                throw ZoetropeException.badInput("two prompts would be written to %s", file);
            }
            jobs.add(new ClipJob(wish.prompt(), avoid, own, file, provenance));
        }
        return jobs;
    }

    private static Path sheetFile(List<ClipJob> jobs, Path target, boolean folder) {
        return folder ? target.resolve("sheet.png") : jobs.get(0).beside(".sheet.png");
    }
}
