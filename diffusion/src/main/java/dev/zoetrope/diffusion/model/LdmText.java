package dev.zoetrope.diffusion.model;

import dev.zoetrope.diffusion.text.Activation;
import dev.zoetrope.diffusion.text.ClipTextConfig;
import dev.zoetrope.tensor.WeightSource;
import dev.zoetrope.tensor.WeightSource.DerivedEntry;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The text encoder of an original latent diffusion checkpoint: CLIP as published (1.x), or OpenCLIP (2.x), whose fused
 * projections are split and whose last layer was never used (sheet 5.4).
 */
final class LdmText {
    private static final String CLIP = "cond_stage_model.transformer.";
    private static final String OPEN_CLIP = "cond_stage_model.model.";
    private static final Pattern LAYER = Pattern.compile("transformer\\.resblocks\\.(\\d{1,3})\\.(.+)");
    private static final int HEAD_SIZE = 64;

    private static final Map<String, String> OPEN_CLIP_NAMES = Map.of(
            "positional_embedding", "text_model.embeddings.position_embedding.weight",
            "token_embedding.weight", "text_model.embeddings.token_embedding.weight",
            "ln_final.weight", "text_model.final_layer_norm.weight",
            "ln_final.bias", "text_model.final_layer_norm.bias");

    private static final Map<String, String> OPEN_CLIP_LAYER_NAMES = Map.of(
            "ln_1", "layer_norm1",
            "ln_2", "layer_norm2",
            "attn.out_proj", "self_attn.out_proj",
            "mlp.c_fc", "mlp.fc1",
            "mlp.c_proj", "mlp.fc2");

    private final WeightSource published;
    private final boolean openClip;

    /** @param checkpoint the whole checkpoint */
    LdmText(WeightSource checkpoint) {
        this.openClip = checkpoint.entries().keySet().stream().anyMatch(name -> name.startsWith(OPEN_CLIP));
        this.published = openClip ? fromOpenClip(checkpoint) : fromClip(checkpoint);
        if (published.entries().isEmpty()) {
            throw ZoetropeException.badInput(
                    "%s: has no text encoder (%s* or %s*); use the full checkpoint, not a pruned one",
                    checkpoint.description(), CLIP, OPEN_CLIP);
        }
    }

    private static WeightSource fromClip(WeightSource checkpoint) {
        return checkpoint.map(name -> name.startsWith(CLIP) && !name.endsWith("position_ids")
                ? Optional.of(name.substring(CLIP.length()))
                : Optional.empty());
    }

    private static WeightSource fromOpenClip(WeightSource checkpoint) {
        int last = lastLayer(checkpoint);
        Map<String, DerivedEntry> tensors = new HashMap<>();
        for (String name : checkpoint.entries().keySet()) {
            if (!name.startsWith(OPEN_CLIP)) {
                continue;
            }
            String inner = name.substring(OPEN_CLIP.length());
            DerivedEntry entry = DerivedEntry.of(checkpoint, name);
            Matcher layer = LAYER.matcher(inner);
            if (!layer.matches()) {
                String plain = OPEN_CLIP_NAMES.get(inner);
                if (plain != null) { // text_projection and logit_scale serve image search only
                    tensors.put(plain, entry);
                }
            } else if (Integer.parseInt(layer.group(1)) < last) {
                addLayer(tensors, "text_model.encoder.layers." + layer.group(1) + ".", layer.group(2), entry);
            }
        }
        return WeightSource.of(checkpoint.description(), checkpoint.metadata(), tensors);
    }

    private static int lastLayer(WeightSource checkpoint) {
        int last = 0;
        for (String name : checkpoint.entries().keySet()) {
            Matcher layer = LAYER.matcher(name.startsWith(OPEN_CLIP) ? name.substring(OPEN_CLIP.length()) : "");
            if (layer.matches()) {
                last = Math.max(last, Integer.parseInt(layer.group(1)));
            }
        }
        return last;
    }

    private static void addLayer(Map<String, DerivedEntry> tensors, String layer, String part, DerivedEntry entry) {
        if (part.startsWith("attn.in_proj_")) {
            String kind = part.substring("attn.in_proj_".length());
            long width = entry.shape().isEmpty() ? 0 : entry.shape().get(0) / 3;
            List<String> projections = List.of("q_proj", "k_proj", "v_proj");
            for (int i = 0; i < projections.size(); i++) {
                tensors.put(
                        layer + "self_attn." + projections.get(i) + "." + kind, entry.rows(i * width, (i + 1) * width));
            }
            return;
        }
        int end = part.lastIndexOf('.');
        String name = end < 0 ? null : OPEN_CLIP_LAYER_NAMES.get(part.substring(0, end));
        tensors.put(layer + (name == null ? part : name + part.substring(end)), entry);
    }

    /** Sizes from the shapes; heads of 64, as all published encoders have them. */
    ClipTextConfig config() {
        String tokens = "text_model.embeddings.token_embedding.weight";
        int width = WeightShapes.size(published, tokens, 1);
        int layers = 0;
        while (published.entries().containsKey("text_model.encoder.layers." + layers + ".layer_norm1.weight")) {
            layers++;
        }
        return new ClipTextConfig(
                WeightShapes.size(published, tokens, 0),
                width,
                WeightShapes.size(published, "text_model.encoder.layers.0.mlp.fc1.weight", 0),
                width,
                layers,
                Math.max(1, width / HEAD_SIZE),
                WeightShapes.size(published, "text_model.embeddings.position_embedding.weight", 0),
                openClip ? Activation.GELU : Activation.QUICK_GELU,
                1e-5,
                49406,
                49407);
    }

    /** The tensors under their published names. */
    WeightSource published() {
        return published;
    }
}
