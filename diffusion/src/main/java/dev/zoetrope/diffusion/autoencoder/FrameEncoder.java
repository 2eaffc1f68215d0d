package dev.zoetrope.diffusion.autoencoder;

import dev.zoetrope.media.Clip;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** Turns the frames of a clip into scaled latents: the posterior mean, frame by frame, with tiles where memory is short. */
public final class FrameEncoder {
    private final AutoencoderKL autoencoder;
    private final AutoencoderConfig config;
    private final boolean tiled;

    /** Without tiles. */
    public FrameEncoder(AutoencoderKL autoencoder) {
        this(autoencoder, false);
    }

    /** @param tiled whether to encode overlapping tiles of the size the autoencoder was made for */
    public FrameEncoder(AutoencoderKL autoencoder, boolean tiled) {
        this.autoencoder = autoencoder;
        this.config = autoencoder.config();
        this.tiled = tiled;
    }

    /** As {@link #encode(Tensor)}. */
    public Tensor encode(Clip clip) {
        return encode(clip.tensor());
    }

    /**
     * @param frames [F,3,H,W] in [0,1]; sides multiples of the autoencoder's factor
     * @return latents [1,C,F,h,w], scaled as a denoiser sees them
     * @throws ZoetropeException BAD_INPUT if a side is no multiple
     */
    public Tensor encode(Tensor frames) {
        checkSize(frames);
        try (Scope scope = Scope.noGrad()) {
            List<Tensor> latents = new ArrayList<>();
            for (long i = 0; i < frames.size(0); i++) {
                latents.add(mean(Ops.add(Ops.mul(Ops.slice(frames, 0, i, i + 1), 2), -1)));
            }
            Tensor z = Ops.mul(Ops.cat(0, latents), config.scalingFactor()); // [F,C,h,w]
            return scope.keep(z.transpose(0, 1).unsqueeze(0).contiguous());
        }
    }

    private Tensor mean(Tensor image) {
        try (Scope scope = Scope.noGrad()) {
            int side = config.sampleSize();
            boolean large = image.size(2) > side || image.size(3) > side;
            return scope.keep(
                    tiled && large
                            ? new Tiles(side, side / config.factor())
                                    .run(image, tile -> autoencoder.encode(tile).mean())
                            : autoencoder.encode(image).mean());
        }
    }

    private void checkSize(Tensor frames) {
        boolean shaped = frames.dim() == 4 && frames.size(1) == 3;
        if (!shaped || frames.size(2) % config.factor() != 0 || frames.size(3) % config.factor() != 0) {
            throw ZoetropeException.badInput(
                    "frames to encode must be [F,3,H,W] with sides that are multiples of %d, got %s; resize them first",
                    config.factor(), Arrays.toString(Tensors.shape(frames)));
        }
    }
}
