package dev.zoetrope.vidrd.training;

import dev.zoetrope.diffusion.model.TextToVideo;
import dev.zoetrope.diffusion.scheduler.Scheduler;
import dev.zoetrope.diffusion.training.DenoisingBatch;
import dev.zoetrope.diffusion.training.LatentCache;
import dev.zoetrope.diffusion.unet.UNet;
import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.SeededGenerator;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.train.Objective;
import dev.zoetrope.train.StepContext;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * The denoising loss with frozen autoencoder and text encoder (sheet 2.2, 4.1): mean squared error on the target of the
 * scheduler's prediction type, t uniform and the same for all frames, the caption dropped with probability 0.1.
 */
public final class ClipDenoisingObjective implements Objective {
    private static final double CAPTION_DROPOUT = 0.1;

    private final UNet unet;
    private final FreezePolicy policy;
    private final TextToVideo texts;
    private final Scheduler scheduler;
    private final LatentCache cache;
    private final boolean stills;
    private final boolean recompute;

    /**
     * @param texts the model whose frozen text encoder is used
     * @param cache encoded training clips
     * @param stills train on single frames, as an image model is; a batch then has as many frames as it would have in clips
     * @param recompute evaluate every stage of the U-Net twice, for the memory of one stage
     */
    public ClipDenoisingObjective(
            UNet unet,
            FreezePolicy policy,
            TextToVideo texts,
            Scheduler scheduler,
            LatentCache cache,
            boolean stills,
            boolean recompute) {
        this.unet = unet;
        this.policy = policy;
        this.texts = texts;
        this.scheduler = scheduler;
        this.cache = cache;
        this.stills = stills;
        this.recompute = recompute;
    }

    @Override
    public Map<String, Layer> modules() {
        return Map.of("unet", unet);
    }

    @Override
    public boolean trains(String name) {
        return policy.test(name);
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
        int batch = stills ? step.batchSize() * cache.frames() : step.batchSize();
        SeededGenerator generator = step.generator();
        long[] clips = Tensors.toLongs(generator.integers(0, cache.size(), batch));
        List<String> captions = cache.captions(clips, CAPTION_DROPOUT, generator);
        Tensor clean = stills ? cache.stills(clips, generator) : cache.batch(clips);
        return batch(clean, captions, generator);
    }

    private DenoisingBatch batch(Tensor clean, List<String> captions, SeededGenerator generator) {
        long most = scheduler.noiseSchedule().size();
        int[] timesteps = Arrays.stream(Tensors.toLongs(generator.integers(0, most, clean.size(0))))
                .mapToInt(Math::toIntExact)
                .toArray();
        return DenoisingBatch.draw(scheduler, clean, timesteps, texts.encode(captions, 0), generator);
    }

    /** The loss of all clips of another cache, always with the same noise: for validation. */
    public double validate(LatentCache held) {
        double sum = 0;
        for (int i = 0; i < held.size(); i++) {
            try (Scope scope = Scope.noGrad();
                    SeededGenerator generator = new SeededGenerator(i)) {
                sum += Tensors.item(batch(held.batch(i), List.of(held.caption(i)), generator)
                        .loss(unet));
            }
        }
        return sum / held.size();
    }
}
