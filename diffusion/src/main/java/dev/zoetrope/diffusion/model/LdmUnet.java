package dev.zoetrope.diffusion.model;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.zoetrope.tensor.WeightSource;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The U-Net of an original latent diffusion checkpoint: its configuration from the shapes, and its tensors under the
 * published names (sheet 5.4). There layers are numbered through ({@code input_blocks.7.1}); here they have levels.
 */
final class LdmUnet {
    static final String PREFIX = "model.diffusion_model.";

    private static final String EMA_PREFIX = "model_ema.";
    private static final int HEADS_OF_SD1 = 8;
    private static final int HEAD_SIZE_OF_SD2 = 64;

    private static final Map<String, String> RESNET_PARTS = Map.of(
            "in_layers.0", "norm1",
            "in_layers.2", "conv1",
            "emb_layers.1", "time_emb_proj",
            "out_layers.0", "norm2",
            "out_layers.3", "conv2",
            "skip_connection", "conv_shortcut");

    private final WeightSource weights;
    private final Map<String, String> blocks = new HashMap<>();
    private final List<Integer> channels = new ArrayList<>();
    private final List<Boolean> downAttention = new ArrayList<>();
    private final List<Boolean> upAttention = new ArrayList<>();
    private int layers;
    private String anyTransformer = "";

    /** @param weights the whole checkpoint */
    LdmUnet(WeightSource weights, boolean ema) {
        this.weights = ema ? averaged(weights) : weights.prefixStripped(PREFIX);
        if (has("label_emb.0.0.weight")) {
            throw ZoetropeException.badInput(
                    "%s: this is a checkpoint of Stable Diffusion XL, which is not supported; use one of 1.x or 2.x",
                    weights.description());
        }
        blocks.put("time_embed.0", "time_embedding.linear_1");
        blocks.put("time_embed.2", "time_embedding.linear_2");
        blocks.put("input_blocks.0.0", "conv_in");
        blocks.put("out.0", "conv_norm_out");
        blocks.put("out.2", "conv_out");
        readDown();
        blocks.put("middle_block.0", "mid_block.resnets.0");
        blocks.put("middle_block.1", "mid_block.attentions.0");
        blocks.put("middle_block.2", "mid_block.resnets.1");
        readUp();
    }

    /** The moving averages, whose names have lost their dots. */
    private static WeightSource averaged(WeightSource weights) {
        Map<String, WeightSource.DerivedEntry> tensors = new HashMap<>();
        for (String name : weights.entries().keySet()) {
            if (name.startsWith(PREFIX)) {
                String average = EMA_PREFIX + name.substring("model.".length()).replace(".", "");
                if (!weights.entries().containsKey(average)) {
                    throw ZoetropeException.badInput(
                            "%s has no averaged weights (%s); leave the option out", weights.description(), average);
                }
                tensors.put(name.substring(PREFIX.length()), WeightSource.DerivedEntry.of(weights, average));
            }
        }
        return WeightSource.of(weights.description(), weights.metadata(), tensors);
    }

    private void readDown() {
        int layer = 0;
        for (int k = 1; ; k++) {
            String block = "input_blocks." + k;
            int level = Math.max(0, channels.size() - 1);
            if (has(block + ".0.op.weight")) {
                blocks.put(block + ".0.op", "down_blocks." + level + ".downsamplers.0.conv");
                layer = 0;
                continue;
            }
            if (!has(block + ".0.in_layers.2.weight")) {
                return;
            }
            if (layer == 0) {
                channels.add(size(block + ".0.in_layers.2.weight", 0));
                downAttention.add(has(block + ".1.norm.weight"));
            }
            addLayer(block, "down_blocks." + (channels.size() - 1), layer++);
            layers = Math.max(layers, layer);
        }
    }

    private void readUp() {
        int count = (layers + 1) * channels.size();
        for (int k = 0; k < count; k++) {
            String block = "output_blocks." + k;
            String published = "up_blocks." + k / (layers + 1);
            int layer = k % (layers + 1);
            if (layer == 0) {
                upAttention.add(has(block + ".1.norm.weight"));
            }
            addLayer(block, published, layer);
            for (String place : List.of(".1.conv", ".2.conv")) {
                if (has(block + place + ".weight")) {
                    blocks.put(block + place, published + ".upsamplers.0.conv");
                }
            }
        }
    }

    private void addLayer(String block, String published, int layer) {
        blocks.put(block + ".0", published + ".resnets." + layer);
        if (has(block + ".1.norm.weight")) {
            blocks.put(block + ".1", published + ".attentions." + layer);
            anyTransformer = block + ".1";
        }
    }

    /** {@code config.json} as the published folder of this model has it. */
    ObjectNode config() {
        if (channels.isEmpty() || anyTransformer.isEmpty()) {
            throw ZoetropeException.checkpoint(
                    "%s: the layers of its U-Net cannot be recognised; is it a checkpoint of Stable Diffusion 1.x or 2.x?",
                    weights.description());
        }
        boolean linear =
                weights.entry(anyTransformer + ".proj_in.weight").shape().size() == 2;
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("_class_name", "UNet2DConditionModel");
        json.put("sample_size", 64);
        json.put("in_channels", size("input_blocks.0.0.weight", 1));
        json.put("out_channels", size("out.2.weight", 0));
        json.put("layers_per_block", layers);
        json.put("transformer_layers_per_block", depth());
        json.put("cross_attention_dim", size(anyTransformer + ".transformer_blocks.0.attn2.to_k.weight", 1));
        json.put("use_linear_projection", linear);
        json.put("norm_num_groups", 32);
        ArrayNode heads = json.putArray("attention_head_dim");
        ArrayNode widths = json.putArray("block_out_channels");
        for (int width : channels) {
            widths.add(width);
            heads.add(linear ? Math.max(1, width / HEAD_SIZE_OF_SD2) : HEADS_OF_SD1);
        }
        ArrayNode down = json.putArray("down_block_types");
        downAttention.forEach(attention -> down.add(attention ? "CrossAttnDownBlock2D" : "DownBlock2D"));
        ArrayNode up = json.putArray("up_block_types");
        upAttention.forEach(attention -> up.add(attention ? "CrossAttnUpBlock2D" : "UpBlock2D"));
        return json;
    }

    private int depth() {
        int depth = 0;
        while (has(anyTransformer + ".transformer_blocks." + depth + ".norm1.weight")) {
            depth++;
        }
        return depth;
    }

    /** The tensors under their published names; unknown ones keep theirs, so that loading reports them. */
    WeightSource published() {
        return weights.renamed(this::published);
    }

    private String published(String name) {
        for (int end = name.lastIndexOf('.'); end > 0; end = name.lastIndexOf('.', end - 1)) {
            String block = blocks.get(name.substring(0, end));
            if (block != null) {
                String rest = name.substring(end);
                return block + (block.contains(".resnets.") ? resnetPart(rest) : rest);
            }
        }
        return name;
    }

    private static String resnetPart(String rest) {
        int end = rest.lastIndexOf('.');
        String part = end > 0 ? RESNET_PARTS.get(rest.substring(1, end)) : null;
        return part == null ? rest : "." + part + rest.substring(end);
    }

    private boolean has(String name) {
        return weights.entries().containsKey(name);
    }

    private int size(String name, int axis) {
        return WeightShapes.size(weights, name, axis);
    }
}
