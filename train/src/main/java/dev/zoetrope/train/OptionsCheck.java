package dev.zoetrope.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Whether a checkpoint may be continued with these options: all that change the numbers must be equal. How long the run
 * is and how often it reports may change; with a cosine schedule another length means another learning rate from there.
 */
final class OptionsCheck {
    private static final ObjectMapper JSON = new ObjectMapper();

    private OptionsCheck() {}

    /** The options that must be equal, as a JSON object with sorted keys and string values. */
    static String describe(TrainingOptions options) {
        try {
            return JSON.writeValueAsString(fixed(options));
        } catch (JsonProcessingException e) {
            throw new AssertionError("a map of strings is always valid JSON", e);
        }
    }

    private static SortedMap<String, String> fixed(TrainingOptions options) {
        SortedMap<String, String> fixed = new TreeMap<>();
        fixed.put("batchSize", String.valueOf(options.batchSize()));
        fixed.put("microBatches", String.valueOf(options.microBatches()));
        fixed.put("learningRate", String.valueOf(options.learningRate()));
        fixed.put("warmupSteps", String.valueOf(options.warmupSteps()));
        fixed.put("finalLearningRateFraction", String.valueOf(options.finalLearningRateFraction()));
        fixed.put("weightDecay", String.valueOf(options.weightDecay()));
        fixed.put("gradientClip", String.valueOf(options.gradientClip()));
        fixed.put("emaDecay", String.valueOf(options.emaDecay()));
        fixed.put("seed", String.valueOf(options.seed()));
        return fixed;
    }

    /** @throws ZoetropeException BAD_INPUT, naming every option that differs from those of the checkpoint */
    static void check(Path checkpoint, String stored, TrainingOptions options) {
        Map<String, String> before = parse(checkpoint, stored);
        List<String> differences = new ArrayList<>();
        fixed(options).forEach((name, value) -> {
            String old = before.get(name);
            if (!Objects.equals(old, value)) {
                differences.add(name + " was " + old + " and is " + value);
            }
        });
        if (!differences.isEmpty()) {
            throw ZoetropeException.badInput(
                    "%s cannot be continued with other options: %s; use the old options or another output folder",
                    checkpoint, String.join(", ", differences));
        }
    }

    private static Map<String, String> parse(Path checkpoint, String stored) {
        try {
            return JSON.readValue(stored, new TypeReference<TreeMap<String, String>>() {});
        } catch (JsonProcessingException e) {
            throw ZoetropeException.checkpoint("%s: its options are not valid JSON; delete it", checkpoint);
        }
    }
}
