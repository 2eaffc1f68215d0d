package dev.zoetrope.diffusion.autoencoder;

import dev.zoetrope.tensor.JsonFiles;
import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.Layers.Conv2d;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.WeightFiles;
import dev.zoetrope.tensor.WeightSource;
import java.nio.file.Path;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The variational autoencoder of latent diffusion, with a plain decoder or the temporal one (sheet 3.5, 3.6).
 *
 * <p>{@link #encode} and {@link #decode} are the bare networks. Pipelines multiply latents by {@code scalingFactor} after
 * encoding and divide by it before decoding; {@link FrameDecoder} does that.
 */
public final class AutoencoderKL extends Layer {
    private final AutoencoderConfig config;
    private final Encoder encoder;
    private final Decoder decoder;
    private final @Nullable Conv2d quantConv;
    private final @Nullable Conv2d postQuantConv;

    /** An autoencoder without values: {@link #load} or {@link #initialise} it. */
    public AutoencoderKL(AutoencoderConfig config) {
        this.config = config;
        long latent = config.latentChannels();
        encoder = child("encoder", new Encoder(config));
        quantConv = config.quantConv() ? child("quant_conv", new Conv2d(2 * latent, 2 * latent, 1, 1, 0)) : null;
        postQuantConv = config.postQuantConv() ? child("post_quant_conv", new Conv2d(latent, latent, 1, 1, 0)) : null;
        decoder = child("decoder", new Decoder(config));
    }

    /** From a published folder; old names of the attention are understood. */
    public static AutoencoderKL load(Path folder, Optional<String> variant) {
        AutoencoderConfig config = AutoencoderConfig.parse(JsonFiles.read(folder.resolve("config.json")));
        return load(config, WeightFiles.openComponent(folder, "diffusion_pytorch_model", variant));
    }

    /** From a configuration and weights; closes the weights. */
    public static AutoencoderKL load(AutoencoderConfig config, WeightSource weights) {
        try (weights) {
            AutoencoderKL autoencoder = new AutoencoderKL(config);
            autoencoder.load(OldAttentionNames.renamed(weights));
            return autoencoder;
        }
    }

    public AutoencoderConfig config() {
        return config;
    }

    /** Pictures [N,3,H,W] in [-1,1], sides multiples of {@code factor}, to their posterior [N,c,H/f,W/f]. */
    public Posterior encode(Tensor images) {
        try (Scope scope = Scope.open()) {
            Tensor moments = encoder.forward(images);
            Posterior posterior = Posterior.of(quantConv == null ? moments : quantConv.forward(moments));
            scope.keep(posterior.mean());
            scope.keep(posterior.logVariance());
            return posterior;
        }
    }

    /**
     * Latents [N,c,h,w] to pictures [N,3,fh,fw], about [-1,1].
     *
     * @param frames frames of a clip; N is a multiple. Only the temporal decoder cares.
     */
    public Tensor decode(Tensor latents, long frames) {
        try (Scope scope = Scope.open()) {
            return scope.keep(
                    decoder.forward(postQuantConv == null ? latents : postQuantConv.forward(latents), frames));
        }
    }

    /** [-1,1] to [0,1], clamped. */
    public static Tensor toUnitRange(Tensor images) {
        try (Scope scope = Scope.open()) {
            return scope.keep(Ops.clamp(Ops.add(Ops.mul(images, 0.5), 0.5), 0, 1));
        }
    }
}
