package dev.zoetrope.cli;

import dev.zoetrope.diffusion.training.MotionCode;
import dev.zoetrope.diffusion.training.ShowingOrder;
import dev.zoetrope.diffusion.training.TextToVideoPreset;
import dev.zoetrope.diffusion.training.TextToVideoTraining;
import dev.zoetrope.diffusion.training.TextToVideoTrainingOptions;
import dev.zoetrope.diffusion.training.TextToVideoTrainingOptions.Start;
import dev.zoetrope.diffusion.unet.UNetConfig;
import dev.zoetrope.tensor.ZoetropeException;
import dev.zoetrope.train.Progress;
import dev.zoetrope.train.ProgressListener;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code zoetrope train text-to-video}. */
@Command(
        name = "text-to-video",
        header = "Train autoencoder, text encoder and video U-Net on made-to-order captioned clips.",
        description = {
            "Three stages: the autoencoder on single frames, the text encoder on captions, the U-Net",
            "on encoded clips. All write checkpoints and continue from them; Ctrl-C ends after the",
            "current step with a checkpoint. The finished model is a folder in the published",
            "layout: OUT/model. Logs: OUT/*/log.jsonl, tensorboard/, loss.png and sample sheets."
        })
final class TrainTextToVideoCommand implements Callable<Integer> {
    private final Shell shell;

    @Option(
            names = "--preset",
            paramLabel = "NAME",
            defaultValue = "tiny",
            description = "What to train: tiny (16 frames of 64x64). Default: ${DEFAULT-VALUE}.")
    private String preset = "tiny";

    @Option(
            names = {"-o", "--out"},
            paramLabel = "DIR",
            required = true,
            description = "Folder of the run; one that is there is continued.")
    private Path out = Path.of("");

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Of weights, clips and noise. Default: the preset's (tiny: 0).")
    private Optional<Long> seed = Optional.empty();

    @Option(
            names = "--from",
            paramLabel = "DIR",
            description =
                    "A model folder of this preset to start from: its autoencoder and text encoder are taken as they"
                            + " are, its U-Net learns on. Default: start from nothing.")
    private Optional<Path> from = Optional.empty();

    @Option(
            names = "--new-unet",
            description = "With --from: take autoencoder and text encoder only; the U-Net is new. Default: off.")
    private boolean newUnet;

    @Option(
            names = "--shuffle-captions",
            description = "A control: give every clip the caption of another one. Default: off.")
    private boolean shuffleCaptions;

    @Option(
            names = "--order",
            paramLabel = "NAME",
            description =
                    "In which order the U-Net sees the clips: ${COMPLETION-CANDIDATES}. STILLS_FIRST shows single frames"
                            + " first, ONE_WAY_FIRST objects that go right or down, MIXED everything at once and at less"
                            + " noise. Default: ONE_WAY_FIRST for a U-Net that learns on, else STILLS_FIRST.")
    private Optional<ShowingOrder> order = Optional.empty();

    @Option(
            names = "--autoencoder-steps",
            paramLabel = "N",
            description = "Steps of the first stage, 1 to 10000000. Default: the preset's.")
    private Optional<Long> autoencoderSteps = Optional.empty();

    @Option(
            names = "--text-encoder-steps",
            paramLabel = "N",
            description = "Steps of the second stage, 1 to 10000000. Default: the preset's.")
    private Optional<Long> textEncoderSteps = Optional.empty();

    @Option(
            names = "--steps",
            paramLabel = "N",
            description = "Steps of the third stage, 1 to 10000000. Default: the preset's.")
    private Optional<Long> steps = Optional.empty();

    @Option(
            names = "--batch-size",
            paramLabel = "N",
            description = "Clips a step of the third stage, 1 to 1024. Default: the preset's.")
    private Optional<Integer> batchSize = Optional.empty();

    @Option(
            names = "--clips",
            paramLabel = "N",
            description = "Clips to learn from, 1 to 1000000. Default: the preset's.")
    private Optional<Integer> clips = Optional.empty();

    @Option(
            names = "--motion-code",
            paramLabel = "WEIGHT",
            description =
                    "Weight of a second loss that plants a direction code: how far things have come must be read from the"
                            + " last block's features, by which MOFT reads and steers the model; 0 (none) to 10."
                            + " Default: 0.")
    private double motionCode;

    @Option(
            names = "--unsaid-motion",
            paramLabel = "SHARE",
            description = "Share of captions that leave the motion out, 0 to 1. Default: 0.")
    private double unsaidMotion;

    @Option(
            names = "--recompute",
            description =
                    "Evaluate every stage of the U-Net twice: the memory of one stage, for a third more time. Default:"
                            + " off.")
    private boolean recompute;

    @Option(
            names = "--minutes",
            paramLabel = "N",
            description = "Time limit of the third stage, above 0; it then ends with what it has. Default: none.")
    private Optional<Double> minutes = Optional.empty();

    TrainTextToVideoCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() {
        UNetConfig unet = UNetConfig.parse(TextToVideoPreset.named(preset).unet());
        TextToVideoTrainingOptions options = options();
        shell.startEngine(unet);
        try (Stages progress = new Stages()) {
            Path model = TextToVideoTraining.run(options, progress);
            shell.out().println(model);
        }
        return 0;
    }

    private TextToVideoTrainingOptions options() {
        if (newUnet && from.isEmpty()) {
            throw ZoetropeException.badInput("--new-unet is only of use with --from DIR; leave it away");
        }
        minutes.ifPresent(value -> Check.range("--minutes", value, 0.01, 100_000));
        TextToVideoTrainingOptions defaults = TextToVideoTrainingOptions.tiny(out);
        return new TextToVideoTrainingOptions(
                preset,
                out,
                seed.orElse(defaults.seed()),
                from.map(model -> new Start(model, !newUnet)),
                order,
                shuffleCaptions,
                autoencoderSteps.orElse(defaults.autoencoderSteps()),
                defaults.autoencoderBatch(),
                textEncoderSteps.orElse(defaults.textEncoderSteps()),
                steps.orElse(defaults.denoiserSteps()),
                batchSize.orElse(defaults.denoiserBatch()),
                clips.orElse(defaults.clips()),
                new MotionCode(motionCode, unsaidMotion),
                recompute,
                minutes.map(value -> Duration.ofMillis(Math.round(value * 60_000))));
    }

    /** A bar for each stage: a step that is not after the last one begins the next stage. */
    private final class Stages implements ProgressListener, AutoCloseable {
        private @Nullable ConsoleProgress bar;
        private long last = Long.MAX_VALUE;
        private int stage;

        @Override
        public void progress(Progress progress) {
            ConsoleProgress current = bar;
            if (current == null || progress.step() <= last) {
                close();
                stage++;
                current = new ConsoleProgress(shell, "training, stage " + stage, progress.total());
                bar = current;
            }
            last = progress.step();
            current.stepTo(
                    progress.step(), progress.timeLeft(), String.format(Locale.ROOT, "loss %.4f", progress.loss()));
        }

        @Override
        public void close() {
            if (bar != null) {
                bar.close();
            }
        }
    }
}
