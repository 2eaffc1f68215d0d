package dev.zoetrope.cli;

import dev.zoetrope.diffusion.model.VideoModel;
import dev.zoetrope.train.ProgressListener;
import dev.zoetrope.vidrd.training.DecoderObjective;
import dev.zoetrope.vidrd.training.DecoderTuning;
import dev.zoetrope.vidrd.training.TuningOptions;
import dev.zoetrope.vidrd.training.UNetTuning;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What {@code train vidrd} and {@code train vidrd-decoder} share. */
abstract class TrainVidRDCommand implements Callable<Integer> {
    private final Shell shell;

    @Option(
            names = {"-o", "--out"},
            paramLabel = "DIR",
            required = true,
            description = "Folder of the run; one that is there is continued. The model is in DIR/model. Required.")
    private Path out = Path.of("");

    @Option(
            names = "--steps",
            paramLabel = "N",
            description = "Optimizer steps, 1 to 10000000. Default: the tiny preset's (U-Net 2000, decoder 800).")
    private Optional<Long> steps = Optional.empty();

    @Option(
            names = "--batch-size",
            paramLabel = "N",
            description = "Clips a step, 1 to 1024. Default: the tiny preset's (U-Net 4, decoder 2).")
    private Optional<Integer> batch = Optional.empty();

    @Option(
            names = "--frames",
            paramLabel = "N",
            description = "Frames of a clip, 2 to 64. Default: the tiny preset's (8).")
    private Optional<Integer> frames = Optional.empty();

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "0",
            description = "Of new weights, clips and noise. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Set to train on, made by data compose in the model's size with at least --frames frames."
                    + " Default: clips made to order.")
    private Optional<Path> data = Optional.empty();

    @Mixin
    private final ModelChoice model = new ModelChoice();

    TrainVidRDCommand(Shell shell) {
        this.shell = shell;
    }

    abstract TuningOptions preset(Path folder, Path output);

    abstract Path train(TuningOptions options, ProgressListener listener);

    @Override
    public Integer call() {
        TuningOptions preset = preset(model.folder(), out);
        TuningOptions options = new TuningOptions(
                preset.model(),
                out,
                steps.orElse(preset.steps()),
                batch.orElse(preset.batch()),
                frames.orElse(preset.frames()),
                seed,
                preset.recompute(),
                data);
        try (VideoModel opened = model.open()) {
            shell.startEngine(opened.unetConfig());
        }
        try (ConsoleProgress bar = new ConsoleProgress(shell, "training", options.steps())) {
            Path folder = train(
                    options,
                    progress -> bar.stepTo(
                            progress.step(),
                            progress.timeLeft(),
                            String.format(Locale.ROOT, "loss %.4f", progress.loss())));
            shell.out().println(folder);
        }
        return 0;
    }

    /** {@code zoetrope train vidrd}. */
    @Command(
            name = "vidrd",
            header = "Give an image U-Net temporal layers and train them (VidRD).",
            description = {
                "The model's 2-D layers are taken over; temporal layers and attention learn, the ResNets",
                "stay as they are. Writes checkpoints and continues from them."
            })
    static final class OfUNet extends TrainVidRDCommand {
        @Option(
                names = "--recompute",
                description =
                        "Evaluate every stage of the U-Net twice: the memory of one stage, for a third more time. Default: off.")
        private boolean recompute;

        OfUNet(Shell shell) {
            super(shell);
        }

        @Override
        TuningOptions preset(Path folder, Path output) {
            return TuningOptions.tinyUnet(folder, output).withRecompute(recompute);
        }

        @Override
        Path train(TuningOptions options, ProgressListener listener) {
            return UNetTuning.run(options, listener);
        }
    }

    /** {@code zoetrope train vidrd-decoder}. */
    @Command(
            name = "vidrd-decoder",
            header = "Give an autoencoder's decoder temporal layers and train them (VidRD).",
            description = "The encoder stays as it is. Writes checkpoints and continues from them.")
    static final class OfDecoder extends TrainVidRDCommand {
        @Option(
                names = "--latent-noise",
                paramLabel = "STD",
                defaultValue = "0.3",
                description = "Noise added to the scaled latents, which the decoder learns to remove, at least 0."
                        + " Default: ${DEFAULT-VALUE}.")
        private double latentNoise = 0.3;

        @Option(
                names = "--discriminator-start",
                paramLabel = "STEP",
                description = "Step from which a patch discriminator counts, at least 0. Default: never.")
        private Optional<Long> discriminatorStart = Optional.empty();

        OfDecoder(Shell shell) {
            super(shell);
        }

        @Override
        TuningOptions preset(Path folder, Path output) {
            return TuningOptions.tinyDecoder(folder, output);
        }

        @Override
        Path train(TuningOptions options, ProgressListener listener) {
            OptionalLong start = discriminatorStart.map(OptionalLong::of).orElseGet(OptionalLong::empty);
            return DecoderTuning.run(options, new DecoderObjective.Options(latentNoise, start), listener);
        }
    }
}
