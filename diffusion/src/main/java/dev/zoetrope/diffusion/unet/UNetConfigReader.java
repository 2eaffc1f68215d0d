package dev.zoetrope.diffusion.unet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.zoetrope.diffusion.unet.UNetConfig.AddedTime;
import dev.zoetrope.diffusion.unet.UNetConfig.Family;
import dev.zoetrope.diffusion.unet.UNetConfig.Motion;
import dev.zoetrope.diffusion.unet.UNetConfig.Temporal;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;

/** Reads the published config.json of each family, resolving its misnomers and defaults (sheet 3.1, 5.1). */
final class UNetConfigReader {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<Integer> SD_WIDTHS = List.of(320, 640, 1280, 1280);

    private final JsonNode json;
    private final Family family;

    private UNetConfigReader(JsonNode json, Family family) {
        this.json = json;
        this.family = family;
    }

    static UNetConfig read(JsonNode json) {
        String className = json.path("_class_name").asText("");
        boolean released = className.equals(Family.VIDEO_3D.className()) && json.has("add_temp_conv");
        Family family = Arrays.stream(Family.values())
                .filter(candidate -> candidate.className().equals(className))
                .map(candidate -> released ? Family.VIDRD : candidate)
                .findFirst()
                .orElseThrow(() -> ZoetropeException.checkpoint(
                        "U-Net class \"%s\" is not supported; known are %s",
                        className,
                        Arrays.stream(Family.values()).map(Family::className).collect(Collectors.joining(", "))));
        return new UNetConfigReader(json, family).read();
    }

    private UNetConfig read() {
        refuseUnsupported();
        List<Integer> channels = integers("block_out_channels", SD_WIDTHS);
        int levels = channels.size();
        boolean spatioTemporal = family == Family.SPATIO_TEMPORAL;
        boolean has3d = family == Family.VIDEO_3D;
        return new UNetConfig(
                family,
                integer("in_channels", spatioTemporal ? 8 : 4),
                integer("out_channels", 4),
                channels,
                UNetConfig.attention(blockTypes("down_block_types", levels, true), "CrossAttnDownBlock", "DownBlock"),
                UNetConfig.attention(blockTypes("up_block_types", levels, false), "CrossAttnUpBlock", "UpBlock"),
                integer("layers_per_block", 2),
                heads(channels),
                integer("transformer_layers_per_block", 1),
                integer("cross_attention_dim", defaultContextWidth()),
                spatioTemporal ? 32 : integer("norm_num_groups", 32),
                number("norm_eps", 1e-5),
                has3d || json.path("use_linear_projection").asBoolean(false),
                has3d ? integer("attention_head_dim", defaultHeads()) : 0,
                family == Family.MOTION ? motion(levels) : Motion.NONE,
                family == Family.VIDRD ? temporal() : Temporal.NONE,
                spatioTemporal
                        ? new AddedTime(
                                integer("addition_time_embed_dim", 256),
                                integer("projection_class_embeddings_input_dim", 768))
                        : AddedTime.NONE);
    }

    private int defaultHeads() {
        return family == Family.VIDEO_3D ? 64 : 8;
    }

    private int defaultContextWidth() {
        return family == Family.VIDEO_3D || family == Family.SPATIO_TEMPORAL ? 1024 : 1280;
    }

    /** In UNet3D the field is the size of a head, elsewhere (despite its name) the number of heads. */
    private List<Integer> heads(List<Integer> channels) {
        int levels = channels.size();
        boolean counted = family == Family.MOTION || family == Family.SPATIO_TEMPORAL;
        String field =
                counted || json.path("num_attention_heads").isNumber() ? "num_attention_heads" : "attention_head_dim";
        List<Integer> values = perLevel(field, levels, defaultHeads());
        List<Integer> heads = new ArrayList<>();
        for (int i = 0; i < levels; i++) {
            int value = values.get(i);
            if (value < 1 || channels.get(i) % value != 0) {
                throw ZoetropeException.checkpoint(
                        "U-Net configuration: %s %d does not divide the %d channels of level %d",
                        field, value, channels.get(i), i);
            }
            heads.add(family == Family.VIDEO_3D ? channels.get(i) / value : value);
        }
        return heads;
    }

