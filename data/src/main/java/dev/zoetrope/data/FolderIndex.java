package dev.zoetrope.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.zoetrope.media.VideoFiles;
import dev.zoetrope.tensor.ZoetropeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Finds the videos, or other files, of a folder and their captions. */
public final class FolderIndex {
    private static final long LARGEST_CAPTION_BYTES = 64 * 1024;
    private static final long LARGEST_METADATA_BYTES = 256L * 1024 * 1024;

    private FolderIndex() {}

    /** A video and its caption, empty if it has none. */
    public record Entry(Path file, String caption) {}

    /** As {@link #read(Path, Function)}, with the videos of the folder. */
    public static List<Entry> read(Path folder) {
        return read(folder, VideoFiles::in);
    }

    /**
     * The entries of {@code metadata.jsonl} in its order if there is one, else the files that {@code lister} finds.
     *
     * @throws ZoetropeException BAD_INPUT if the metadata is wrong, IO if the folder cannot be read
     */
    public static List<Entry> read(Path folder, Function<Path, List<Path>> lister) {
        if (!Files.isDirectory(folder)) {
            throw ZoetropeException.badInput("%s is not a folder; give a folder of videos or pictures", folder);
        }
        Path metadata = folder.resolve("metadata.jsonl");
        try {
            return Files.exists(metadata) ? fromMetadata(folder, metadata) : fromNames(folder, lister);
        } catch (IOException e) {
            throw ZoetropeException.io(e, "cannot read %s: %s", folder, String.valueOf(e.getMessage()));
        }
    }

    private static List<Entry> fromNames(Path folder, Function<Path, List<Path>> lister) throws IOException {
        var entries = new ArrayList<Entry>();
        for (Path file : lister.apply(folder)) {
            String name = name(file);
            Path text = folder.resolve(name.substring(0, name.lastIndexOf('.')) + ".txt");
            entries.add(new Entry(file, Files.isRegularFile(text) ? text(text, LARGEST_CAPTION_BYTES) : ""));
        }
        return entries;
    }

    private static List<Entry> fromMetadata(Path folder, Path metadata) throws IOException {
        var mapper = new ObjectMapper();
        var entries = new ArrayList<Entry>();
        List<String> lines = text(metadata, LARGEST_METADATA_BYTES).lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            if (!lines.get(i).isBlank()) {
                entries.add(entry(folder, parse(mapper, lines.get(i), metadata, i + 1), metadata, i + 1));
            }
        }
        return entries;
    }

    private static JsonNode parse(ObjectMapper mapper, String line, Path metadata, int number) {
        try {
            return mapper.readTree(line);
        } catch (JsonProcessingException e) {
            throw ZoetropeException.badInput(
                    "%s line %d is not JSON: %s", metadata, number, String.valueOf(e.getOriginalMessage()));
        }
    }

    private static Entry entry(Path folder, JsonNode line, Path metadata, int number) throws IOException {
        JsonNode file = line.has("file") ? line.path("file") : line.path("file_name");
        JsonNode caption = line.has("caption") ? line.path("caption") : line.path("text");
        if (!file.isTextual()) {
            throw ZoetropeException.badInput(
                    "%s line %d needs \"file\" (or \"file_name\") with the name of a file", metadata, number);
        }
        Path path;
        try {
            path = folder.resolve(file.asText());
        } catch (InvalidPathException e) {
            throw ZoetropeException.badInput("%s line %d: not a file name", metadata, number);
        }
        if (!Files.isRegularFile(path)) {
            throw ZoetropeException.badInput("%s line %d: no file %s", metadata, number, file.asText());
        }
        if (!path.toRealPath().startsWith(folder.toRealPath())) {
            throw ZoetropeException.badInput(
                    "%s line %d: %s is outside of the folder", metadata, number, file.asText());
        }
        return new Entry(path, caption.asText("").strip());
    }

    private static String text(Path file, long most) throws IOException {
        if (Files.size(file) > most) {
            throw ZoetropeException.badInput("%s is larger than %d bytes", file, most);
        }
        return Files.readString(file).strip();
    }

    private static String name(Path file) {
        return String.valueOf(file.getFileName());
    }
}
