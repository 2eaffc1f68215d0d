package dev.zoetrope.diffusion.training;

import dev.zoetrope.data.CaptionParser;
import dev.zoetrope.data.Labels;
import dev.zoetrope.data.Motion;
import dev.zoetrope.diffusion.denoiser.Conditioning;
import dev.zoetrope.diffusion.scheduler.Scheduler;
import dev.zoetrope.diffusion.text.ClipTextEncoder;
import dev.zoetrope.diffusion.text.ClipTokenizer;
import dev.zoetrope.diffusion.unet.UNet;
import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.SeededGenerator;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.train.Objective;
import dev.zoetrope.train.StepContext;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * Denoising loss of a latent video diffusion model: mean squared error on the target that the scheduler's prediction type
 * names, one t for all frames of a clip, the caption dropped with probability 0.1 (sheet 2.2). The text encoder is frozen.
 *
 * <p>Two departures from the sheet let a small model learn in an hour or two of one processor core. t is drawn towards high
 * noise (Esser et al., Scaling Rectified Flow Transformers, equation 23), because 16 like frames outvote more noise than one
 * image does, so that layout and motion are decided there. And the order of what is shown depends on where it starts
 * ({@link ShowingOrder}):
 *
 * <ul>
 *   <li>A new U-Net sees single frames first, and then every fourth step (joint training on images and videos: Ho et al.,
 *       Video Diffusion Models): a step on frames shows 16 times as many captions for the same work.
 *   <li>One that knows how things move at all begins with objects that go right or down, at more noise still; the other
 *       motions join little by little. With all of them at once nothing of a direction is learned for thousands of steps:
 *       only word, frame and place together tell where the object is, and no two of the three alone lower the loss. While
 *       most objects go one way, frame and place do.
 * </ul>
 */
final class DenoiserObjective implements Objective {
    private static final double CAPTION_DROPOUT = 0.1;

    private final UNet unet;
    private final ClipTextEncoder textEncoder;
    private final ClipTokenizer tokenizer;
    private final Scheduler scheduler;
    private final LatentCache cache;
    private final ShowingOrder.Schedule schedule;
    private final boolean recompute;
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
            ShowingOrder.Schedule schedule,
            boolean recompute,
            SampleSheet sheet) {
        this.unet = unet;
        this.textEncoder = textEncoder;
        this.tokenizer = tokenizer;
        this.scheduler = scheduler;
        this.cache = cache;
        this.schedule = schedule;
        this.recompute = recompute;
        this.sheet = sheet;
    }

    @Override
    public Map<String, Layer> modules() {
        return Map.of("unet", unet);
    }

    @Override
    public Tensor loss(StepContext step) {
        return batch(step).loss(unet);
    }

    @Override
    public double backward(StepContext step, double weight) {
        return recompute ? batch(step).backward(unet, weight) : Objective.super.backward(step, weight);
    }

    private DenoisingBatch batch(StepContext step) {
        boolean stills = schedule.showsStills(step.step());
        int batch = stills ? step.batchSize() * cache.frames() : step.batchSize();
        long[] clips = Tensors.toLongs(step.generator().integers(0, cache.size(), batch));
        oneWay(clips, schedule.shareOfOtherWays(step.step()), step.generator());
        int[] timesteps = timesteps(
                step.generator().uniform(batch),
                schedule.timestepShift(step.step()),
                scheduler.noiseSchedule().size());
        List<String> captions = cache.captions(clips, CAPTION_DROPOUT, step.generator());
        Tensor clean = stills ? cache.stills(clips, step.generator()) : cache.batch(clips); // [B,C,F,h,w]
        return DenoisingBatch.draw(scheduler, clean, timesteps, context(captions), step.generator());
    }

    /** Draws again, with probability 1 - {@code share}, the clips whose objects do not go right or down. */
    private void oneWay(long[] clips, double share, SeededGenerator generator) {
        for (int i = 0; i < clips.length && share < 1; i++) {
            while (!goesRightOrDown(cache.caption(clips[i])) && Tensors.item(generator.uniform(1)) >= share) {
                clips[i] = Tensors.toLongs(generator.integers(0, cache.size(), 1))[0];
            }
        }
    }

    private static boolean goesRightOrDown(String caption) {
        String motion = CaptionParser.parse(caption).orElse(Labels.NONE).motion();
        return motion.equals(Motion.RIGHT.label()) || motion.equals(Motion.DOWN.label());
    }

    private Conditioning context(List<String> captions) {
        try (Scope scope = Scope.noGrad()) {
            return Conditioning.of(scope.keep(textEncoder.forward(tokenizer.encode(captions)))); // [B,L,D]
        }
    }

    /** Timesteps from uniform numbers, moved towards high noise. */
    private static int[] timesteps(Tensor uniform, double shift, int count) {
        float[] values = Tensors.toFloats(uniform);
        int[] timesteps = new int[values.length];
        for (int i = 0; i < timesteps.length; i++) {
            double shifted = shift * values[i] / (1 + (shift - 1) * values[i]);
            timesteps[i] = Math.min(count - 1, (int) (shifted * count));
        }
        return timesteps;
    }

    @Override
    public void sample(Path folder, long step) {
        sheet.write(folder, step);
    }
}
