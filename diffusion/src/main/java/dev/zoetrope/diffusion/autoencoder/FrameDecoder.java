package dev.zoetrope.diffusion.autoencoder;

import dev.zoetrope.media.Clip;
import dev.zoetrope.media.Frame;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Tensor;

/**
 * Turns the latents of a clip into frames, a slice of frames at a time, so that memory does not grow with length; with
 * tiles it does not grow with the size of the frames either.
 *
 * <p>A plain decoder gives the same frames whatever the slices. A temporal decoder mixes frames: it takes the clip whole
 * and refuses slices.
 */
public final class FrameDecoder {
    /** Slices of 65,536 pixels, such as one frame of 256x256, or the whole clip where the decoder is temporal. */
    public static final int AUTO = 0;

    private static final long AUTO_PIXELS = 1L << 16;

    private final AutoencoderKL autoencoder;
    private final AutoencoderConfig config;
    private final int framesPerSlice;
    private final boolean tiled;
    private final boolean wholeClips;

    /** Slices of automatic size, no tiles. */
    public FrameDecoder(AutoencoderKL autoencoder) {
        this(autoencoder, AUTO, false);
    }

    /**
     * @param framesPerSlice frames decoded at once, or {@link #AUTO}
     * @param tiled whether to decode overlapping tiles of the size the autoencoder was made for; they are blended, so
     *     the result differs a little from decoding whole
     * @throws ZoetropeException BAD_INPUT for a negative number of frames
     */
    public FrameDecoder(AutoencoderKL autoencoder, int framesPerSlice, boolean tiled) {
        this(autoencoder, framesPerSlice, tiled, false);
    }

    private FrameDecoder(AutoencoderKL autoencoder, int framesPerSlice, boolean tiled, boolean mayCut) {
        if (framesPerSlice < 0) {
            throw ZoetropeException.badInput(
                    "%d frames in a decoded slice, expected at least 1, or 0 for automatic", framesPerSlice);
        }
        this.autoencoder = autoencoder;
        this.config = autoencoder.config();
        this.framesPerSlice = framesPerSlice;
        this.tiled = tiled;
        this.wholeClips = config.mixesFrames() && !mayCut;
    }

    /**
     * Each frame decoded alone, also by VidRD's temporal decoder, whose temporal layers then do nothing.
     *
     * @throws ZoetropeException BAD_INPUT for a decoder that cannot do without its temporal layers
     */
    public static FrameDecoder frameByFrame(AutoencoderKL autoencoder, boolean tiled) {
        if (autoencoder.config().temporalDecoder()) {
            throw ZoetropeException.badInput(
                    "this autoencoder's temporal decoder always mixes the frames of a clip; leave temporal decoding on");
        }
        return new FrameDecoder(autoencoder, 1, tiled, true);
    }

    /**
     * Decodes a clip and hands over each frame as it comes.
     *
     * @param latents [1,C,F,h,w], scaled as a denoiser sees them
     * @param fps frames a second, for the times of the frames
     * @throws ZoetropeException BAD_INPUT for another shape, or for slices of a temporal decoder
     */
    public void decode(Tensor latents, double fps, Consumer<Frame> sink) {
        int frames = checkFrames(latents);
        int slice = slice(latents);
        for (int from = 0; from < frames; from += slice) {
            for (Frame frame : frames(latents, from, Math.min(frames, from + slice), fps)) {
                sink.accept(frame);
            }
        }
    }

    private List<Frame> frames(Tensor latents, int from, int to, double fps) {
        try (Scope scope = Scope.noGrad();
                Clip clip = Clip.of(pixels(latents, from, to), fps)) {
            List<Frame> frames = new ArrayList<>();
            for (int i = 0; i < clip.frameCount(); i++) {
                frames.add(clip.frame(i).at((from + i) / fps));
            }
            return frames;
        }
    }

    /**
     * Decodes a clip whole.
     *
     * @param latents [1,C,F,h,w], scaled as a denoiser sees them
     * @return [F,3,H,W] in [0,1]
     */
    public Tensor decode(Tensor latents) {
        int frames = checkFrames(latents);
        int slice = slice(latents);
        try (Scope scope = Scope.noGrad()) {
            List<Tensor> slices = new ArrayList<>();
            for (int from = 0; from < frames; from += slice) {
                slices.add(pixels(latents, from, Math.min(frames, from + slice)));
            }
            return scope.keep(Ops.cat(0, slices));
        }
    }

    /** Frames {@code from} to {@code to}, [n,3,H,W] in [0,1]. */
    private Tensor pixels(Tensor latents, int from, int to) {
        try (Scope scope = Scope.noGrad()) {
            Tensor z =
                    Ops.slice(latents, 2, from, to).squeeze(0).transpose(0, 1).contiguous(); // [n,C,h,w]
            Tensor unscaled = Ops.mul(z, 1 / config.scalingFactor());
            int side = config.sampleSize() / config.factor();
            Tensor images = tiled && (z.size(2) > side || z.size(3) > side)
                    ? new Tiles(side, config.sampleSize()).run(unscaled, tile -> autoencoder.decode(tile, to - from))
                    : autoencoder.decode(unscaled, to - from);
            return scope.keep(AutoencoderKL.toUnitRange(images));
        }
    }

    private int checkFrames(Tensor latents) {
        long[] shape = Tensors.shape(latents);
        if (shape.length != 5 || shape[0] != 1 || shape[1] != config.latentChannels() || shape[2] < 1) {
            throw ZoetropeException.badInput(
                    "latents to decode must be [1,%d,F,h,w], got %s", config.latentChannels(), Arrays.toString(shape));
        }
        int frames = Math.toIntExact(shape[2]);
        if (wholeClips && framesPerSlice != AUTO && framesPerSlice < frames) {
            throw ZoetropeException.badInput(
                    "slices of %d frames: this decoder mixes the %d frames of a clip and must see them together; decode"
                            + " in one slice (0 for automatic), with tiles if memory is short",
                    framesPerSlice, frames);
        }
        return frames;
    }

    private int slice(Tensor latents) {
        int frames = Math.toIntExact(latents.size(2));
        if (framesPerSlice != AUTO) {
            return framesPerSlice;
        }
        long pixels = latents.size(3) * latents.size(4) * config.factor() * config.factor();
        return wholeClips ? frames : (int) Math.max(1, Math.min(frames, AUTO_PIXELS / pixels));
    }
}
