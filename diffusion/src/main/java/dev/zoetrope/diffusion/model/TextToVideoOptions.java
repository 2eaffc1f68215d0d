package dev.zoetrope.diffusion.model;

import dev.zoetrope.diffusion.autoencoder.FrameDecoder;
import dev.zoetrope.diffusion.scheduler.Schedulers;
import dev.zoetrope.diffusion.unet.FreeU;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * What to make. Checked when it is built; {@link TextToVideo#settings} checks it against a model, before any weights are
 * read.
 *
 * @param prompts one clip each; sample i of the batch uses seed + i
 * @param negativePrompt what to steer away from; default: the empty text
 * @param steps sampling steps, 1 to the model's training timesteps (1000); default 50
 * @param guidanceScale how closely to follow the prompt, at least 0, 1 is off; default: what the model's
 *     folder says, else 9 for ModelScope and ZeroScope and 7.5 for the others
 * @param guidanceRescale 0 (off) to 1; default 0
 * @param seed of the first sample; default 0
 * @param frames of a clip; default 16, or the model's limit if that is lower
 * @param width pixels, a multiple of the autoencoder's factor (8); default: what the model was trained on
 * @param height as {@code width}
 * @param scheduler one of {@link Schedulers#names()}; default: the model's own
 * @param eta noise in each DDIM step, 0 (none) to 1; default 0
 * @param clipSkip layers of the text encoder to leave out at its end; default 0
 * @param fps frames a second of the result, above 0 up to 240; default 8
 * @param lowMemory hold one part of the model at a time, and evaluate guidance in two passes; same results; default false
 * @param decodeChunk frames decoded at once, 0 for automatic; default 0
 * @param tiledDecode decode overlapping tiles; for large frames and little memory; default false
 * @param freeInitIterations runs of FreeInit, 1 (off) to 10; each is a whole run; default 1
 * @param window frames the denoiser sees at once, for clips longer than it was trained on ({@link
 *     dev.zoetrope.diffusion.sampling.WindowedDenoiser}); windows share half of their frames; default: all
 * @param freeU factors of the denoiser's backbone and skips; default: none
 */
public record TextToVideoOptions(
        List<String> prompts,
        String negativePrompt,
        int steps,
        OptionalDouble guidanceScale,
        double guidanceRescale,
        long seed,
        OptionalInt frames,
        OptionalInt width,
        OptionalInt height,
        Optional<String> scheduler,
        double eta,
        int clipSkip,
        double fps,
        boolean lowMemory,
        int decodeChunk,
        boolean tiledDecode,
        int freeInitIterations,
        OptionalInt window,
        Optional<FreeU> freeU) {

    /** @throws ZoetropeException BAD_INPUT naming the option that cannot be */
    public TextToVideoOptions {
        prompts = List.copyOf(prompts);
        require(!prompts.isEmpty(), "prompts", "none", "at least one; the empty text is one too");
        require(steps >= 1, "steps", steps, "at least 1");
        double scale = guidanceScale.orElse(1);
        require(scale >= 0 && scale < Double.POSITIVE_INFINITY, "guidance scale", scale, "at least 0");
        require(guidanceRescale >= 0 && guidanceRescale <= 1, "guidance rescale", guidanceRescale, "0 to 1");
        require(frames.orElse(1) >= 1, "frames", frames.orElse(1), "at least 1");
        require(width.orElse(1) >= 1, "width", width.orElse(1), "at least 1");
        require(height.orElse(1) >= 1, "height", height.orElse(1), "at least 1");
        scheduler.ifPresent(name -> require(
                Schedulers.names().contains(name),
                "scheduler",
                name,
                "one of " + String.join(", ", Schedulers.names())));
        require(eta >= 0 && eta <= 1, "eta", eta, "0 (deterministic) to 1");
        require(clipSkip >= 0, "clip skip", clipSkip, "at least 0");
        require(fps > 0 && fps <= 240, "frames a second", fps, "above 0 up to 240");
        require(decodeChunk >= 0, "frames decoded at once", decodeChunk, "at least 1, or 0 for automatic");
        require(
                freeInitIterations >= 1 && freeInitIterations <= 10,
                "FreeInit iterations",
                freeInitIterations,
                "1 to 10");
        require(window.orElse(2) >= 2, "window", window.orElse(2), "at least 2 frames");
    }

    private static void require(boolean met, String option, Object value, String expected) {
        if (!met) {
            throw ZoetropeException.badInput("%s: %s, expected %s", option, value, expected);
        }
    }

    /** The defaults for given prompts. */
    public static Builder of(String... prompts) {
        return of(List.of(prompts));
    }

    /** The defaults for given prompts. */
    public static Builder of(List<String> prompts) {
        return new Builder(prompts);
    }

    /** The same with other prompts. */
    public TextToVideoOptions withPrompts(List<String> others) {
        return toBuilder(others).build();
    }

    /** What determines the result: the same with the defaults of what only saves memory. */
    public TextToVideoOptions withoutMemoryChoices() {
        return toBuilder(prompts)
                .lowMemory(false)
                .decodeChunk(FrameDecoder.AUTO)
                .build();
    }

    private Builder toBuilder(List<String> texts) {
        Builder builder = new Builder(texts);
        builder.negativePrompt = negativePrompt;
        builder.steps = steps;
        builder.guidanceScale = guidanceScale;
        builder.guidanceRescale = guidanceRescale;
        builder.seed = seed;
        builder.frames = frames;
        builder.width = width;
        builder.height = height;
        builder.scheduler = scheduler;
        builder.eta = eta;
        builder.clipSkip = clipSkip;
        builder.fps = fps;
        builder.lowMemory = lowMemory;
        builder.decodeChunk = decodeChunk;
        builder.tiledDecode = tiledDecode;
        builder.freeInitIterations = freeInitIterations;
        builder.window = window;
        builder.freeU = freeU;
        return builder;
    }

    /** Sets options one by one; see the record for their meaning, ranges and defaults. */
    public static final class Builder {
        private final List<String> prompts;
        private String negativePrompt = "";
        private int steps = 50;
        private OptionalDouble guidanceScale = OptionalDouble.empty();
        private double guidanceRescale;
        private long seed;
        private OptionalInt frames = OptionalInt.empty();
        private OptionalInt width = OptionalInt.empty();
        private OptionalInt height = OptionalInt.empty();
        private Optional<String> scheduler = Optional.empty();
        private double eta;
        private int clipSkip;
        private double fps = 8;
        private boolean lowMemory;
        private int decodeChunk = FrameDecoder.AUTO;
        private boolean tiledDecode;
        private int freeInitIterations = 1;
        private OptionalInt window = OptionalInt.empty();
        private Optional<FreeU> freeU = Optional.empty();

        private Builder(List<String> prompts) {
            this.prompts = prompts;
        }

        public Builder negativePrompt(String text) {
            negativePrompt = text;
            return this;
        }

        public Builder steps(int count) {
            steps = count;
            return this;
        }

        public Builder guidanceScale(double scale) {
            guidanceScale = OptionalDouble.of(scale);
            return this;
        }

        public Builder guidanceRescale(double share) {
            guidanceRescale = share;
            return this;
        }

        public Builder seed(long first) {
            seed = first;
            return this;
        }

        public Builder frames(int count) {
            frames = OptionalInt.of(count);
            return this;
        }

        public Builder size(int widthPixels, int heightPixels) {
            width = OptionalInt.of(widthPixels);
            height = OptionalInt.of(heightPixels);
            return this;
        }

        public Builder width(int pixels) {
            width = OptionalInt.of(pixels);
            return this;
        }

        public Builder height(int pixels) {
            height = OptionalInt.of(pixels);
            return this;
        }

        public Builder scheduler(String name) {
            scheduler = Optional.of(name);
            return this;
        }

        public Builder eta(double noise) {
            eta = noise;
            return this;
        }

        public Builder clipSkip(int layers) {
            clipSkip = layers;
            return this;
        }

        public Builder fps(double rate) {
            fps = rate;
            return this;
        }

        public Builder lowMemory(boolean on) {
            lowMemory = on;
            return this;
        }

        public Builder decodeChunk(int framesAtOnce) {
            decodeChunk = framesAtOnce;
            return this;
        }

        public Builder tiledDecode(boolean on) {
            tiledDecode = on;
            return this;
        }

        public Builder freeInitIterations(int runs) {
            freeInitIterations = runs;
            return this;
        }

        public Builder window(int framesAtOnce) {
            window = OptionalInt.of(framesAtOnce);
            return this;
        }

        public Builder freeU(FreeU factors) {
            freeU = Optional.of(factors);
            return this;
        }

        /** @throws ZoetropeException BAD_INPUT naming the option that cannot be */
        public TextToVideoOptions build() {
            return new TextToVideoOptions(
                    prompts,
                    negativePrompt,
                    steps,
                    guidanceScale,
                    guidanceRescale,
                    seed,
                    frames,
                    width,
                    height,
                    scheduler,
                    eta,
                    clipSkip,
                    fps,
                    lowMemory,
                    decodeChunk,
                    tiledDecode,
                    freeInitIterations,
                    window,
                    freeU);
        }
    }
}
