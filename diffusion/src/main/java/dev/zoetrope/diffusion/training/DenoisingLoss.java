package dev.zoetrope.diffusion.training;

import dev.zoetrope.diffusion.denoiser.Conditioning;
import dev.zoetrope.diffusion.denoiser.VideoDenoiser;
import dev.zoetrope.diffusion.scheduler.NoiseSchedule;
import dev.zoetrope.diffusion.scheduler.Scheduler;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.SeededGenerator;
import dev.zoetrope.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;

/** The loss every denoiser is trained with (sheet 2.2). */
public final class DenoisingLoss {
    private DenoisingLoss() {}

    /**
     * Mean squared error of the prediction on the target that the scheduler's prediction type names.
     *
     * @param clean latents [B,C,F,h,w]
     * @param timesteps one for each clip, all its frames share it
     * @param generator of the noise
     * @return a scalar, differentiable in the parameters
     */
    public static Tensor of(
            VideoDenoiser denoiser,
            Scheduler scheduler,
            Tensor clean,
            int[] timesteps,
            Conditioning conditioning,
            SeededGenerator generator) {
        NoiseSchedule schedule = scheduler.noiseSchedule();
        Tensor noise = generator.normal(Tensors.shape(clean));
        Tensor noisy = schedule.addNoise(clean, noise, timesteps);
        Tensor target = schedule.target(scheduler.config().predictionType(), clean, noise, timesteps);
        float[] t = new float[timesteps.length];
        for (int i = 0; i < t.length; i++) {
            t[i] = timesteps[i];
        }
        return Ops.meanSquare(denoiser.predict(noisy, Tensors.of(t, t.length), conditioning), target);
    }
}
