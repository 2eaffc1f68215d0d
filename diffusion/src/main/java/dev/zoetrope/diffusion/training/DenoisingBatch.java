package dev.zoetrope.diffusion.training;

import dev.zoetrope.diffusion.denoiser.Conditioning;
import dev.zoetrope.diffusion.denoiser.VideoDenoiser;
import dev.zoetrope.diffusion.scheduler.NoiseSchedule;
import dev.zoetrope.diffusion.scheduler.Scheduler;
import dev.zoetrope.diffusion.unet.UNet;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.SeededGenerator;
import dev.zoetrope.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;

/**
 * What every denoiser is trained on: noisy clips, and what is to be predicted from them (sheet 2.2).
 *
 * @param noisy [B,C,F,h,w]
 * @param timesteps [B]: all frames of a clip share theirs
 * @param conditioning of each clip
 * @param target what the scheduler's prediction type names, [B,C,F,h,w]
 */
public record DenoisingBatch(Tensor noisy, Tensor timesteps, Conditioning conditioning, Tensor target) {
    /**
     * Makes clips noisy.
     *
     * @param clean latents [B,C,F,h,w]
     * @param timesteps one for each clip
     * @param generator of the noise
     */
    public static DenoisingBatch draw(
            Scheduler scheduler, Tensor clean, int[] timesteps, Conditioning conditioning, SeededGenerator generator) {
        NoiseSchedule schedule = scheduler.noiseSchedule();
        Tensor noise = generator.normal(Tensors.shape(clean));
        float[] t = new float[timesteps.length];
        for (int i = 0; i < t.length; i++) {
            t[i] = timesteps[i];
        }
        return new DenoisingBatch(
                schedule.addNoise(clean, noise, timesteps),
                Tensors.of(t, t.length),
                conditioning,
                schedule.target(scheduler.config().predictionType(), clean, noise, timesteps));
    }

    /** Mean squared error of the prediction: a scalar, differentiable in the parameters. */
    public Tensor loss(VideoDenoiser denoiser) {
        return Ops.meanSquare(denoiser.predict(noisy, timesteps, conditioning), target);
    }

    /**
     * Adds the gradients of the loss to the parameters' with the memory of one stage of the network, for a third more
     * work.
     *
     * @param weight of the loss
     * @return the loss, not weighted
     */
    public double backward(UNet unet, double weight) {
        return unet.backward(
                        noisy,
                        timesteps,
                        conditioning,
                        prediction -> Ops.mul(Ops.meanSquare(prediction, target), weight))
                / weight;
    }
}
