package dev.zoetrope.diffusion.sampling;

import dev.zoetrope.diffusion.scheduler.NoiseSource;
import dev.zoetrope.diffusion.scheduler.SamplerPlan;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;

/** Makes the latents a run starts from. */
@FunctionalInterface
public interface LatentSource {
    /** The first latents, in the units of the run; they belong to the caller's scope. */
    Start start(Request request);

    /**
     * What is asked for.
     *
     * @param shape [B,C,F,h,w]
     * @param plan the run to come
     * @param noise standard normal numbers, each sample from its own generator
     */
    record Request(long[] shape, SamplerPlan plan, NoiseSource noise) {}

    /**
     * @param latents [B,C,F,h,w]
     * @param firstStep index of the first step to take, 0 for a whole run
     */
    record Start(Tensor latents, int firstStep) {}

    /** Fresh noise, each sample drawn whole as [1,C,F,h,w]. */
    static LatentSource noise() {
        return request -> {
            try (Scope scope = Scope.open()) {
                Tensor noise = request.noise().next(request.shape());
                return new Start(scope.keep(scaled(noise, request)), 0);
            }
        };
    }

    /**
     * Given noise of variance 1, which is brought to the scale of the run; or, for an inversion, the clean latents.
     *
     * @param latents [B,C,F,h,w]
     */
    static LatentSource given(Tensor latents) {
        return request -> {
            checkShape(latents, request.shape());
            return new Start(scaled(latents, request), 0);
        };
    }

    /**
     * Clean latents made noisy, and a run that starts there: video to video.
     *
     * @param clean scaled latents of a clip, [B,C,F,h,w]
     * @param strength share of the steps that are taken, above 0 up to 1; more departs further from the clip
     * @throws ZoetropeException BAD_INPUT if it is outside
     */
    static LatentSource noised(Tensor clean, double strength) {
        if (!(strength > 0 && strength <= 1)) {
            throw ZoetropeException.badInput("strength is %s, expected above 0 and at most 1", strength);
        }
        return request -> {
            checkShape(clean, request.shape());
            int steps = request.plan().steps();
            int first = Math.min(steps - 1, steps - (int) (steps * strength));
            try (Scope scope = Scope.open()) {
                Tensor noise = request.noise().next(request.shape());
                double timestep = request.plan().timesteps()[first];
                return new Start(scope.keep(request.plan().addNoise(clean, noise, timestep)), first);
            }
        };
    }

    private static Tensor scaled(Tensor noise, Request request) {
        double sigma = request.plan().initNoiseSigma();
        return sigma == 1 ? noise : Ops.mul(noise, sigma);
    }

    private static void checkShape(Tensor latents, long[] shape) {
        if (!Arrays.equals(Tensors.shape(latents), shape)) {
            throw ZoetropeException.badInput(
                    "the given latents are %s, this run needs %s (samples, channels, frames, rows, columns)",
                    Arrays.toString(Tensors.shape(latents)), Arrays.toString(shape));
        }
    }
}
