package dev.zoetrope.tensor;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** JSON configuration files: small, strict, and with errors that name the file. */
public final class JsonFiles {
    private static final long MAX_BYTES = 64L << 20;
    private static final ObjectMapper JSON = new ObjectMapper(JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder().maxNestingDepth(100).build())
                    .build())
            .enable(SerializationFeature.INDENT_OUTPUT);

    private JsonFiles() {}

    /**
     * Reads a file of at most 64 MB.
     *
     * @throws ZoetropeException BAD_INPUT if there is no such file or it is not JSON
     */
    public static JsonNode read(Path file) {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw ZoetropeException.badInput("%s is larger than 64 MB: it is not a configuration file", file);
            }
            JsonNode json = JSON.readTree(Files.readAllBytes(file));
            if (!json.isObject()) {
                throw ZoetropeException.badInput("%s: expected a JSON object, found %s", file, json.getNodeType());
            }
            return json;
        } catch (NoSuchFileException e) {
            throw new ZoetropeException(ErrorCode.BAD_INPUT, file + " does not exist", e);
        } catch (JsonProcessingException e) {
            throw new ZoetropeException(ErrorCode.BAD_INPUT, file + " is not valid JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw ZoetropeException.io(e, "cannot read %s: %s", file, e.getMessage());
        }
    }

    /** Writes a record or tree, indented, whole or not at all. */
    public static void write(Path file, Object value) {
        AtomicFiles.write(file, out -> out.write(JSON.writeValueAsBytes(value)));
    }
}
