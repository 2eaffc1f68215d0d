package dev.zoetrope.moft.experiment;

import dev.zoetrope.diffusion.denoiser.DenoiserOutput;
import dev.zoetrope.diffusion.denoiser.DenoiserRequest;
import dev.zoetrope.diffusion.scheduler.NoiseSchedule;
import dev.zoetrope.diffusion.scheduler.PredictionType;
import dev.zoetrope.diffusion.training.MotionCode;
import dev.zoetrope.moft.experiment.Textures.Sample;
import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.train.Objective;
import dev.zoetrope.train.StepContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * The denoising loss of fixture P, and with the velocity term that plants a direction code of fixture M (sheet section 4):
 * {@code L = L_eps + 0.3 mean(w_t |W CCR(up1) - (disp - mean disp)/6|^2) / mean(w_t)}, w_t = sqrt(abar_t) below t = 800.
 */
final class FixtureObjective implements Objective {
    static final String TAP = "up_blocks.1";

    private static final double DROPOUT = 0.12;
    private static final double WEIGHT = 0.3;
    private static final int LAST_SUPERVISED = 800;
    private static final float SCALE = 6;
    private static final int GRID = Textures.SIZE / 2;

    private final TinyNet net;
    private final NoiseSchedule schedule;
    private final boolean planted;

    FixtureObjective(TinyNet net, NoiseSchedule schedule, boolean planted) {
        this.net = net;
        this.schedule = schedule;
        this.planted = planted;
    }

    @Override
    public Map<String, Layer> modules() {
        return net.modules(planted);
    }

    @Override
    public Tensor loss(StepContext step) {
        int batch = step.batchSize();
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < batch; i++) {
            samples.add(Textures.random(step.generator()));
        }
        int[] timesteps = Arrays.stream(Tensors.toLongs(step.generator().integers(0, schedule.size(), batch)))
                .mapToInt(Math::toIntExact)
                .toArray();
        long[] words = Textures.words(samples);
        float[] dropped = Tensors.toFloats(step.generator().uniform(batch));
        for (int i = 0; i < batch; i++) {
            if (dropped[i] < DROPOUT) {
                Arrays.fill(words, 2 * i, 2 * i + 2, TinyNet.NULL_WORD);
            }
        }
        Tensor clean = Textures.latents(samples);
        Tensor noise = step.generator().normal(Tensors.shape(clean));
        Tensor noisy = schedule.addNoise(clean, noise, timesteps);
        Tensor target = schedule.target(PredictionType.EPSILON, clean, noise, timesteps);
        DenoiserOutput output =
                net.unet.forward(noisy, floats(timesteps), net.words.forward(words), DenoiserRequest.tapping(TAP));
        Tensor loss = Ops.meanSquare(output.prediction(), target);
        if (!planted) {
            return loss;
        }
        step.log("denoising", loss);
        Tensor extra = velocityLoss(output.tap(TAP), samples, timesteps);
        step.log("velocity", extra);
        return loss.add(Ops.mul(extra, WEIGHT));
    }

    private Tensor velocityLoss(Tensor tap, List<Sample> samples, int[] timesteps) {
        int batch = samples.size();
        Tensor perClip = MotionCode.squaredError(net.velocity, tap, displacements(samples))
                .flatten(1, -1)
                .mean(new long[] {1}, false, new org.bytedeco.pytorch.ScalarTypeOptional()); // [B]
        float[] weights = new float[batch];
        float sum = 0;
        for (int i = 0; i < batch; i++) {
            weights[i] = timesteps[i] < LAST_SUPERVISED ? (float) Math.sqrt(schedule.alphaBar(timesteps[i])) : 0;
            sum += weights[i];
        }
        Tensor weighted = perClip.mul(Tensors.of(weights, batch));
        return Ops.mul(weighted.sum(), 2 / Math.max(sum, 1e-3));
    }

    /**
     * Displacements over 6 px of what is seen at every place of the feature grid, [B,F,8,8,2]. */
    static Tensor displacements(List<Sample> samples) {
        int perFrame = GRID * GRID * 2;
        float[] values = new float[samples.size() * Textures.FRAMES * perFrame];
        int at = 0;
        for (Sample sample : samples) {
            for (int f = 0; f < Textures.FRAMES; f++) {
                for (int place = 0; place < GRID * GRID; place++) {
                    boolean object = sample.isObject(f, 2 * (place / GRID) + 1, 2 * (place % GRID) + 1);
                    Textures.Path path = object ? sample.motion() : sample.background();
                    values[at++] = path.dx()[f] / SCALE;
                    values[at++] = path.dy()[f] / SCALE;
                }
            }
        }
        return Tensors.of(values, samples.size(), Textures.FRAMES, GRID, GRID, 2);
    }

    private static Tensor floats(int[] values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = values[i];
        }
        return Tensors.of(floats, values.length);
    }
}
