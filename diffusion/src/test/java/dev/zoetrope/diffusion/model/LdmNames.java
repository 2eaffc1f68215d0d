package dev.zoetrope.diffusion.model;

import dev.zoetrope.tensor.SafetensorsWriter;
import dev.zoetrope.tensor.SafetensorsWriter.Content;
import dev.zoetrope.tensor.WeightSource;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Published names back to those of an original checkpoint, written from the table of the sheet (5.4). */
final class LdmNames {
    private static final Pattern BLOCK = Pattern.compile("(down|up)_blocks\\.(\\d+)\\.(\\w+)\\.(\\d+)\\.(.+)");

    private final int layers;
    private final int levels;

    LdmNames(int layers, int levels) {
        this.layers = layers;
        this.levels = levels;
    }

    String unet(String name, boolean attentionBeforeUpsampler) {
        Matcher block = BLOCK.matcher(name);
        if (block.matches()) {
            boolean down = block.group(1).equals("down");
            int i = Integer.parseInt(block.group(2));
            int j = Integer.parseInt(block.group(4));
            String rest = block.group(5);
            String number = (down ? "input_blocks." : "output_blocks.") + ((down ? 1 : 0) + i * (layers + 1) + j);
            return switch (block.group(3)) {
                case "resnets" -> number + ".0." + resnet(rest);
                case "attentions" -> number + ".1." + rest;
                case "downsamplers" -> "input_blocks." + (i + 1) * (layers + 1) + ".0.op" + rest.substring(4);
                default ->
                    "output_blocks." + (i * (layers + 1) + layers) + (attentionBeforeUpsampler ? ".2." : ".1.") + rest;
            };
        }
        if (name.startsWith("mid_block.resnets.")) {
            return "middle_block." + (name.charAt(18) == '0' ? 0 : 2) + "." + resnet(name.substring(20));
        }
        return name.replace("mid_block.attentions.0.", "middle_block.1.")
                .replace("time_embedding.linear_1", "time_embed.0")
                .replace("time_embedding.linear_2", "time_embed.2")
                .replace("conv_norm_out", "out.0")
                .replace("conv_out", "out.2")
                .replace("conv_in", "input_blocks.0.0");
    }

    private static String resnet(String rest) {
        return rest.replace("norm1", "in_layers.0")
                .replace("conv1", "in_layers.2")
                .replace("time_emb_proj", "emb_layers.1")
                .replace("norm2", "out_layers.0")
                .replace("conv2", "out_layers.3")
                .replace("conv_shortcut", "skip_connection");
    }

    String autoencoder(String name) {
        Matcher up = Pattern.compile("decoder\\.up_blocks\\.(\\d+)\\.(.+)").matcher(name);
        String old = up.matches()
                ? "decoder.up." + (levels - 1 - Integer.parseInt(up.group(1))) + "." + up.group(2)
                : name.replace("encoder.down_blocks.", "encoder.down.");
        return old.replace(".resnets.", old.contains("mid_block") ? ".block_" : ".block.")
                .replace("mid_block.block_1", "mid.block_2")
                .replace("mid_block.block_0", "mid.block_1")
                .replace("mid_block.attentions.0.group_norm", "mid.attn_1.norm")
                .replace("mid_block.attentions.0.to_out.0", "mid.attn_1.proj_out")
                .replace("mid_block.attentions.0.to_", "mid.attn_1.")
                .replace("downsamplers.0", "downsample")
                .replace("upsamplers.0", "upsample")
                .replace("conv_shortcut", "nin_shortcut")
                .replace("conv_norm_out", "norm_out");
    }

    /** Text encoder of 2.x: fused projections, and one more layer that nobody uses. */
    static Map<String, Content> openClip(WeightSource text, int layers) {
        Map<String, Content> contents = new HashMap<>();
        for (String name : text.entries().keySet()) {
            Content content = Content.of(text, name);
            String inner = name.replace("text_model.final_layer_norm", "ln_final")
                    .replace("text_model.encoder.layers.", "transformer.resblocks.")
                    .replace("layer_norm", "ln_")
                    .replace("mlp.fc1", "mlp.c_fc")
                    .replace("mlp.fc2", "mlp.c_proj")
                    .replace("self_attn.out_proj", "attn.out_proj")
                    .replace("text_model.embeddings.token_embedding", "token_embedding")
                    .replace("text_model.embeddings.position_embedding.weight", "positional_embedding");
            if (inner.contains("self_attn.k_proj") || inner.contains("self_attn.v_proj")) {
                continue;
            }
            if (inner.contains("self_attn.q_proj")) {
                inner = inner.replace("self_attn.q_proj.", "attn.in_proj_");
                content = fused(text, name, content);
            }
            contents.put("cond_stage_model.model." + inner, content);
            if (inner.startsWith("transformer.resblocks.0.")) {
                contents.put(
                        "cond_stage_model.model." + inner.replace("resblocks.0.", "resblocks." + layers + "."),
                        content);
            }
        }
        contents.put(
                "cond_stage_model.model.text_projection", contents.get("cond_stage_model.model.positional_embedding"));
        return contents;
    }

    private static Content fused(WeightSource text, String q, Content content) {
        long[] shape = content.shape().clone();
        shape[0] *= 3;
        return new SafetensorsWriter.Content(content.dtype(), shape, () -> {
            ByteBuffer all = ByteBuffer.allocate(3 * text.bytes(q).remaining());
            for (String part : new String[] {"q_proj", "k_proj", "v_proj"}) {
                all.put(text.bytes(q.replace("q_proj", part)));
            }
            return all.flip();
        });
    }
}
