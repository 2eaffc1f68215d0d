package dev.zoetrope.media;

import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads a video, a picture, or a folder of pictures (sorted by name) as a stream of {@link Frame}s in the order they are
 * shown. Memory does not grow with length. Frames are as displayed: rotation applied, alpha dropped, any bit depth and
 * colour matrix turned into 8-bit RGB, at their presentation times.
 *
 * <p>Files may be hostile: only the given local file is read, sizes are checked before anything is allocated, and what
 * cannot be read ends in a {@link ZoetropeException} with BAD_INPUT. A damaged file gives the pictures that can be
 * decoded, and {@link #warnings()}.
 *
 * <pre>{@code
 * try (VideoReader reader = VideoReader.open(path)) {
 *     for (Frame frame : reader) { ... }
 * }
 * }</pre>
 *
 * <p>Not for use by two threads at once.
 */
public final class VideoReader implements Iterable<Frame>, AutoCloseable {
    private final Path path;
    private final FrameSource source;
    private boolean iterated;
    private boolean closed;

    private VideoReader(Path path, FrameSource source) {
        this.path = path;
        this.source = source;
    }

    /** Opens a file or folder with the default limits. */
    public static VideoReader open(Path path) {
        return open(path, ReadOptions.defaults());
    }

    /**
     * Opens a file or folder.
     *
     * @throws ZoetropeException BAD_INPUT if no picture can be read from it, IO if it may not be read
     */
    public static VideoReader open(Path path, ReadOptions options) {
        return new VideoReader(path, source(path, options));
    }

    private static FrameSource source(Path path, ReadOptions options) {
        if (Files.isDirectory(path)) {
            return FolderSource.open(path, options);
        }
        FileKind kind = FileKind.of(path);
        return switch (kind) {
            case WEBP -> WebpSource.open(path, options);
            case PNG, APNG -> FfmpegSource.open(path, kind, options, PngText.read(path));
            case GIF -> FfmpegSource.open(path, kind, options, GifComment.read(path));
            default -> FfmpegSource.open(path, kind, options, Map.of());
        };
    }

    /**
     * Reads up to {@code limit} frames from the start.
     *
     * @param limit most frames to read, which bounds the memory
     */
    public static List<Frame> readAll(Path path, int limit) {
        try (VideoReader reader = open(path)) {
            List<Frame> frames = new ArrayList<>();
            Iterator<Frame> source = reader.iterator();
            while (frames.size() < limit && source.hasNext()) {
                frames.add(source.next());
            }
            return frames;
        }
    }

    /** Facts about the file. */
    public VideoInfo info() {
        return source.info();
    }

    /** The next frame, or empty after the last. */
    public Optional<Frame> read() {
        if (closed) {
            throw ZoetropeException.badInput("%s: the reader is closed; open it again", path);
        }
        return Optional.ofNullable(source.next());
    }

    /** What was wrong with the file so far; complete after the last frame. */
    public List<String> warnings() {
        return source.warnings();
    }

    /** The remaining frames, once: a stream cannot be rewound, open the file again instead. */
    @Override
    public Iterator<Frame> iterator() {
        if (iterated) {
            throw ZoetropeException.badInput("%s: the frames were already read; open the file again", path);
        }
        iterated = true;
        return new Frames();
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            source.close();
        }
    }

    private final class Frames implements Iterator<Frame> {
        private @Nullable Frame ahead;

        @Override
        public boolean hasNext() {
            if (ahead == null) {
                ahead = read().orElse(null);
            }
            return ahead != null;
        }

        @Override
        public Frame next() {
            if (!hasNext() || ahead == null) {
                throw new NoSuchElementException();
            }
            Frame frame = ahead;
            ahead = null;
            return frame;
        }
    }
}
