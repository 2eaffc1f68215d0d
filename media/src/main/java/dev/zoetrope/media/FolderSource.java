package dev.zoetrope.media;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.zoetrope.tensor.ZoetropeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A folder of pictures of one size, in the order of their names. A file {@value #DESCRIPTION} beside them, as
 * {@link VideoWriter} writes it, tells the frame rate and the metadata. Holds one picture at a time.
 */
final class FolderSource implements FrameSource {
    static final String DESCRIPTION = "zoetrope.json";
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Content of {@value #DESCRIPTION}. */
    record Description(double framesPerSecond, Map<String, String> metadata) {
        Description {
            metadata = new TreeMap<>(metadata);
        }
    }

    private final List<Path> files;
    private final ReadOptions options;
    private final VideoInfo info;
    private int next;
    private @Nullable Frame first;

    private FolderSource(List<Path> files, ReadOptions options, VideoInfo info, Frame first) {
        this.files = files;
        this.options = options;
        this.info = info;
        this.first = first;
    }

    static FolderSource open(Path folder, ReadOptions options) {
        List<Path> files = pictures(folder);
        if (files.isEmpty()) {
            throw ZoetropeException.badInput(
                    "the folder %s holds no .png or .jpg pictures; give another folder", folder);
        }
        Description description = description(folder, options);
        try (VideoReader reader = VideoReader.open(files.get(0), options)) {
            Frame first = reader.read().orElseThrow();
            VideoInfo one = reader.info();
            double rate = description.framesPerSecond();
            VideoInfo info = new VideoInfo(
                    "folder",
                    one.codec(),
                    first.width(),
                    first.height(),
                    rate,
                    files.size() / rate,
                    one.pixelFormat(),
                    one.rotationDegrees(),
                    one.hasAlpha(),
                    false,
                    description.metadata());
            return new FolderSource(files, options, info, first);
        }
    }

    private static List<Path> pictures(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(FolderSource::isPicture)
                    .sorted((a, b) ->
                            a.getFileName().toString().compareTo(b.getFileName().toString()))
                    .toList();
        } catch (IOException e) {
            throw ZoetropeException.io(e, "cannot list the folder %s: %s", folder, e.getMessage());
        }
    }

    private static boolean isPicture(Path path) {
        String name = path.getFileName().toString().toLowerCase(Locale.ROOT);
        boolean known = name.endsWith(".png") || name.endsWith(".jpg") || name.endsWith(".jpeg");
        return known && !name.startsWith(".") && Files.isRegularFile(path);
    }

    private static Description description(Path folder, ReadOptions options) {
        Path file = folder.resolve(DESCRIPTION);
        try {
            if (!Files.isRegularFile(file) || Files.size(file) > Provenance.MAX_LENGTH) {
                return new Description(options.picturesPerSecond(), Map.of());
            }
            Description read = JSON.readValue(Files.readAllBytes(file), Description.class);
            VideoOptions.checkRate(read.framesPerSecond());
            return read;
        } catch (JsonProcessingException e) {
            throw ZoetropeException.badInput(
                    "%s is not the description of a picture sequence (%s); delete or repair it",
                    file, e.getOriginalMessage());
        } catch (IOException e) {
            throw ZoetropeException.io(e, "cannot read %s: %s", file, e.getMessage());
        }
    }

    @Override
    public VideoInfo info() {
        return info;
    }

    @Override
    public @Nullable Frame next() {
        if (next == files.size()) {
            return null;
        }
        Frame ready = first;
        Path file = files.get(next);
        Frame frame = ready != null ? ready : Images.read(file, options);
        first = null;
        if (frame.width() != info.width() || frame.height() != info.height()) {
            throw ZoetropeException.badInput(
                    "%s has %dx%d pixels, the pictures before it %dx%d; a folder needs pictures of one size",
                    file, frame.width(), frame.height(), info.width(), info.height());
        }
        return frame.at(next++ / info.framesPerSecond());
    }

    @Override
    public List<String> warnings() {
        return List.of();
    }

    @Override
    public void close() {
        first = null;
    }
}
