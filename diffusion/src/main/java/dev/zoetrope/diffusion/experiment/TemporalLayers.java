package dev.zoetrope.diffusion.experiment;

import dev.zoetrope.data.CaptionedClip;
import dev.zoetrope.data.CaptionedClips;
import dev.zoetrope.data.ClipSpec;
import dev.zoetrope.data.Grammar;
import dev.zoetrope.data.Split;
import dev.zoetrope.diffusion.autoencoder.AutoencoderKL;
import dev.zoetrope.diffusion.denoiser.Conditioning;
import dev.zoetrope.diffusion.model.TextToVideo;
import dev.zoetrope.diffusion.model.VideoModel;
import dev.zoetrope.diffusion.scheduler.NoiseSchedule;
import dev.zoetrope.diffusion.scheduler.Scheduler;
import dev.zoetrope.diffusion.training.ClipTensors;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.SeededGenerator;
import dev.zoetrope.tensor.Tensors;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/** B6: the denoising loss of held-out clips with their frames in order, against the same clips with frames shuffled. */
public final class TemporalLayers {
    private static final int CLIPS = 16;
    private static final int[] TIMESTEPS = {200, 400, 600, 800};
    private static final double LARGEST_RATIO = 0.97;

    private TemporalLayers() {}

    public static Outcome run(VideoModel model) {
        CaptionedClips clips = CaptionedClips.create(
                ClipSpec.of(model.nativeWidth(), model.nativeHeight(), 16, 8), Grammar.tiny(), Split.HELD_OUT, 6);
        Scheduler scheduler = model.scheduler(Optional.empty());
        TextToVideo texts = new TextToVideo(model);
        double ordered = 0;
        double shuffled = 0;
        for (int i = 0; i < CLIPS; i++) {
            try (Scope scope = Scope.noGrad();
                    SeededGenerator generator = new SeededGenerator(i)) {
                CaptionedClip clip = clips.clip(i);
                Tensor latents = encode(model.autoencoder(), clip); // [1,C,F,h,w]
                Tensor order = generator.permutation(latents.size(2));
                Tensor noise = generator.normal(Tensors.shape(latents));
                Conditioning conditioning = texts.encode(List.of(clip.caption()), 0);
                ordered += loss(model, scheduler, latents, noise, conditioning);
                shuffled += loss(model, scheduler, latents.index_select(2, order), noise, conditioning);
            }
        }
        double ratio = ordered / shuffled;
        return new Outcome(
                List.of(
                        "| clips | loss, frames in order | loss, frames shuffled | ratio |",
                        "|---:|---:|---:|---:|",
                        String.format(
                                "| %d | %.4f | %.4f | %.3f |",
                                CLIPS, ordered / CLIPS / TIMESTEPS.length, shuffled / CLIPS / TIMESTEPS.length, ratio),
                        "Wanted: a ratio of at most " + LARGEST_RATIO + "."),
                ratio <= LARGEST_RATIO);
    }

    private static Tensor encode(AutoencoderKL autoencoder, CaptionedClip clip) {
        Tensor mean = autoencoder.encode(ClipTensors.pixels(clip)).mean();
        return Ops.mul(mean.transpose(0, 1).unsqueeze(0), autoencoder.config().scalingFactor());
    }

    private static double loss(
            VideoModel model, Scheduler scheduler, Tensor latents, Tensor noise, Conditioning conditioning) {
        NoiseSchedule schedule = scheduler.noiseSchedule();
        double sum = 0;
        for (int timestep : TIMESTEPS) {
            try (Scope scope = Scope.noGrad()) {
                Tensor noisy = schedule.addNoise(latents, noise, timestep);
                Tensor target = schedule.target(scheduler.config().predictionType(), latents, noise, timestep);
                Tensor prediction = model.denoiser().predict(noisy, Tensors.full(timestep, 1), conditioning);
                sum += Tensors.item(Ops.meanSquare(prediction, target));
            }
        }
        return sum;
    }
}
