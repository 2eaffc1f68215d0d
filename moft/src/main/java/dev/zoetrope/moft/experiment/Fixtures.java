package dev.zoetrope.moft.experiment;

import dev.zoetrope.diffusion.scheduler.NoiseSchedule;
import dev.zoetrope.diffusion.scheduler.SampleSpace;
import dev.zoetrope.diffusion.scheduler.Schedulers;
import dev.zoetrope.train.ProgressListener;
import dev.zoetrope.train.Trainer;
import dev.zoetrope.train.TrainingOptions;
import java.nio.file.Path;

/**
 * The trained networks of the experiments. Fixture P learns to denoise moving textures and nothing else; fixture M goes on
 * from there with the velocity term. Trained on first use, within half an hour of one core for all; a run that was stopped
 * continues.
 */
public final class Fixtures {
    /** Steps of fixture P: denoising is learned well, so that what is steered stays a clip. */
    private static final int PLAIN_STEPS = 4000;
    /** Steps of fixture M after those of fixture P, as many as the sheet's. */
    private static final int PLANTED_STEPS = 925;

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
        train(net, kind, false);
        return net;
    }

    /** Fixture M. */
    TinyNet planted(TinyNet.Kind kind) {
        TinyNet net = plain(kind);
        train(net, kind, true);
        return net;
    }

    /** Afterwards the network has the averaged weights; a training that is complete is only read. */
    private void train(TinyNet net, TinyNet.Kind kind, boolean planted) {
        TrainingOptions options = TrainingOptions.builder(folder.resolve(kind.folder() + (planted ? "-m" : "-p")))
                .steps(planted ? PLANTED_STEPS : PLAIN_STEPS)
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
