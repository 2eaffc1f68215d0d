package dev.zoetrope.diffusion.model;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.zoetrope.diffusion.autoencoder.AutoencoderConfig;
import dev.zoetrope.diffusion.autoencoder.AutoencoderKL;
import dev.zoetrope.diffusion.text.ClipTextConfig;
import dev.zoetrope.diffusion.text.ClipTextEncoder;
import dev.zoetrope.diffusion.text.ClipTokenizer;
import dev.zoetrope.diffusion.unet.UNet;
import dev.zoetrope.diffusion.unet.UNetConfig;
import dev.zoetrope.diffusion.unet.UNetConfig.Family;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Supplier;

/**
 * What a model is made of, before any weights are read.
 *
 * @param source folder or file, for messages
 * @param unet with the motion modules of an adapter
 * @param sampleHeight latent rows the model was trained on
 * @param sampleWidth latent columns
 * @param text absent in image-to-video models
 * @param scheduler scheduler_config.json
 * @param guidanceScale that the model was measured with, where the folder says
 * @param components the parts with weights
 */
record ModelParts(
        String source,
        UNetConfig unet,
        int sampleHeight,
        int sampleWidth,
        AutoencoderConfig autoencoder,
        Optional<ClipTextConfig> text,
        ObjectNode scheduler,
        OptionalDouble guidanceScale,
        List<ModelComponent> components,
        Loaders loaders) {

    /** How each part is loaded. */
    record Loaders(
            Supplier<UNet> unet,
            Supplier<AutoencoderKL> autoencoder,
            Supplier<ClipTextEncoder> text,
            Supplier<ClipTokenizer> tokenizer) {}

    /** @throws ZoetropeException CHECKPOINT_MISMATCH if the parts do not fit together */
    ModelParts {
        components = List.copyOf(components);
        if (text.isPresent() && text.get().hiddenSize() != unet.contextWidth()) {
            throw ZoetropeException.checkpoint(
                    "%s: context width %d, U-Net expects %d: the text encoder belongs to another model; Stable Diffusion"
                            + " 1.x has 768, 2.x and ModelScope 1024",
                    source, text.get().hiddenSize(), unet.contextWidth());
        }
        int latent = autoencoder.latentChannels();
        boolean withImage = unet.family() == Family.SPATIO_TEMPORAL;
        if (unet.inChannels() != (withImage ? 2 * latent : latent) || unet.outChannels() != latent) {
            throw ZoetropeException.checkpoint(
                    "%s: the U-Net takes %d channels and gives %d, the autoencoder has %d latent channels; in-painting and"
                            + " depth models are not supported",
                    source, unet.inChannels(), unet.outChannels(), latent);
        }
    }
}
