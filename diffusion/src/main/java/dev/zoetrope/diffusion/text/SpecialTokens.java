package dev.zoetrope.diffusion.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.zoetrope.diffusion.config.ConfigRecords;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What {@code special_tokens_map.json} and {@code tokenizer_config.json} say; the first wins.
 *
 * @param bos start of text
 * @param eos end of text
 * @param unknown stands for symbols without an id
 * @param pad fills the sequence
 * @param maxLength length L of the padded sequence, both ends included
 */
record SpecialTokens(String bos, String eos, String unknown, String pad, int maxLength) {
    static final String START = "<|startoftext|>";
    static final String END = "<|endoftext|>";
    static final int DEFAULT_LENGTH = 77;
    private static final int LONGEST = 1 << 16;
    private static final Logger log = LoggerFactory.getLogger(SpecialTokens.class);

    /**
     * Reads the two files; both may be missing.
     *
     * @param contextWidth width of the text encoder the ids are for. Stable Diffusion 2.x (1024) was trained with "!"
     *     as padding, which only its special_tokens_map.json says; without that file the width tells.
     */
    static SpecialTokens read(Path folder, OptionalInt contextWidth) {
        ObjectNode map = optional(folder.resolve("special_tokens_map.json"));
        ObjectNode config = optional(folder.resolve("tokenizer_config.json"));
        String pad = token(map, config, "pad_token", END);
        if (map.isEmpty() && contextWidth.orElse(0) == 1024 && !pad.equals("!")) {
            log.warn(
                    "{}: no special_tokens_map.json; padding with \"!\" as text encoders of width 1024 were trained,"
                            + " not with \"{}\"",
                    folder,
                    pad);
            pad = "!";
        }
        return new SpecialTokens(
                token(map, config, "bos_token", START),
                token(map, config, "eos_token", END),
                token(map, config, "unk_token", END),
                pad,
                maxLength(config));
    }

    private static ObjectNode optional(Path file) {
        return Files.exists(file) ? ConfigRecords.readObject(file) : JsonNodeFactory.instance.objectNode();
    }

    private static String token(ObjectNode first, ObjectNode second, String name, String otherwise) {
        return text(first.path(name), text(second.path(name), otherwise));
    }

    /** A token is its text or an object with the text as {@code content}. */
    private static String text(JsonNode node, String otherwise) {
        JsonNode content = node.isObject() ? node.path("content") : node;
        return content.isTextual() ? content.asText() : otherwise;
    }

    private static int maxLength(ObjectNode config) {
        JsonNode length = config.path("model_max_length");
        // "No limit" is written as 1e30.
        boolean usable = length.canConvertToInt() && length.asInt() >= 2 && length.asInt() <= LONGEST;
        return usable ? length.asInt() : DEFAULT_LENGTH;
    }
}
