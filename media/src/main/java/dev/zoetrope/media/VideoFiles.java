package dev.zoetrope.media;

import dev.zoetrope.tensor.ZoetropeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/** Finds the videos of a folder. */
public final class VideoFiles {
    private static final Set<String> ENDINGS = Set.of(
            "mp4", "m4v", "mov", "mkv", "webm", "avi", "gif", "webp", "apng", "y4m", "ts", "mpg", "mpeg", "flv", "ogv",
            "wmv", "ivf");

    private VideoFiles() {}

    /**
     * The files directly inside whose names end like those of videos, sorted by name.
     *
     * @throws ZoetropeException IO if the folder cannot be listed
     */
    public static List<Path> in(Path folder) {
        try (Stream<Path> listed = Files.list(folder)) {
            return listed.filter(file -> ENDINGS.contains(ending(file)) && Files.isRegularFile(file))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw ZoetropeException.io(e, "cannot read %s: %s", folder, String.valueOf(e.getMessage()));
        }
    }

    private static String ending(Path file) {
        String name = String.valueOf(file.getFileName());
        return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    }
}
