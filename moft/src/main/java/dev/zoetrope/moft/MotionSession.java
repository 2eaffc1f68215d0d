package dev.zoetrope.moft;

import dev.zoetrope.diffusion.autoencoder.FrameEncoder;
import dev.zoetrope.diffusion.denoiser.Conditioning;
import dev.zoetrope.diffusion.model.TextToVideo;
import dev.zoetrope.diffusion.model.VideoModel;
import dev.zoetrope.diffusion.sampling.CancellationSignal;
import dev.zoetrope.media.Clip;
import dev.zoetrope.media.Frame;
import dev.zoetrope.media.Resize;
import dev.zoetrope.media.VideoReader;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** A model with the options clips are read by: files to frames, frames to latents, latents to features. */
final class MotionSession {
    private static final int USUAL_FRAMES = 16;
    private static final int MOST_FRAMES = 4096;

    final VideoModel model;
    final ReadingOptions options;
    final int frames;
    final int width;
    final int height;
    private final CancellationSignal cancel;

    /** @throws ZoetropeException BAD_INPUT for options the model cannot do; no weights are read */
    MotionSession(VideoModel model, ReadingOptions options, CancellationSignal cancel) {
        this.model = model;
        this.options = options;
        this.cancel = cancel;
        if (model.textConfig().isEmpty()) {
            throw ZoetropeException.badInput(
                    "%s is not conditioned on text, and its motion cannot be read by a prompt; use a text-to-video model",
                    model.description());
        }
        int limit = model.maxFrames().orElse(Integer.MAX_VALUE);
        frames = options.frames().orElse(Math.min(USUAL_FRAMES, limit));
        if (frames > limit) {
            throw ZoetropeException.badInput("frames: %d, this motion module takes at most %d", frames, limit);
        }
        width = side("width", options.width().orElse(model.nativeWidth()));
        height = side("height", options.height().orElse(model.nativeHeight()));
    }

    private int side(String name, int pixels) {
        int factor = model.autoencoderConfig().factor();
        if (pixels < factor || pixels % factor != 0) {
            int below = Math.max(factor, pixels / factor * factor);
            throw ZoetropeException.badInput(
                    "%s: %d is no multiple of %d; the nearest sizes are %d and %d",
                    name, pixels, factor, below, below + factor);
        }
        return pixels;
    }

    String size() {
        return width + "x" + height;
    }

    int latentRows() {
        return height / model.autoencoderConfig().factor();
    }

    int latentColumns() {
        return width / model.autoencoderConfig().factor();
    }

    MotionBackbone backbone() {
        MotionBackbone backbone = MotionBackbone.of(model);
        backbone.check(options.tap(), frames);
        backbone.checkSteps(options.steps());
        return backbone;
    }

    /** The frames of a clip as the model wants them. */
    List<Frame> read(Path file) {
        if (!Files.exists(file)) {
            throw ZoetropeException.badInput("clip %s does not exist", file);
        }
        return fit(file.toString(), VideoReader.readAll(file, MOST_FRAMES));
    }

    /** Frames chosen by the policy and brought to the size. */
    List<Frame> fit(String name, List<Frame> given) {
        if (given.size() < frames) {
            throw ZoetropeException.badInput(
                    "clip %s has %d frames, this run needs %d; use a longer clip, or --frames %d",
                    name, given.size(), frames, given.size());
        }
        if (given.size() > frames && options.framesPolicy() == ReadingOptions.FramesPolicy.EXACT) {
            throw ZoetropeException.badInput(
                    "clip %s has %d frames, this run needs %d; use --frames-policy first or sample",
                    name, given.size(), frames);
        }
        List<Frame> chosen = new ArrayList<>();
        for (int i = 0; i < frames; i++) {
            boolean sample = options.framesPolicy() == ReadingOptions.FramesPolicy.SAMPLE;
            int index = sample ? (int) Math.round(i * (given.size() - 1.0) / (frames - 1)) : i;
            Frame frame = given.get(index);
            boolean fits = frame.width() == width && frame.height() == height;
            chosen.add(fits ? frame : Resize.cover(frame, width, height));
        }
        return chosen;
    }

    /** [1,C,F,h,w]. */
    Tensor encode(List<Frame> clip) {
        try (Scope scope = Scope.noGrad();
                Clip pixels = Clip.of(clip, 8)) {
            return scope.keep(new FrameEncoder(model.autoencoder()).encode(pixels));
        }
    }

    Conditioning conditioning() {
        return new TextToVideo(model).encode(List.of(options.prompt()), 0);
    }

    /** Vanilla features of a clip, [1,F,C,h,w], in the caller's scope. */
    Tensor features(List<Frame> clip) {
        cancel.check();
        try (Scope scope = Scope.noGrad()) {
            FeatureReader reader = new FeatureReader(backbone(), options.referenceStep(), options.steps(), cancel);
            return scope.keep(reader.read(encode(clip), conditioning(), options.tap()));
        }
    }

    ProfileInfo info(Tensor features) {
        return ProfileFitter.info(
                backbone(), options.tap(), features, options.referenceStep(), options.steps(), size());
    }
}
