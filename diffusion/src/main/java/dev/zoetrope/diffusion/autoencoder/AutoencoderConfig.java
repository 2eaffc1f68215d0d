package dev.zoetrope.diffusion.autoencoder;

import com.fasterxml.jackson.databind.JsonNode;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.ArrayList;
import java.util.List;

/**
 * A published autoencoder configuration (sheet 5.1).
 *
 * @param temporalDecoder whether the decoder mixes frames
 * @param channels width of each level, first the finest
 * @param layers ResNets of an encoder level; a decoder level has one more
 * @param latentChannels channels of the latents
 * @param normGroups groups of the norms
 * @param sampleSize side in pixels it was made for; the tile of tiled decoding
 * @param scalingFactor latents are multiplied by it after encoding
 * @param quantConv whether a 1x1 convolution follows the encoder
 * @param postQuantConv whether a 1x1 convolution precedes the decoder
 * @param midAttention whether the mid blocks have attention
 * @param temporalConvGroups norm groups of the temporal convolutions after the decoder's ResNets (VidRD); 0 without them
 */
public record AutoencoderConfig(
        boolean temporalDecoder,
        List<Integer> channels,
        int layers,
        int latentChannels,
        int normGroups,
        int sampleSize,
        double scalingFactor,
        boolean quantConv,
        boolean postQuantConv,
        boolean midAttention,
        int temporalConvGroups) {

    /** Class name of the plain autoencoder. */
    public static final String PLAIN = "AutoencoderKL";

    /** Class name of the one with a temporal decoder. */
    public static final String TEMPORAL = "AutoencoderKLTemporalDecoder";

    /** Class name of the plain one with temporal convolutions in its decoder, VidRD's. */
    public static final String TEMPORAL_CONVS = "TemporalAutoencoderKL";

    private static final double SD_SCALING_FACTOR = 0.18215;

    public AutoencoderConfig {
        channels = List.copyOf(channels);
        if (channels.isEmpty() || layers < 1 || latentChannels < 1 || !(scalingFactor > 0)) {
            throw ZoetropeException.checkpoint(
                    "autoencoder configuration: widths %s, %d layers, %d latent channels, scaling factor %s cannot be",
                    channels, layers, latentChannels, scalingFactor);
        }
    }

    /** The {@code _class_name} in config.json. */
    public String className() {
        return temporalDecoder ? TEMPORAL : temporalConvGroups > 0 ? TEMPORAL_CONVS : PLAIN;
    }

    /** Whether the decoder mixes the frames of a clip. */
    public boolean mixesFrames() {
        return temporalDecoder || temporalConvGroups > 0;
    }

    /** Pixels per latent position along a side: 2^(levels - 1). */
    public int factor() {
        return 1 << (channels.size() - 1);
    }

    /**
     * Reads a published config.json.
     *
     * @throws ZoetropeException CHECKPOINT_MISMATCH for another class
     */
    public static AutoencoderConfig parse(JsonNode json) {
        String className = json.path("_class_name").asText("");
        List<String> known = List.of(PLAIN, TEMPORAL, TEMPORAL_CONVS);
        if (!known.contains(className)) {
            throw ZoetropeException.checkpoint(
                    "autoencoder class \"%s\" is not supported; known are %s", className, String.join(", ", known));
        }
        boolean temporal = className.equals(TEMPORAL);
        List<Integer> channels = new ArrayList<>();
        json.path("block_out_channels").forEach(width -> channels.add(width.asInt()));
        return new AutoencoderConfig(
                temporal,
                channels.isEmpty() ? List.of(64) : channels,
                json.path("layers_per_block").asInt(1),
                json.path("latent_channels").asInt(4),
                temporal ? 32 : json.path("norm_num_groups").asInt(32),
                json.path("sample_size").asInt(32),
                json.path("scaling_factor").asDouble(SD_SCALING_FACTOR),
                json.path("use_quant_conv").asBoolean(true),
                !temporal && json.path("use_post_quant_conv").asBoolean(true),
                json.path("mid_block_add_attention").asBoolean(true),
                json.path("add_temp_conv").asBoolean(className.equals(TEMPORAL_CONVS))
                        ? json.path("temp_conv_groups").asInt(32)
                        : 0);
    }
}
