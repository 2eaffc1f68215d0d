package dev.zoetrope.diffusion.model;

import dev.zoetrope.diffusion.sampling.WindowedDenoiser;
import dev.zoetrope.diffusion.scheduler.DdimScheduler;
import dev.zoetrope.diffusion.scheduler.Guidance;
import dev.zoetrope.diffusion.scheduler.Scheduler;
import dev.zoetrope.tensor.ZoetropeException;

/**
 * {@link TextToVideoOptions} with everything a model decides filled in and checked.
 *
 * @param guidance scale and rescale
 * @param frames of a clip
 * @param width pixels
 * @param height pixels
 * @param latentWidth columns of the latents
 * @param latentHeight rows of the latents
 * @param channels of the latents
 * @param scheduler the sampler
 */
public record TextToVideoSettings(
        Guidance guidance,
        int frames,
        int width,
        int height,
        int latentWidth,
        int latentHeight,
        int channels,
        Scheduler scheduler) {
    private static final int USUAL_FRAMES = 16;

    static TextToVideoSettings of(TextToVideoOptions options, VideoModel model) {
        int layers = model.textConfig()
                .orElseThrow(() -> ZoetropeException.badInput(
                        "%s has no text encoder: it is not conditioned on text; use a text-to-video model",
                        model.description()))
                .numHiddenLayers();
        if (options.clipSkip() >= layers) {
            throw ZoetropeException.badInput(
                    "clip skip: %d, expected 0 to %d, since the text encoder has %d layers",
                    options.clipSkip(), layers - 1, layers);
        }
        int factor = model.autoencoderConfig().factor();
        int width = side("width", options.width().orElse(model.nativeWidth()), factor);
        int height = side("height", options.height().orElse(model.nativeHeight()), factor);
        return new TextToVideoSettings(
                new Guidance(options.guidanceScale().orElse(model.usualGuidanceScale()), options.guidanceRescale()),
                frames(options, model),
                width,
                height,
                width / factor,
                height / factor,
                model.unetConfig().inChannels(),
                scheduler(options, model));
    }

    private static int side(String name, int pixels, int factor) {
        if (pixels % factor == 0) {
            return pixels;
        }
        int below = pixels / factor * factor;
        throw ZoetropeException.badInput(
                "%s: %d is no multiple of %d; the nearest sizes are %s%d",
                name, pixels, factor, below > 0 ? below + " and " : "", below + factor);
    }

    private static int frames(TextToVideoOptions options, VideoModel model) {
        int limit = model.maxFrames().orElse(Integer.MAX_VALUE);
        int frames = options.frames().orElse(Math.min(USUAL_FRAMES, limit));
        options.window().ifPresent(window -> WindowedDenoiser.check(window, window / 2, model.maxFrames()));
        if (frames > limit && options.window().isEmpty()) {
            throw ZoetropeException.badInput(
                    "frames: %d, this model's limit is %d; ask for fewer, give a window, or join several clips",
                    frames, limit);
        }
        return frames;
    }

    private static Scheduler scheduler(TextToVideoOptions options, VideoModel model) {
        Scheduler scheduler = withEta(options, model.scheduler(options.scheduler()));
        int training = scheduler.config().numTrainTimesteps();
        if (options.steps() > training) {
            throw ZoetropeException.badInput(
                    "steps: %d, expected 1 to %d, the model's training timesteps", options.steps(), training);
        }
        // Refuses, before anything is loaded, timesteps that the schedule does not have.
        scheduler.plan(options.steps());
        return scheduler;
    }

    private static Scheduler withEta(TextToVideoOptions options, Scheduler scheduler) {
        if (options.eta() == 0) {
            return scheduler;
        }
        if (scheduler instanceof DdimScheduler ddim) {
            return ddim.withEta(options.eta());
        }
        throw ZoetropeException.badInput(
                "eta: %s, which only the scheduler ddim has; choose it, or leave eta at 0", options.eta());
    }

    /** [samples, C, F, h, w]. */
    public long[] latentShape(int samples) {
        return new long[] {samples, channels, frames, latentHeight, latentWidth};
    }
}
