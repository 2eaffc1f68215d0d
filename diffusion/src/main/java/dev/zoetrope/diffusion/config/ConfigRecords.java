package dev.zoetrope.diffusion.config;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.zoetrope.tensor.ZoetropeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;

/**
 * Turns the JSON of a model folder into records. Fields a record does not know are ignored, fields the file lacks (or
 * has as {@code null}) keep the default, as the reference libraries do.
 */
public final class ConfigRecords {
    private static final long MAX_BYTES = 64L << 20;

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS) // schedulers have "lambda_min_clipped": -Infinity
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .build();

    private ConfigRecords() {}

    /**
     * Reads a file that holds one JSON object, with the infinities that Python writes.
     *
     * @throws ZoetropeException BAD_INPUT if the file is missing, larger than 64 MiB or not a JSON object; IO if it
     *     cannot be read
     */
    public static ObjectNode readObject(Path file) {
        if (!Files.isRegularFile(file)) {
            throw ZoetropeException.badInput("%s does not exist; is this the right model folder?", file);
        }
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw ZoetropeException.badInput("%s is larger than 64 MB: it is not a configuration file", file);
            }
            return parseObject(Files.readString(file), file.toString());
        } catch (IOException e) {
            throw ZoetropeException.io(e, "%s cannot be read: %s", file, e.getMessage());
        }
    }

    /**
     * Parses text that holds one JSON object.
     *
     * @param source what to call the text in messages
     * @throws ZoetropeException BAD_INPUT if it is something else
     */
    public static ObjectNode parseObject(String text, String source) {
        try {
            JsonNode node = MAPPER.readTree(text);
            if (node instanceof ObjectNode object) {
                return object;
            }
            throw ZoetropeException.badInput(
                    "%s: expected a JSON object, found %s; download or write it again", source, node.getNodeType());
        } catch (JsonProcessingException e) {
            throw ZoetropeException.badInput("%s is not valid JSON: %s", source, e.getOriginalMessage());
        }
    }

    /**
     * A configuration record: the fields of {@code given} laid over {@code defaults}.
     *
     * @param source what to call the JSON in messages
     * @throws ZoetropeException BAD_INPUT naming the field if a value has the wrong type or the record refuses it
     */
    public static <T extends Record> T overlay(JsonNode given, T defaults, Class<T> type, String source) {
        ObjectNode merged = MAPPER.valueToTree(defaults);
        for (var field : given.properties()) {
            if (merged.has(field.getKey()) && !field.getValue().isNull()) {
                merged.set(field.getKey(), field.getValue());
            }
        }
        try {
            return MAPPER.treeToValue(merged, type);
        } catch (JacksonException e) {
            if (e.getCause() instanceof ZoetropeException refused) {
                throw ZoetropeException.badInput("%s: %s", source, refused.getMessage());
            }
            throw ZoetropeException.badInput("%s: %s%s", source, fieldOf(e), e.getOriginalMessage());
        }
    }

    private static String fieldOf(JacksonException e) {
        if (!(e instanceof JsonMappingException mapping) || mapping.getPath().isEmpty()) {
            return "";
        }
        return mapping.getPath().stream()
                        .map(step -> step.getFieldName() == null ? "[" + step.getIndex() + "]" : step.getFieldName())
                        .collect(Collectors.joining("."))
                + ": ";
    }

    /** {@link #readObject} and {@link #overlay} in one. */
    public static <T extends Record> T read(Path file, T defaults, Class<T> type) {
        return overlay(readObject(file), defaults, type, file.toString());
    }

    /** The record as a JSON object, to which more fields can be added before it is written. */
    public static ObjectNode toObject(Record value) {
        return MAPPER.valueToTree(value);
    }
}
