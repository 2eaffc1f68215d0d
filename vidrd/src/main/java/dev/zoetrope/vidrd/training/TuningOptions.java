package dev.zoetrope.vidrd.training;

import dev.zoetrope.tensor.ZoetropeException;
import dev.zoetrope.train.TrainingOptions;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How to train layers of a model folder, on clips in the model's size.
 *
 * @param model folder of a text-to-video model: its autoencoder, text encoder, tokenizer and scheduler are used
 * @param output folder of the run; the finished model is in {@code model} below it
 * @param steps of the temporal layers, 1 to 10,000,000
 * @param batch clips a step, 1 to 1024
 * @param frames of a clip, 2 to 64
 * @param seed of new weights, clips and noise
 * @param recompute evaluate every stage of the U-Net twice, for the memory of one stage
 * @param data a set that {@code zoetrope data compose} made; empty, the default, for clips made to order from the tiny grammar
 */
public record TuningOptions(
        Path model, Path output, long steps, int batch, int frames, long seed, boolean recompute, Optional<Path> data) {
    /** @throws ZoetropeException BAD_INPUT naming the option that cannot be */
    public TuningOptions {
        require("steps", steps, 1, 10_000_000);
        require("batch", batch, 1, 1024);
        require("frames", frames, 2, 64);
    }

    /** On clips made to order. */
    public TuningOptions(Path model, Path output, long steps, int batch, int frames, long seed, boolean recompute) {
        this(model, output, steps, batch, frames, seed, recompute, Optional.empty());
    }

    private static void require(String name, long value, long low, long high) {
        if (value < low || value > high) {
            throw ZoetropeException.badInput("%s: %d, expected %d to %d", name, value, low, high);
        }
    }

    /** The tiny preset of the U-Net: 2000 steps of 4 clips of 8 frames. */
    public static TuningOptions tinyUnet(Path model, Path output) {
        return new TuningOptions(model, output, 2000, 4, 8, 0, false);
    }

    /** The tiny preset of the decoder: 800 steps of 2 clips of 8 frames. */
    public static TuningOptions tinyDecoder(Path model, Path output) {
        return new TuningOptions(model, output, 800, 2, 8, 0, false);
    }

    /** The same with recomputation, or without it. */
    public TuningOptions withRecompute(boolean on) {
        return new TuningOptions(model, output, steps, batch, frames, seed, on, data);
    }

    /** The same on a composed set. */
    public TuningOptions withData(Path set) {
        return new TuningOptions(model, output, steps, batch, frames, seed, recompute, Optional.of(set));
    }

    TrainingOptions training(String stage, long count, double learningRate) {
        return TrainingOptions.builder(output.resolve(stage))
                .steps(count)
                .batchSize(batch)
                .learningRate(learningRate)
                .warmupSteps(Math.min(50, count / 4))
                .finalLearningRateFraction(0.1)
                .emaDecay(0.98)
                .seed(seed)
                .sampleEvery(0)
                .checkpointEvery(Math.max(1, Math.min(500, count)))
                .build();
    }
}
