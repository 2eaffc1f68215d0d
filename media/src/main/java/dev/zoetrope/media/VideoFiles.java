package dev.zoetrope.media;

import dev.zoetrope.tensor.ZoetropeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/** Finds the videos and the pictures of a folder. */
public final class VideoFiles {
    private static final Set<String> ENDINGS = Set.of(
            "mp4", "m4v", "mov", "mkv", "webm", "avi", "gif", "webp", "apng", "y4m", "ts", "mpg", "mpeg", "flv", "ogv",
            "wmv", "ivf");

    private static final Set<String> PICTURE_ENDINGS =
            Set.of("png", "jpg", "jpeg", "webp", "bmp", "tif", "tiff", "gif");

    private VideoFiles() {}

    /**
     * The files directly inside whose names end like those of videos, sorted by name.
     *
     * @throws ZoetropeException IO if the folder cannot be listed
     */
    public static List<Path> in(Path folder) {
        return in(folder, ENDINGS);
    }

    /**
     * The files directly inside whose names end like those of pictures, sorted by name. GIF and WebP are among both: they
     * may be animated.
     *
     * @throws ZoetropeException IO if the folder cannot be listed
     */
    public static List<Path> picturesIn(Path folder) {
        return in(folder, PICTURE_ENDINGS);
    }

    private static List<Path> in(Path folder, Set<String> endings) {
        try (Stream<Path> listed = Files.list(folder)) {
            return listed.filter(file -> endings.contains(ending(file)) && Files.isRegularFile(file))
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
