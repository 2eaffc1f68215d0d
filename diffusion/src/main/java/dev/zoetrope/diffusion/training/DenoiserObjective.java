package dev.zoetrope.diffusion.training;

import dev.zoetrope.diffusion.denoiser.Conditioning;
import dev.zoetrope.diffusion.scheduler.NoiseSchedule;
import dev.zoetrope.diffusion.scheduler.Scheduler;
import dev.zoetrope.diffusion.text.ClipTextEncoder;
import dev.zoetrope.diffusion.text.ClipTokenizer;
import dev.zoetrope.diffusion.unet.UNet;
import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.train.Objective;
import dev.zoetrope.train.StepContext;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * Denoising loss of a latent video diffusion model: mean squared error on the target that the scheduler's prediction type
 * names, t uniform, one for all frames of a clip, the caption dropped with probability 0.1 (sheet 2.2). The text encoder
 * learns with the U-Net.
 */
final class DenoiserObjective implements Objective {
    private static final double CAPTION_DROPOUT = 0.1;

    private final UNet unet;
    private final ClipTextEncoder textEncoder;
    private final ClipTokenizer tokenizer;
    private final Scheduler scheduler;
    private final LatentCache cache;
    private final SampleSheet sheet;

    /** Draws samples with the current weights; see {@link TextToVideoTraining}. */
    @FunctionalInterface
    interface SampleSheet {
        void write(Path folder, long step);
    }

    DenoiserObjective(
            UNet unet,
            ClipTextEncoder textEncoder,
            ClipTokenizer tokenizer,
            Scheduler scheduler,
            LatentCache cache,
            SampleSheet sheet) {
        this.unet = unet;
        this.textEncoder = textEncoder;
        this.tokenizer = tokenizer;
        this.scheduler = scheduler;
        this.cache = cache;
        this.sheet = sheet;
    }

    @Override
    public Map<String, Layer> modules() {
        return Map.of("unet", unet, "text_encoder", textEncoder);
    }

    @Override
    public Tensor loss(StepContext step) {
        int batch = step.batchSize();
        NoiseSchedule noiseSchedule = scheduler.noiseSchedule();
        long[] clips = Tensors.toLongs(step.generator().integers(0, cache.size(), batch));
        int[] timesteps = toInts(step.generator().integers(0, noiseSchedule.size(), batch));
        float[] dropped = Tensors.toFloats(step.generator().uniform(batch));
        List<String> captions = new ArrayList<>();
        for (int i = 0; i < batch; i++) {
            captions.add(dropped[i] < CAPTION_DROPOUT ? "" : cache.caption(clips[i]));
        }
        Tensor clean = cache.batch(clips); // [B,C,F,h,w]
        Tensor noise = step.generator().normal(Tensors.shape(clean));
        Tensor noisy = noiseSchedule.addNoise(clean, noise, timesteps);
        Tensor target = noiseSchedule.target(scheduler.config().predictionType(), clean, noise, timesteps);
        Tensor context = textEncoder.forward(tokenizer.encode(captions)); // [B,L,D]
        Tensor prediction = unet.predict(noisy, floats(timesteps), Conditioning.of(context));
        return Ops.meanSquare(prediction, target);
    }

    private static int[] toInts(Tensor tensor) {
        long[] values = Tensors.toLongs(tensor);
        int[] ints = new int[values.length];
        for (int i = 0; i < ints.length; i++) {
            ints[i] = Math.toIntExact(values[i]);
        }
        return ints;
    }

    private static Tensor floats(int[] values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = values[i];
        }
        return Tensors.of(floats, values.length);
    }

    @Override
    public void sample(Path folder, long step) {
        sheet.write(folder, step);
    }
}
