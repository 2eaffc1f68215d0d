package dev.zoetrope.vidrd.training;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.zoetrope.data.ClipSource;
import dev.zoetrope.diffusion.autoencoder.AutoencoderConfig;
import dev.zoetrope.diffusion.autoencoder.AutoencoderKL;
import dev.zoetrope.diffusion.config.ConfigRecords;
import dev.zoetrope.diffusion.model.VideoModel;
import dev.zoetrope.train.ProgressListener;
import dev.zoetrope.train.Trainer;
import dev.zoetrope.vidrd.model.TemporalLayout;
import java.nio.file.Path;

/** Gives the decoder of a model temporal layers and trains them alone. */
public final class DecoderTuning {
    private static final int DISCRIMINATOR_CHANNELS = 64;

    private DecoderTuning() {}

    /**
     * Runs or continues a training.
     *
     * @return the model folder
     */
    public static Path run(TuningOptions options, DecoderObjective.Options objective, ProgressListener listener) {
        try (VideoModel model = VideoModel.open(options.model());
                AutoencoderKL tuned = train(options, objective, model, listener)) {
            TunedModel result = new TunedModel(options.model(), options.output().resolve("model"));
            result.write("vae", json(options, model), tuned);
            return result.finish("vae");
        }
    }

    /** The model's autoencoder with trained temporal layers; the caller closes it. */
    public static AutoencoderKL train(
            TuningOptions options, DecoderObjective.Options objective, VideoModel model, ProgressListener listener) {
        ClipSource<?> clips = TuningClips.open(model, options).source();
        AutoencoderKL tuned = new AutoencoderKL(AutoencoderConfig.parse(json(options, model)));
        Inflation.inflate(model.autoencoder(), tuned, options.seed());
        try (PatchDiscriminator discriminator = new PatchDiscriminator(DISCRIMINATOR_CHANNELS)) {
            discriminator.initialise(options.seed() + 1);
            Trainer.run(
                    new DecoderObjective(tuned, clips, discriminator, objective),
                    options.training("decoder", options.steps(), 1e-3),
                    listener);
        }
        return tuned;
    }

    private static ObjectNode json(TuningOptions options, VideoModel model) {
        ObjectNode plain =
                ConfigRecords.readObject(options.model().resolve("vae").resolve("config.json"));
        return new TemporalLayout(model.autoencoderConfig().normGroups(), true, true).autoencoder(plain);
    }
}
