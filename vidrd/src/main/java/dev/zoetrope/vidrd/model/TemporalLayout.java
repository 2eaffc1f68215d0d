package dev.zoetrope.vidrd.model;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.zoetrope.diffusion.autoencoder.AutoencoderConfig;
import dev.zoetrope.diffusion.unet.UNetConfig;
import dev.zoetrope.tensor.ZoetropeException;

/**
 * Which temporal layers an image model gets (sheet 3.1, 3.3).
 *
 * @param convGroups norm groups of the temporal convolutions, a divisor of every width. Default 32
 * @param positionCode whether attention over frames sees a code of frame positions. Default true
 * @param temporalDecoder whether the decoder gets temporal convolutions. Default true
 */
public record TemporalLayout(int convGroups, boolean positionCode, boolean temporalDecoder) {
    /** As the release has it. */
    public static final TemporalLayout RELEASED = new TemporalLayout(32, true, true);

    /** @throws ZoetropeException BAD_INPUT unless there is at least one group */
    public TemporalLayout {
        if (convGroups < 1) {
            throw ZoetropeException.badInput("groups of temporal convolutions: %d, expected at least 1", convGroups);
        }
    }

    /** unet/config.json of the inflated U-Net of an image model. */
    public ObjectNode unet(ObjectNode image, int sampleSize) {
        ObjectNode json = image.deepCopy();
        json.put("_class_name", UNetConfig.Family.VIDRD.className());
        json.put("sample_size", sampleSize);
        json.put("add_temp_conv", true);
        json.put("add_temp_embed", positionCode);
        json.put("add_temp_transformer", false);
        json.put("add_temp_attn_only_on_upblocks", false);
        json.put("prepend_first_frame", false);
        json.put("temp_conv_groups", convGroups);
        renameBlocks(json, "down_block_types");
        renameBlocks(json, "up_block_types");
        json.put("mid_block_type", "UNetMidBlock3DCrossAttn");
        return json;
    }

    /** vae/config.json with temporal convolutions in the decoder. */
    public ObjectNode autoencoder(ObjectNode plain) {
        ObjectNode json = plain.deepCopy();
        json.put("_class_name", AutoencoderConfig.TEMPORAL_CONVS);
        json.put("add_temp_conv", true);
        json.put("temp_conv_groups", convGroups);
        return json;
    }

    /** CrossAttnDownBlock2D becomes CrossAttnDownBlock3D, and so on. */
    private static void renameBlocks(ObjectNode json, String field) {
        if (json.path(field).isArray()) {
            ArrayNode renamed = json.arrayNode();
            json.path(field).forEach(type -> renamed.add(type.asText().replaceFirst("2D$", "3D")));
            json.set(field, renamed);
        }
    }
}
