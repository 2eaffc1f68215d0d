package dev.zoetrope.media;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Where a file came from (command, prompt, seed, versions), as one JSON object of strings under the one tag {@value #KEY}.
 * One tag survives in every container, whatever it does to the case, the set or the length of tag names.
 */
final class Provenance {
    static final String KEY = "zoetrope";

    /** Characters; more than that is not read back. */
    static final int MAX_LENGTH = 1 << 20;

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final TypeReference<LinkedHashMap<String, String>> STRINGS = new TypeReference<>() {};

    private Provenance() {}

    /** Sorted by key, so that equal metadata makes equal files. */
    static String toJson(Map<String, String> metadata) {
        try {
            return JSON.writeValueAsString(new TreeMap<>(metadata));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("strings can always be written as JSON", e);
        }
    }

    /** Replaces the one tag by the entries inside it; tags of other origin stay. */
    static Map<String, String> expand(Map<String, String> tags) {
        Map<String, String> all = new LinkedHashMap<>();
        Map<String, String> ours = new LinkedHashMap<>();
        tags.forEach((key, value) -> {
            Map<String, String> parsed = key.equalsIgnoreCase(KEY) ? parse(value) : Map.of();
            if (parsed.isEmpty()) {
                all.put(key, value);
            }
            ours.putAll(parsed);
        });
        all.putAll(ours);
        return all;
    }

    /** The entries of a document; empty if it is not one of ours. */
    static Map<String, String> parse(String json) {
        if (json.length() > MAX_LENGTH || !json.startsWith("{")) {
            return Map.of();
        }
        try {
            Map<String, String> entries = JSON.readValue(json, STRINGS);
            entries.values().removeIf(value -> value == null);
            return entries;
        } catch (JsonProcessingException e) {
            return Map.of();
        }
    }
}
