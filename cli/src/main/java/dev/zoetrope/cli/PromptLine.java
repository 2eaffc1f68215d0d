package dev.zoetrope.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.zoetrope.tensor.ZoetropeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One wish of a prompt file.
 *
 * @param negative what to steer away from, where the line says so
 * @param seed where the line says so
 */
record PromptLine(String prompt, Optional<String> negative, Optional<Long> seed) {
    private static final long MAX_BYTES = 16L << 20;
    private static final Set<String> FIELDS = Set.of("prompt", "negative", "seed");

    static PromptLine of(String prompt) {
        return new PromptLine(prompt, Optional.empty(), Optional.empty());
    }

    /**
     * Reads a file of prompts: one a line, blank lines and lines that begin with # left out. A line that begins with a
     * brace is JSON with {@code prompt} and, if wanted, {@code negative} and {@code seed}.
     *
     * @throws ZoetropeException BAD_INPUT naming file and line
     */
    static List<PromptLine> read(Path file) {
        Check.file("prompt file", file);
        try {
            Check.that(Files.size(file) <= MAX_BYTES, "%s is larger than 16 MB: it is no file of prompts", file);
            List<String> lines = Files.readAllLines(file);
            List<PromptLine> prompts = new ArrayList<>();
            for (int i = 0; i < lines.size(); i++) {
                String line = lines.get(i).strip();
                if (!line.isEmpty() && !line.startsWith("#")) {
                    prompts.add(line.startsWith("{") ? json(line, file + ":" + (i + 1)) : of(line));
                }
            }
            Check.that(!prompts.isEmpty(), "%s has no prompts", file);
            return prompts;
        } catch (IOException e) {
            throw ZoetropeException.badInput("%s cannot be read as UTF-8 text: %s", file, e.getMessage());
        }
    }

    private static PromptLine json(String line, String where) {
        JsonNode json;
        try {
            json = new ObjectMapper().readTree(line);
        } catch (JsonProcessingException e) {
            throw ZoetropeException.badInput("%s is not valid JSON: %s", where, e.getOriginalMessage());
        }
        json.fieldNames()
                .forEachRemaining(field -> Check.that(
                        FIELDS.contains(field),
                        "%s: unknown field \"%s\"; expected prompt, negative and seed",
                        where,
                        field));
        Check.that(json.path("prompt").isTextual(), "%s: expected a text \"prompt\"", where);
        Check.that(
                !json.has("seed")
                        || json.path("seed").canConvertToLong()
                                && json.path("seed").isIntegralNumber(),
                "%s: \"seed\" must be a whole number",
                where);
        Check.that(
                !json.has("negative") || json.path("negative").isTextual(), "%s: \"negative\" must be a text", where);
        return new PromptLine(
                json.path("prompt").asText(),
                Optional.ofNullable(json.get("negative")).map(JsonNode::asText),
                Optional.ofNullable(json.get("seed")).map(JsonNode::asLong));
    }
}
