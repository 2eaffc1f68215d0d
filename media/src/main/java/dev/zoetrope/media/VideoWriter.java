package dev.zoetrope.media;

import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Writes frames as they come into a video file or a folder of PNG pictures, whole or not at all: everything goes to a
 * temporary name beside the target, and {@link #finish()} makes it appear there in one step. Memory does not grow with
 * length (but for WebP, whose encoder keeps the compressed frames until the end).
 *
 * <pre>{@code
 * try (VideoWriter writer = VideoWriter.open(path, VideoOptions.of(12))) {
 *     for (Frame frame : frames) {
 *         writer.write(frame);
 *     }
 *     writer.finish();
 * }
 * }</pre>
 *
 * <p>The extension chooses the format:
 *
 * <ul>
 *   <li>{@code .mp4}: H.264, 4:2:0. Sizes must be even there: an odd last column or row is written twice and a reader
 *       sees the larger size.
 *   <li>{@code .webm}: VP9, 4:2:0, any size.
 *   <li>{@code .gif}: a palette of 256 colours for each frame; times are rounded to hundredths of a second.
 *   <li>{@code .png}, {@code .apng}: without loss, animated if there is more than one frame.
 *   <li>{@code .webp}: animated; without loss at quality 100.
 *   <li>no extension, or an existing empty folder: pictures {@code 000000.png}, ... and a {@code zoetrope.json}.
 * </ul>
 *
 * <p>Equal frames and options give equal files. Not for use by two threads at once.
 */
public final class VideoWriter implements AutoCloseable {
    private final Path target;
    private final VideoFormat format;
    private final VideoOptions options;
    private @Nullable FrameSink sink;
    private int width;
    private int height;
    private boolean finished;
    private boolean closed;

    private VideoWriter(Path target, VideoFormat format, VideoOptions options) {
        this.target = target;
        this.format = format;
        this.options = options;
    }

    /**
     * Prepares to write; nothing is created before the first frame.
     *
     * @throws ZoetropeException BAD_INPUT if the target or the options do not make a video
     */
    public static VideoWriter open(Path target, VideoOptions options) {
        VideoFormat format = VideoFormat.of(target);
        format.check(target, options);
        if (format == VideoFormat.FOLDER) {
            FolderSink.checkTarget(target);
        } else if (Files.isDirectory(target)) {
            throw ZoetropeException.badInput("%s is a folder; give the name of a file inside it", target);
        }
        return new VideoWriter(target, format, options);
    }

    /**
     * Appends a frame. It is shown at (number of frames before it) / framesPerSecond; its own time is not used.
     *
     * @throws ZoetropeException BAD_INPUT if its size differs from the first frame's, IO if it cannot be written
     */
    public void write(Frame frame) {
        if (finished || closed) {
            throw ZoetropeException.badInput("%s is finished; open a new writer for more frames", target);
        }
        if (sink == null) {
            width = frame.width();
            height = frame.height();
            sink = format == VideoFormat.FOLDER
                    ? new FolderSink(target, options)
                    : new FfmpegSink(target, format, width, height, options);
        }
        if (frame.width() != width || frame.height() != height) {
            throw ZoetropeException.badInput(
                    "%s: a frame of %dx%d pixels after frames of %dx%d; resize it first",
                    target, frame.width(), frame.height(), width, height);
        }
        sink.write(frame);
    }

    /**
     * Completes the video and puts it at the target, replacing an older file.
     *
     * @throws ZoetropeException BAD_INPUT if no frame was written, IO if it cannot be completed
     */
    public void finish() {
        if (closed) {
            throw ZoetropeException.badInput("%s was closed before it was finished; write it again", target);
        }
        if (sink == null) {
            throw ZoetropeException.badInput("%s: no frame was written, a video needs at least one", target);
        }
        if (!finished) {
            sink.finish();
            finished = true;
        }
    }

    /** Frees everything. Without {@link #finish()} before it, nothing is left behind and an older file stays as it was. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            if (sink != null) {
                sink.close();
            }
        }
    }
}
