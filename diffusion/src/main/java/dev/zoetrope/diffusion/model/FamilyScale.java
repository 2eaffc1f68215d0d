package dev.zoetrope.diffusion.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Published configurations with their widths divided: kept multiples of what their norms and heads need, so that every
 * family still is what it was, only narrower.
 */
record FamilyScale(int divisor) {
    private static final int GROUPS = 32;
    private static final int HEAD_SIZE = 64;
    private static final int SMALLEST_VOCABULARY = 1024;
    private static final int FEWEST_LAYERS = 2;

    /** unet/config.json. */
    ObjectNode unet(ObjectNode json) {
        if (divisor == 1) {
            return json;
        }
        json.put("cross_attention_dim", width(json.path("cross_attention_dim").asInt(), HEAD_SIZE));
        ArrayNode widths = widths(json);
        String heads = json.has("num_attention_heads") ? "num_attention_heads" : "attention_head_dim";
        if (json.path(heads).isArray()) {
            ArrayNode perLevel = json.putArray(heads);
            widths.forEach(width -> perLevel.add(width.asInt() / headSize(width.asInt())));
        } else if (json.path(heads).asInt() == HEAD_SIZE) {
            int smallest = HEAD_SIZE;
            for (JsonNode width : widths) {
                smallest = Math.min(smallest, headSize(width.asInt()));
            }
            json.put(heads, smallest);
        }
        return json;
    }

    private static int headSize(int width) {
        return width % HEAD_SIZE == 0 ? HEAD_SIZE : GROUPS;
    }

    /** vae/config.json. */
    ObjectNode autoencoder(ObjectNode json) {
        widths(json);
        return json;
    }

    /** motion_adapter/config.json. */
    ObjectNode adapter(ObjectNode json) {
        widths(json);
        return json;
    }

    /** text_encoder/config.json. */
    ObjectNode text(ObjectNode json) {
        if (divisor == 1) {
            return json;
        }
        int width = width(json.path("hidden_size").asInt(), HEAD_SIZE);
        json.put("hidden_size", width);
        json.put("projection_dim", width);
        json.put("intermediate_size", 4 * width);
        json.put("num_attention_heads", width / HEAD_SIZE);
        json.put(
                "num_hidden_layers",
                Math.max(FEWEST_LAYERS, json.path("num_hidden_layers").asInt() / divisor));
        json.put(
                "vocab_size",
                Math.max(SMALLEST_VOCABULARY, json.path("vocab_size").asInt() / divisor));
        return json;
    }

    private ArrayNode widths(ObjectNode json) {
        ArrayNode old = (ArrayNode) json.path("block_out_channels");
        ArrayNode widths = json.putArray("block_out_channels");
        old.forEach(width -> widths.add(width(width.asInt(), GROUPS)));
        return widths;
    }

    private int width(int full, int multiple) {
        return divisor == 1 ? full : Math.max(1, Math.round((float) full / divisor / multiple)) * multiple;
    }
}
