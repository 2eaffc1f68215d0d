package dev.zoetrope.diffusion.autoencoder;

import dev.zoetrope.tensor.WeightSource;
import dev.zoetrope.tensor.WeightSource.DerivedEntry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Older files name the mid attention query, key, value, proj_attn, some as 1x1 convolutions (sheet 5.4). */
public final class OldAttentionNames {
    private static final Map<String, String> NEW_NAMES =
            Map.of("query", "to_q", "key", "to_k", "value", "to_v", "proj_attn", "to_out.0");

    private OldAttentionNames() {}

    /** The same weights under the names of our layers. */
    public static WeightSource renamed(WeightSource weights) {
        Map<String, DerivedEntry> entries = new HashMap<>();
        for (String key : weights.entries().keySet()) {
            DerivedEntry entry = DerivedEntry.of(weights, key);
            boolean attention = key.contains(".mid_block.attentions.") && !key.contains("group_norm");
            entries.put(newName(key), attention ? squeezed(entry) : entry);
        }
        return WeightSource.of(weights.description(), weights.metadata(), entries);
    }

    /** The name our layers have for an old or new name. */
    public static String newName(String key) {
        if (!key.contains(".mid_block.attentions.")) {
            return key;
        }
        int end = key.lastIndexOf('.');
        int start = key.lastIndexOf('.', end - 1) + 1;
        String part = NEW_NAMES.get(key.substring(start, end));
        return part == null ? key : key.substring(0, start) + part + key.substring(end);
    }

    private static DerivedEntry squeezed(DerivedEntry entry) {
        List<Long> shape = entry.shape();
        boolean pointwise = shape.size() == 4 && shape.get(2) == 1 && shape.get(3) == 1;
        return pointwise ? entry.reshaped(shape.subList(0, 2)) : entry;
    }
}
