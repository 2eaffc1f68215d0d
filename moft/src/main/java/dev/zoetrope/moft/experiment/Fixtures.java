package dev.zoetrope.moft.experiment;

import dev.zoetrope.diffusion.scheduler.NoiseSchedule;
import dev.zoetrope.diffusion.scheduler.SampleSpace;
import dev.zoetrope.diffusion.scheduler.Schedulers;
import dev.zoetrope.train.ProgressListener;
import dev.zoetrope.train.Trainer;
import dev.zoetrope.train.TrainingOptions;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The trained networks of the experiments. Fixture P learns to denoise moving textures and nothing else; fixture M goes on
 * from there with the velocity term. Trained on first use, about half an hour of one core each pair; a run that was
 * stopped continues.
 */
public final class Fixtures {
    private static final int PLAIN_STEPS = 1500;
    private static final int PLANTED_STEPS = 1000;
    private static final int BATCH = 8;
    private static final double LEARNING_RATE = 1e-3;

    private final Path folder;
    private final ProgressListener listener;

    /**
     * @param folder where the networks are kept between runs
     * @param listener told after every training step
     */
    public Fixtures(Path folder, ProgressListener listener) {
        this.folder = folder;
        this.listener = listener;
    }

    static NoiseSchedule schedule() {
        return Schedulers.fromJson(TinyNet.schedulerJson(), SampleSpace.LATENTS).noiseSchedule();
    }

    /** Fixture P. */
    TinyNet plain(TinyNet.Kind kind) {
        TinyNet net = new TinyNet(kind);
        net.initialise(1);
        Path weights = folder.resolve(name(kind) + "-p");
        if (!finished(weights)) {
            train(net, weights, false, PLAIN_STEPS);
        }
        net.load(weights.resolve("weights"));
        return net;
    }

    /** Fixture M. */
    TinyNet planted(TinyNet.Kind kind) {
        Path weights = folder.resolve(name(kind) + "-m");
        if (!finished(weights)) {
            TinyNet net = plain(kind);
            train(net, weights, true, PLANTED_STEPS);
            net.close();
        }
        TinyNet net = new TinyNet(kind);
        net.initialise(1);
        net.load(weights.resolve("weights"));
        return net;
    }

    /** Trains what is missing. */
    public void prepare() {
        for (TinyNet.Kind kind : TinyNet.Kind.values()) {
            planted(kind).close();
        }
    }

    private static String name(TinyNet.Kind kind) {
        return kind == TinyNet.Kind.MOTION_MODULES ? "motion" : "temporal";
    }

    private static boolean finished(Path run) {
        return Files.exists(run.resolve("weights/unet.safetensors"));
    }

    private void train(TinyNet net, Path run, boolean planted, int steps) {
        TrainingOptions options = TrainingOptions.builder(run)
                .steps(steps)
                .batchSize(BATCH)
                .learningRate(LEARNING_RATE)
                .warmupSteps(100)
                .finalLearningRateFraction(0.05)
                .weightDecay(0.01)
                .gradientClip(1)
                .emaDecay(0.99)
                .seed(planted ? 2 : 1)
                .sampleEvery(0)
                .checkpointEvery(250)
                .build();
        Trainer.run(new FixtureObjective(net, schedule(), planted), options, listener);
    }
}
