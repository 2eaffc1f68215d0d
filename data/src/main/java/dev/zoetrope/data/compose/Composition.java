package dev.zoetrope.data.compose;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.zoetrope.tensor.AtomicFiles;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * A training set that was made.
 *
 * @param entries in the order of the manifest
 * @param sources files, and shots of them, that could be used
 * @param skipped files and clips that were left out, each with the reason
 */
public record Composition(List<ManifestEntry> entries, int sources, List<String> skipped) {
    /** The manifest's name; {@link dev.zoetrope.data.VideoFolder} reads it. */
    public static final String MANIFEST = "metadata.jsonl";

    private static final ObjectMapper JSON = new ObjectMapper().disable(SerializationFeature.INDENT_OUTPUT);

    public Composition {
        entries = List.copyOf(entries);
        skipped = List.copyOf(skipped);
    }

    void write(Path folder) {
        AtomicFiles.write(folder.resolve(MANIFEST), out -> {
            for (ManifestEntry entry : entries) {
                out.write(line(entry).getBytes(StandardCharsets.UTF_8));
            }
        });
    }

    private static String line(ManifestEntry entry) throws JsonProcessingException {
        return JSON.writeValueAsString(entry) + "\n";
    }
}
