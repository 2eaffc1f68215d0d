package dev.zoetrope.diffusion.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.zoetrope.diffusion.config.ConfigRecords;
import dev.zoetrope.tensor.ZoetropeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A byte-pair vocabulary: what {@code vocab.json} and {@code merges.txt} hold.
 *
 * @param ids id of each symbol
 * @param merges pairs of symbols in the order in which they are merged, separated by a space
 */
record BytePairs(Map<String, Integer> ids, List<String> merges) {
    private static final long MAX_MERGES_BYTES = 64L << 20;

    /** @throws ZoetropeException CHECKPOINT_MISMATCH if a merge speaks of a symbol that has no id */
    BytePairs {
        for (String merge : merges) {
            int space = merge.indexOf(' ');
            if (space < 1 || space != merge.lastIndexOf(' ') || space == merge.length() - 1) {
                throw ZoetropeException.checkpoint("\"%s\" is not a merge: expected two symbols and a space", merge);
            }
            String left = merge.substring(0, space);
            String right = merge.substring(space + 1);
            if (!ids.containsKey(left) || !ids.containsKey(right) || !ids.containsKey(left + right)) {
                throw ZoetropeException.checkpoint(
                        "the merge \"%s\" has symbols that the vocabulary lacks: vocab.json and merges.txt do not belong"
                                + " together",
                        merge);
            }
        }
    }

    /** Reads {@code vocab.json} and {@code merges.txt}, or {@code tokenizer.json} where these are missing. */
    static BytePairs read(Path folder) {
        Path single = folder.resolve("tokenizer.json");
        if (!Files.exists(folder.resolve("vocab.json")) && Files.exists(single)) {
            return fromTokenizerJson(single);
        }
        Path vocab = folder.resolve("vocab.json");
        return new BytePairs(ids(ConfigRecords.readObject(vocab), vocab), mergeLines(folder.resolve("merges.txt")));
    }

    private static BytePairs fromTokenizerJson(Path file) {
        JsonNode json = ConfigRecords.readObject(file);
        if (!(json.path("model").get("vocab") instanceof ObjectNode vocab)) {
            throw ZoetropeException.badInput("%s has no model.vocab: expected a byte-pair tokenizer", file);
        }
        Map<String, Integer> ids = ids(vocab, file);
        json.path("added_tokens")
                .forEach(token -> ids.putIfAbsent(
                        token.path("content").asText(), token.path("id").asInt()));
        List<String> merges = new ArrayList<>();
        for (JsonNode merge : json.path("model").path("merges")) {
            merges.add(
                    merge.isArray()
                            ? merge.path(0).asText() + " " + merge.path(1).asText()
                            : merge.asText());
        }
        return new BytePairs(ids, merges);
    }

    private static Map<String, Integer> ids(ObjectNode vocab, Path file) {
        Map<String, Integer> ids = new LinkedHashMap<>();
        for (var entry : vocab.properties()) {
            JsonNode id = entry.getValue();
            if (!id.isIntegralNumber() || !id.canConvertToInt() || id.intValue() < 0) {
                throw ZoetropeException.badInput("%s: the id of \"%s\" is %s", file, entry.getKey(), id);
            }
            ids.put(entry.getKey(), id.intValue());
        }
        return ids;
    }

    private static List<String> mergeLines(Path file) {
        try {
            if (!Files.isRegularFile(file) || Files.size(file) > MAX_MERGES_BYTES) {
                throw ZoetropeException.badInput(
                        "%s is missing or larger than %d bytes; a tokenizer folder needs vocab.json and merges.txt",
                        file, MAX_MERGES_BYTES);
            }
            List<String> lines = Files.readAllLines(file);
            return lines.stream()
                    .skip(!lines.isEmpty() && lines.get(0).startsWith("#version") ? 1 : 0)
                    .filter(line -> !line.isBlank())
                    .toList();
        } catch (IOException e) {
            throw ZoetropeException.io(e, "%s cannot be read as UTF-8: %s", file, e.getMessage());
        }
    }

    /** The id of a special token. */
    int id(String token, String role) {
        Integer id = ids.get(token);
        if (id == null) {
            throw ZoetropeException.checkpoint(
                    "the %s \"%s\" has no id in the vocabulary: the files of the tokenizer folder do not belong together",
                    role, token);
        }
        return id;
    }
}