    private Temporal temporal() {
        requireFalse("add_temp_transformer");
        return new Temporal(
                json.path("add_temp_conv").asBoolean(true) ? integer("temp_conv_groups", 32) : 0,
                true,
                json.path("add_temp_embed").asBoolean(true),
                json.path("add_temp_attn_only_on_upblocks").asBoolean(false),
                json.path("prepend_first_frame").asBoolean(false));
    }

    private Motion motion(int levels) {
        return new Motion(
                perLevel("motion_num_attention_heads", levels, 8),
                integer("norm_num_groups", 32),
                integer("motion_max_seq_length", 32),
                json.path("use_motion_mid_block").asBoolean(true));
    }

    private void refuseUnsupported() {
        for (String field : List.of(
                "class_embed_type",
                "addition_embed_type",
                "encoder_hid_dim_type",
                "time_embedding_act_fn",
                "time_cond_proj_dim",
                "num_class_embeds",
                "timestep_post_act")) {
            if (json.hasNonNull(field)) {
                throw ZoetropeException.checkpoint(
                        "U-Net configuration: %s = %s is not supported, only null is",
                        field, json.get(field).asText());
            }
        }
        requireValue("act_fn", "silu");
        requireValue("time_embedding_type", "positional");
        requireValue("resnet_time_scale_shift", "default");
        requireFalse("dual_cross_attention");
        requireFalse("only_cross_attention");
        requireFalse("center_input_sample");
        if (!json.path("flip_sin_to_cos").asBoolean(true)
                || json.path("freq_shift").asInt(0) != 0) {
            throw ZoetropeException.checkpoint(
                    "U-Net configuration: only flip_sin_to_cos true with freq_shift 0 is supported");
        }
    }

    private void requireValue(String field, String value) {
        if (json.hasNonNull(field) && !json.get(field).asText().equals(value)) {
            throw ZoetropeException.checkpoint(
                    "U-Net configuration: %s = %s is not supported, only %s is",
                    field, json.get(field).asText(), value);
        }
    }

    private void requireFalse(String field) {
        JsonNode node = json.path(field);
        boolean set = node.isArray() ? contains(node) : node.asBoolean(false);
        if (set) {
            throw ZoetropeException.checkpoint("U-Net configuration: %s is not supported", field);
        }
    }

    private static boolean contains(JsonNode array) {
        for (JsonNode entry : array) {
            if (entry.asBoolean(false)) {
                return true;
            }
        }
        return false;
    }

    private JsonNode blockTypes(String field, int levels, boolean down) {
        if (json.path(field).isArray()) {
            return json.get(field);
        }
        // Every family's default: attention at all levels but the coarsest.
        List<String> types =
                new ArrayList<>(Collections.nCopies(levels - 1, down ? "CrossAttnDownBlock" : "CrossAttnUpBlock"));
        types.add(down ? levels - 1 : 0, down ? "DownBlock" : "UpBlock");
        return JSON.valueToTree(types);
    }

    private List<Integer> perLevel(String field, int levels, int fallback) {
        JsonNode node = json.path(field);
        if (node.isArray()) {
            return integers(field, List.of());
        }
        return Collections.nCopies(levels, integer(field, fallback));
    }

    private List<Integer> integers(String field, List<Integer> fallback) {
        JsonNode node = json.path(field);
        if (!node.isArray()) {
            return fallback;
        }
        List<Integer> values = new ArrayList<>();
        node.forEach(entry -> values.add(entry.asInt()));
        return values;
    }

    private int integer(String field, int fallback) {
        JsonNode node = json.path(field);
        if (node.isMissingNode() || node.isNull()) {
            return fallback;
        }
        JsonNode value = node.isArray() && allEqual(node) ? node.get(0) : node;
        if (!value.canConvertToInt() || value.asInt() < 1 || value.asInt() > 1 << 20) {
            throw ZoetropeException.checkpoint("U-Net configuration: %s = %s is not a usable number", field, node);
        }
        return value.asInt();
    }

    private static boolean allEqual(JsonNode array) {
        for (JsonNode entry : array) {
            if (!entry.equals(array.get(0))) {
                return false;
            }
        }
        return !array.isEmpty();
    }

    private double number(String field, double fallback) {
        return json.path(field).isNumber() ? json.get(field).asDouble() : fallback;
    }
}
