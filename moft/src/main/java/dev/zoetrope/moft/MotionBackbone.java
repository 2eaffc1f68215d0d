package dev.zoetrope.moft;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.zoetrope.diffusion.denoiser.VideoDenoiser;
import dev.zoetrope.diffusion.model.VideoModel;
import dev.zoetrope.diffusion.scheduler.SampleSpace;
import dev.zoetrope.diffusion.scheduler.Scheduler;
import dev.zoetrope.diffusion.scheduler.SchedulerConfig;
import dev.zoetrope.diffusion.scheduler.Schedulers;
import dev.zoetrope.tensor.ZoetropeException;

/**
 * A denoiser with its noise schedule, on the grid that MOFT uses whatever the model's own sampler does: t_i = i
 * floor(T/N), no offset, and abar_0 below the last step, so that the step at t = 0 is the identity both ways.
 *
 * @param schedulerJson scheduler_config.json
 * @param sha256 of the weights
 */
public record MotionBackbone(VideoDenoiser denoiser, ObjectNode schedulerJson, String sha256) {
    /** Of a model folder; the model stays the owner of the network. */
    public static MotionBackbone of(VideoModel model) {
        return new MotionBackbone(model.denoiser(), model.schedulerJson(), model.hash());
    }

    /** Deterministic DDIM from noise to clip. */
    public Scheduler sampler() {
        return Schedulers.byName("ddim", onGrid(schedulerJson), SampleSpace.LATENTS);
    }

    /** DDIM inversion from clip to noise. */
    public Scheduler inversion() {
        return Schedulers.byName("ddim-inverse", onGrid(schedulerJson), SampleSpace.LATENTS);
    }

    private static ObjectNode onGrid(ObjectNode json) {
        ObjectNode copy = json.deepCopy();
        copy.put("timestep_spacing", "leading");
        copy.put("steps_offset", 0);
        copy.put("set_alpha_to_one", false);
        copy.put("clip_sample", false);
        copy.put("thresholding", false);
        return copy;
    }

    /** The noise schedule in words, such as {@code linear 0.00085 to 0.012, 1000}. */
    public String betas() {
        SchedulerConfig config = sampler().config();
        return String.format(
                java.util.Locale.ROOT,
                "%s %s to %s, %d",
                config.betaSchedule().configName(),
                config.betaStart(),
                config.betaEnd(),
                config.numTrainTimesteps());
    }

    /**
     * @throws ZoetropeException BAD_INPUT if the denoiser has no such tap, or cannot take so many frames
     */
    public void check(String tap, int frames) {
        if (!denoiser.tapNames().contains(tap)) {
            throw ZoetropeException.badInput(
                    "this model has no tap \"%s\"; blocks are: %s",
                    tap,
                    String.join(
                            ", ",
                            denoiser.tapNames().stream()
                                    .filter(name -> name.matches("mid_block|(up|down)_blocks\\.\\d+"))
                                    .toList()));
        }
        if (frames < 2) {
            throw ZoetropeException.badInput("%d frame: motion needs at least 2", frames);
        }
        int limit = denoiser.maxFrames().orElse(Integer.MAX_VALUE);
        if (frames > limit) {
            throw ZoetropeException.badInput("%d frames: this motion module takes at most %d", frames, limit);
        }
    }

    /** @throws ZoetropeException BAD_INPUT unless 2 to T steps */
    public void checkSteps(int steps) {
        int most = sampler().config().numTrainTimesteps();
        if (steps < 2 || steps > most) {
            throw ZoetropeException.badInput("steps: %d, expected 2 to %d", steps, most);
        }
    }
}
