package dev.zoetrope.diffusion.training;

import dev.zoetrope.data.CaptionParser;
import dev.zoetrope.data.CaptionedClips;
import dev.zoetrope.data.Captions;
import dev.zoetrope.data.ClipSpec;
import dev.zoetrope.data.Labels;
import dev.zoetrope.data.Motion;
import dev.zoetrope.diffusion.denoiser.Conditioning;
import dev.zoetrope.diffusion.denoiser.DenoiserOutput;
import dev.zoetrope.diffusion.denoiser.DenoiserRequest;
import dev.zoetrope.diffusion.scheduler.Scheduler;
import dev.zoetrope.diffusion.text.ClipTextEncoder;
import dev.zoetrope.diffusion.text.ClipTokenizer;
import dev.zoetrope.diffusion.unet.UNet;
import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.Layers.Linear;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.SeededGenerator;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.train.Objective;
import dev.zoetrope.train.StepContext;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

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
 *
 * <p>With a {@link MotionCode} the mean squared error of the displacements that are read from the last up block is added, on
 * whole clips.
 */
final class DenoiserObjective implements Objective {
    private static final double CAPTION_DROPOUT = 0.1;
    /** Displacements are counted in sixteenths of the frame, so that a clip's are of order one. */
    private static final int UNITS_A_SIDE = 16;

    private final UNet unet;
    private final ClipTextEncoder textEncoder;
    private final ClipTokenizer tokenizer;
    private final Scheduler scheduler;
    private final CaptionedClips clips;
    private final LatentCache cache;
    private final ShowingOrder.Schedule schedule;
    private final MotionCode code;
    private final String codeTap;
    private final Linear readout;
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
            CaptionedClips clips,
            LatentCache cache,
            ShowingOrder.Schedule schedule,
            MotionCode code,
            boolean recompute,
            SampleSheet sheet) {
        this.unet = unet;
        this.textEncoder = textEncoder;
        this.tokenizer = tokenizer;
        this.scheduler = scheduler;
        this.clips = clips;
        this.cache = cache;
        this.schedule = schedule;
        this.code = code;
        this.codeTap = "up_blocks." + (unet.config().levels() - 1);
        this.readout = new Linear(unet.config().channels().get(0), 2);
        readout.initialise(0);
        this.recompute = recompute;
        this.sheet = sheet;
    }

    @Override
    public Map<String, Layer> modules() {
        return code.isPlanted() ? Map.of("unet", unet, "readout", readout) : Map.of("unet", unet);
    }

    @Override
    public Tensor loss(StepContext step) {
        Drawn drawn = draw(step);
        if (!code.isPlanted() || drawn.stills()) {
            return drawn.batch().loss(unet);
        }
        DenoisingBatch batch = drawn.batch();
        DenoiserOutput output =
                unet.forward(batch.noisy(), batch.timesteps(), batch.conditioning(), DenoiserRequest.tapping(codeTap));
        Tensor denoising = Ops.meanSquare(output.prediction(), batch.target());
        Tensor tap = output.tap(codeTap);
        Tensor error = MotionCode.squaredError(readout, tap, displacements(drawn.clips(), tap));
        Tensor motion = Ops.mul(error.mean(), 2); // the mean of |x|^2 + |y|^2
        step.log("denoising", denoising);
        step.log("motion", motion);
        return denoising.add(Ops.mul(motion, code.weight()));
    }

    /** Displacements of what is seen at every place of a tap, in sixteenths of the frame's shorter side, [B,F,H,W,2]. */
    private Tensor displacements(long[] indices, Tensor tap) {
        ClipSpec spec = clips.spec();
        List<Tensor> all = new ArrayList<>();
        for (long index : indices) {
            for (float[] frame : clips.clip(index).displacements()) {
                all.add(Tensors.of(frame, 2, spec.height(), spec.width()));
            }
        }
        double unit = (double) Math.min(spec.width(), spec.height()) / UNITS_A_SIDE;
        Tensor onGrid = torch.adaptive_avg_pool2d(Ops.stack(0, all), tap.size(2), tap.size(3)); // [(B F),2,H,W]
        return Ops.mul(onGrid, 1 / unit)
                .unflatten(0, indices.length, spec.frames())
                .permute(0, 1, 3, 4, 2);
    }

    @Override
    public double backward(StepContext step, double weight) {
        return recompute ? draw(step).batch().backward(unet, weight) : Objective.super.backward(step, weight);
    }

    /**
     * What a step shows.
     *
     * @param clips indices into the cache
     * @param stills single frames of them, or else all
     */
    private record Drawn(long[] clips, boolean stills, DenoisingBatch batch) {}

    private Drawn draw(StepContext step) {
        boolean stills = schedule.showsStills(step.step());
        int batch = stills ? step.batchSize() * cache.frames() : step.batchSize();
        long[] indices = Tensors.toLongs(step.generator().integers(0, cache.size(), batch));
        oneWay(indices, schedule.shareOfOtherWays(step.step()), step.generator());
        int[] timesteps = timesteps(
                step.generator().uniform(batch),
                schedule.timestepShift(step.step()),
                scheduler.noiseSchedule().size());
        List<String> captions = unsaid(cache.captions(indices, CAPTION_DROPOUT, step.generator()), step.generator());
        Tensor clean = stills ? cache.stills(indices, step.generator()) : cache.batch(indices); // [B,C,F,h,w]
        return new Drawn(
                indices, stills, DenoisingBatch.draw(scheduler, clean, timesteps, context(captions), step.generator()));
    }

    /** Leaves the motion out of the share of captions that the options ask for. */
    private List<String> unsaid(List<String> captions, SeededGenerator generator) {
        if (code.unsaid() == 0) {
            return captions;
        }
        float[] uniform = Tensors.toFloats(generator.uniform(captions.size()));
        List<String> result = new ArrayList<>();
        for (int i = 0; i < uniform.length; i++) {
            String caption = captions.get(i);
            result.add(uniform[i] < code.unsaid() ? Captions.withoutMotion(caption) : caption);
        }
        return result;
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
