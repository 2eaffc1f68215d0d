package dev.zoetrope.diffusion.training;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.zoetrope.data.CaptionedClips;
import dev.zoetrope.data.LabelCode;
import dev.zoetrope.data.Split;
import dev.zoetrope.data.Vocabulary;
import dev.zoetrope.diffusion.autoencoder.AutoencoderConfig;
import dev.zoetrope.diffusion.autoencoder.AutoencoderKL;
import dev.zoetrope.diffusion.scheduler.SampleSpace;
import dev.zoetrope.diffusion.scheduler.Scheduler;
import dev.zoetrope.diffusion.scheduler.Schedulers;
import dev.zoetrope.diffusion.text.ClipTextConfig;
import dev.zoetrope.diffusion.text.ClipTextEncoder;
import dev.zoetrope.diffusion.text.ClipTokenizer;
import dev.zoetrope.diffusion.text.ClipTokenizerTrainer;
import dev.zoetrope.diffusion.training.TextToVideoTrainingOptions.Start;
import dev.zoetrope.diffusion.unet.UNet;
import dev.zoetrope.diffusion.unet.UNetConfig;
import dev.zoetrope.tensor.JsonFiles;
import dev.zoetrope.tensor.WeightFiles;
import dev.zoetrope.tensor.WeightSource;
import dev.zoetrope.train.ProgressListener;
import dev.zoetrope.train.Trainer;
import dev.zoetrope.train.TrainingOptions;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trains a text-to-video model from scratch on made-to-order clips, in three stages: the autoencoder on single frames, the
 * text encoder on captions, the U-Net on encoded clips. Every stage resumes where it stopped; the finished model is a folder
 * in the published layout.
 */
public final class TextToVideoTraining {
    private static final Logger log = LoggerFactory.getLogger(TextToVideoTraining.class);

    private final TextToVideoTrainingOptions options;
    private final TextToVideoPreset preset;
    private final CaptionedClips clips;
    private final ProgressListener listener;

    TextToVideoTraining(TextToVideoTrainingOptions options, ProgressListener listener) {
        this.options = options;
        this.preset = TextToVideoPreset.named(options.preset());
        this.clips = CaptionedClips.create(preset.clips(), preset.grammar(), Split.TRAIN, options.seed());
        this.listener = listener;
    }

    /**
     * Runs or continues a training.
     *
     * @return the model folder
     */
    public static Path run(TextToVideoTrainingOptions options, ProgressListener listener) {
        return new TextToVideoTraining(options, listener).run();
    }

    private Path run() {
        try (AutoencoderKL autoencoder = autoencoder()) {
            log.info("encoding {} clips", options.clips());
            try (LatentCache cache = encode(autoencoder)) {
                if (options.shuffledCaptions()) {
                    cache.shuffleCaptions(options.seed());
                }
                return trainDenoiser(autoencoder, cache);
            }
        }
    }

    private LatentCache encode(AutoencoderKL autoencoder) {
        return options.start()
                .map(start -> LatentCache.encode(autoencoder, clips, options.clips(), scalingFactor(start.model())))
                .orElseGet(() -> LatentCache.encode(autoencoder, clips, options.clips()));
    }

    private static double scalingFactor(Path model) {
        return AutoencoderConfig.parse(JsonFiles.read(model.resolve("vae").resolve("config.json")))
                .scalingFactor();
    }

    /** The first stage: the autoencoder of the options, or a trained one; the caller closes it. */
    AutoencoderKL autoencoder() {
        AutoencoderConfig config = AutoencoderConfig.parse(preset.autoencoder());
        if (options.start().isPresent()) {
            Path model = options.start().get().model();
            log.info("stage 1 of 3: the autoencoder of {}", model);
            return AutoencoderKL.load(config, weights(model.resolve("vae")));
        }
        AutoencoderKL autoencoder = new AutoencoderKL(config);
        trainAutoencoder(autoencoder);
        return autoencoder;
    }

    private static WeightSource weights(Path folder) {
        return WeightFiles.openComponent(folder, "diffusion_pytorch_model", Optional.empty());
    }

    private void trainAutoencoder(AutoencoderKL autoencoder) {
        autoencoder.initialise(options.seed());
        AutoencoderObjective.quietPosterior(autoencoder);
        log.info("stage 1 of 3: autoencoder, {} parameters", autoencoder.parameterCount());
        Trainer.run(new AutoencoderObjective(autoencoder, clips), autoencoderOptions(), listener);
    }

