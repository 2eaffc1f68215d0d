package dev.zoetrope.diffusion.training;

import dev.zoetrope.diffusion.denoiser.Conditioning;
import dev.zoetrope.diffusion.scheduler.Scheduler;
import dev.zoetrope.diffusion.text.ClipTextEncoder;
import dev.zoetrope.diffusion.text.ClipTokenizer;
import dev.zoetrope.diffusion.unet.UNet;
import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.train.Objective;
import dev.zoetrope.train.StepContext;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * Denoising loss of a latent video diffusion model: mean squared error on the target that the scheduler's prediction type
 * names, one t for all frames of a clip, the caption dropped with probability 0.1 (sheet 2.2). The text encoder learns with
 * the U-Net.
 *
 * <p>Two departures from the sheet let a small model learn shapes in an hour or two of one processor core. Single frames come
 * first and stay among the clips (joint training on images and videos: Ho et al., Video Diffusion Models): a step on frames
 * shows 16 times as many captions for the same work. And t is drawn towards high noise (Esser et al., Scaling Rectified Flow
 * Transformers, equation 23), because 16 like frames outvote more noise than one image does, so that the layout is decided
 * there.
 */
final class DenoiserObjective implements Objective {
    private static final double CAPTION_DROPOUT = 0.1;
    private static final double TIMESTEP_SHIFT = 2.5;
    private static final int STILLS_EVERY = 4;

    private final UNet unet;
    private final ClipTextEncoder textEncoder;
    private final ClipTokenizer tokenizer;
    private final Scheduler scheduler;
    private final LatentCache cache;
    private final long stillsFirst;
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
            long stillsFirst,
            SampleSheet sheet) {
        this.unet = unet;
        this.textEncoder = textEncoder;
        this.tokenizer = tokenizer;
        this.scheduler = scheduler;
        this.cache = cache;
        this.stillsFirst = stillsFirst;
        this.sheet = sheet;
    }

    @Override
    public Map<String, Layer> modules() {
        return Map.of("unet", unet, "text_encoder", textEncoder);
    }

    @Override
    public Tensor loss(StepContext step) {
        boolean stills = step.step() < stillsFirst || step.step() % STILLS_EVERY == 0;
        int batch = stills ? step.batchSize() * cache.frames() : step.batchSize();
        long[] clips = Tensors.toLongs(step.generator().integers(0, cache.size(), batch));
        int[] timesteps = timesteps(
                step.generator().uniform(batch), scheduler.noiseSchedule().size());
        List<String> captions = cache.captions(clips, CAPTION_DROPOUT, step.generator());
        Tensor clean = stills ? cache.stills(clips, step.generator()) : cache.batch(clips); // [B,C,F,h,w]
        Conditioning context = Conditioning.of(textEncoder.forward(tokenizer.encode(captions))); // [B,L,D]
        return DenoisingLoss.of(unet, scheduler, clean, timesteps, context, step.generator());
    }

    /** Timesteps from uniform numbers, moved towards high noise. */
    private static int[] timesteps(Tensor uniform, int count) {
        float[] values = Tensors.toFloats(uniform);
        int[] timesteps = new int[values.length];
        for (int i = 0; i < timesteps.length; i++) {
            double shifted = TIMESTEP_SHIFT * values[i] / (1 + (TIMESTEP_SHIFT - 1) * values[i]);
            timesteps[i] = Math.min(count - 1, (int) (shifted * count));
        }
        return timesteps;
    }

    @Override
    public void sample(Path folder, long step) {
        sheet.write(folder, step);
    }
}
