package dev.zoetrope.diffusion.model;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.zoetrope.tensor.WeightSource;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The autoencoder of an original latent diffusion checkpoint, from its shapes and under the published names (sheet 5.4). */
final class LdmAutoencoder {
    static final String PREFIX = "first_stage_model.";

    private static final Pattern LEVEL = Pattern.compile("(encoder\\.down|decoder\\.up)\\.(\\d{1,2})\\.(.+)");
    private static final Map<String, String> MID_ATTENTION =
            Map.of("norm", "group_norm", "q", "to_q", "k", "to_k", "v", "to_v", "proj_out", "to_out.0");

    private final WeightSource weights;
    private final int levels;

    /** @param checkpoint the whole checkpoint */
    LdmAutoencoder(WeightSource checkpoint) {
        this.weights = checkpoint.map(name -> name.startsWith(PREFIX) && !name.startsWith(PREFIX + "loss.")
                ? Optional.of(name.substring(PREFIX.length()))
                : Optional.empty());
        if (weights.entries().isEmpty()) {
            throw ZoetropeException.badInput(
                    "%s: has no autoencoder (%s*); use the full checkpoint, not a pruned one",
                    checkpoint.description(), PREFIX);
        }
        int count = 0;
        while (has("encoder.down." + count + ".block.0.conv1.weight")) {
            count++;
        }
        this.levels = count;
    }

    /** {@code config.json} as the published folder of this model has it. */
    ObjectNode config() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("_class_name", "AutoencoderKL");
        json.put("sample_size", 512);
        json.put("latent_channels", WeightShapes.size(weights, "decoder.conv_in.weight", 1));
        json.put("norm_num_groups", 32);
        json.put("scaling_factor", 0.18215);
        json.put("use_quant_conv", has("quant_conv.weight"));
        json.put("use_post_quant_conv", has("post_quant_conv.weight"));
        json.put("mid_block_add_attention", has("encoder.mid.attn_1.q.weight"));
        ArrayNode widths = json.putArray("block_out_channels");
        for (int i = 0; i < levels; i++) {
            widths.add(WeightShapes.size(weights, "encoder.down." + i + ".block.0.conv1.weight", 0));
        }
        int layers = 0;
        while (has("encoder.down.0.block." + layers + ".conv1.weight")) {
            layers++;
        }
        json.put("layers_per_block", layers);
        return json;
    }

    private boolean has(String name) {
        return weights.entries().containsKey(name);
    }

    /** The tensors under their published names. */
    WeightSource published() {
        return weights.renamed(this::published);
    }

    private String published(String name) {
        Matcher level = LEVEL.matcher(name);
        if (level.matches()) {
            boolean down = level.group(1).equals("encoder.down");
            int i = Integer.parseInt(level.group(2));
            String block = down ? "encoder.down_blocks." + i : "decoder.up_blocks." + (levels - 1 - i);
            String rest = level.group(3)
                    .replace("nin_shortcut", "conv_shortcut")
                    .replaceFirst("^block\\.", "resnets.")
                    .replaceFirst("^downsample\\.", "downsamplers.0.")
                    .replaceFirst("^upsample\\.", "upsamplers.0.");
            return block + "." + rest;
        }
        String renamed = name.replace(".mid.block_1.", ".mid_block.resnets.0.")
                .replace(".mid.block_2.", ".mid_block.resnets.1.")
                .replace(".norm_out.", ".conv_norm_out.");
        return attention(renamed);
    }

    private static String attention(String name) {
        String old = ".mid.attn_1.";
        int start = name.indexOf(old);
        int end = name.lastIndexOf('.');
        if (start < 0 || end < start + old.length()) {
            return name;
        }
        String part = name.substring(start + old.length(), end);
        return name.substring(0, start) + ".mid_block.attentions.0." + MID_ATTENTION.getOrDefault(part, part)
                + name.substring(end);
    }
}