    private Path trainDenoiser(AutoencoderKL autoencoder, LatentCache cache) {
        Path folder = options.output().resolve("model");
        ModelFolder writer = new ModelFolder(folder, preset);
        Scheduler scheduler = Schedulers.fromJson(preset.scheduler(), SampleSpace.LATENTS);
        try (ClipTokenizer tokenizer = ClipTokenizerTrainer.create(maxTokens())
                        .train(Vocabulary.words(preset.grammar()), folder.resolve("tokenizer"));
                ClipTextEncoder textEncoder = textEncoder(tokenizer, cache);
                UNet unet = new UNet(UNetConfig.parse(preset.unet()))) {
            start(unet);
            writer.writeConfigurations(textEncoder.config(), cache.scalingFactor());
            log.info("stage 3 of 3: U-Net, {} parameters", unet.parameterCount());
            ShowingOrder.Schedule schedule = options.showingOrder().over(options.denoiserSteps());
            DenoiserObjective.SampleSheet sheet = (samples, step) -> {
                writer.writeWeights(autoencoder, textEncoder, unet);
                SampleSheets.write(folder, preset, samples, step);
            };
            DenoiserObjective objective = new DenoiserObjective(
                    unet,
                    textEncoder,
                    tokenizer,
                    scheduler,
                    clips,
                    cache,
                    schedule,
                    options.motionCode(),
                    options.recompute(),
                    sheet);
            Trainer.run(objective, denoiserOptions(), listener);
            writer.writeWeights(autoencoder, textEncoder, unet);
            return folder;
        }
    }

    /** The second stage: the text encoder of the options, or a trained one; the caller closes it. */
    private ClipTextEncoder textEncoder(ClipTokenizer tokenizer, LatentCache cache) {
        ClipTextEncoder textEncoder = new ClipTextEncoder(textConfig(tokenizer));
        if (options.start().isPresent()) {
            Path model = options.start().get().model();
            log.info("stage 2 of 3: the text encoder of {}", model);
            try (WeightSource weights =
                    WeightFiles.openComponent(model.resolve("text_encoder"), "model", Optional.empty())) {
                textEncoder.load(weights);
            }
            return textEncoder;
        }
        textEncoder.initialise(options.seed() + 1);
        log.info("stage 2 of 3: text encoder, {} parameters", textEncoder.parameterCount());
        Trainer.run(captionObjective(textEncoder, tokenizer, cache), textEncoderOptions(), listener);
        return textEncoder;
    }

    private void start(UNet unet) {
        Optional<Path> trained = options.start().filter(Start::withUnet).map(Start::model);
        if (trained.isPresent()) {
            try (WeightSource weights = weights(trained.get().resolve("unet"))) {
                unet.load(weights);
            }
        } else {
            unet.initialise(options.seed() + 2);
        }
    }

    private CaptionObjective captionObjective(ClipTextEncoder textEncoder, ClipTokenizer tokenizer, LatentCache cache) {
        return new CaptionObjective(textEncoder, tokenizer, cache, new LabelCode(preset.grammar()), options.seed() + 3);
    }

    private int maxTokens() {
        return preset.textEncoder().path("max_position_embeddings").asInt();
    }

    private ClipTextConfig textConfig(ClipTokenizer tokenizer) {
        ObjectNode json = preset.textEncoder().deepCopy();
        json.put("vocab_size", tokenizer.vocabularySize());
        json.put("bos_token_id", tokenizer.bosId());
        json.put("eos_token_id", tokenizer.eosId());
        Path file = options.output().resolve("text_encoder.json");
        JsonFiles.write(file, json);
        return ClipTextConfig.read(file);
    }

    private TrainingOptions autoencoderOptions() {
        return TrainingOptions.builder(options.output().resolve("autoencoder"))
                .steps(options.autoencoderSteps())
                .batchSize(options.autoencoderBatch())
                .learningRate(1e-3)
                .warmupSteps(100)
                .finalLearningRateFraction(0.02)
                .emaDecay(0.995)
                .seed(options.seed())
                .sampleEvery(500)
                .checkpointEvery(500)
                .build();
    }

    private TrainingOptions textEncoderOptions() {
        return TrainingOptions.builder(options.output().resolve("text_encoder"))
                .steps(options.textEncoderSteps())
                .batchSize(64)
                .learningRate(1e-3)
                .warmupSteps(50)
                .finalLearningRateFraction(0.05)
                .emaDecay(0.98)
                .seed(options.seed())
                .checkpointEvery(500)
                .build();
    }

    private TrainingOptions denoiserOptions() {
        TrainingOptions.Builder builder = TrainingOptions.builder(
                        options.output().resolve("denoiser"))
                .steps(options.denoiserSteps())
                .batchSize(options.denoiserBatch())
                .learningRate(8e-4)
                .warmupSteps(200)
                .finalLearningRateFraction(0.05)
                .emaDecay(0.999)
                .seed(options.seed())
                .sampleEvery(1000)
                .checkpointEvery(500);
        options.timeLimit().ifPresent(builder::timeLimit);
        return builder.build();
    }
}
