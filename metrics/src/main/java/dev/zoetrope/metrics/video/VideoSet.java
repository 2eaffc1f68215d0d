package dev.zoetrope.metrics.video;

import dev.zoetrope.media.Frame;
import dev.zoetrope.media.Resize;
import dev.zoetrope.media.VideoFiles;
import dev.zoetrope.media.VideoReader;
import dev.zoetrope.tensor.Sha256;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The videos of a folder in the order of their names, and the window that is taken from each: of a real video a random one,
 * drawn from the seed and the file name, so that another video moves no window; of a generated one the first frames.
 */
final class VideoSet {
    private final VideoSetOptions options;
    private final boolean real;
    private final List<Path> files;
    private final SortedSet<String> codecs = new TreeSet<>();

    /** @throws ZoetropeException BAD_INPUT for fewer than two videos */
    VideoSet(VideoSetOptions options, boolean real) {
        Path folder = real ? options.real() : options.fake();
        List<Path> all = VideoFiles.in(folder);
        if (all.size() < 2) {
            throw ZoetropeException.badInput("%s has %d videos; a comparison needs at least 2", folder, all.size());
        }
        this.options = options;
        this.real = real;
        this.files = all.subList(0, Math.min(options.limit(), all.size()));
    }

    List<Path> files() {
        return files;
    }

    /** The codecs of the videos read so far: compressing one set only moves every distance. */
    String codecs() {
        return String.join("+", codecs);
    }

    /**
     * The window of a video, or nothing if a real video is too short.
     *
     * @throws ZoetropeException BAD_INPUT if the video cannot be read, or a generated one is too short
     */
    Optional<List<Frame>> window(Path file) {
        Deque<Frame> last = new ArrayDeque<>();
        long read = 0;
        try (VideoReader reader = VideoReader.open(file)) {
            codecs.add(reader.info().codec() + "/" + reader.info().pixelFormat());
            double stated = reader.info().durationSeconds() * reader.info().framesPerSecond();
            long length = Math.max(options.span(), Math.round(Math.min(stated, 1e9)));
            long end = options.span() + (real ? (long) (fraction(file) * (length - options.span() + 1)) : 0);
            // If the file ends earlier than it states, the window holds its last frames: they are taken.
            while (read < end) {
                Optional<Frame> frame = reader.read();
                if (frame.isEmpty()) {
                    break;
                }
                last.add(fit(frame.get()));
                if (last.size() > options.span()) {
                    last.remove();
                }
                read++;
            }
        }
        if (last.size() < options.span()) {
            if (real) {
                return Optional.empty();
            }
            throw ZoetropeException.badInput(
                    "%s has %d frames, a window of %d frames with stride %d needs %d; generate longer videos or ask for fewer frames",
                    file, last.size(), options.frames(), options.stride(), options.span());
        }
        return Optional.of(everyStride(last));
    }

    /** The failure with the video's name in its message. */
    static ZoetropeException naming(Path file, ZoetropeException e) {
        String message = String.valueOf(e.getMessage());
        return message.contains(file.toString()) ? e : new ZoetropeException(e.code(), file + ": " + message, e);
    }

    /** In [0, 1), from the seed and the name. */
    private double fraction(Path file) {
        String key = options.seed() + "\n" + file.getFileName();
        return (Long.parseUnsignedLong(Sha256.of(key).substring(0, 16), 16) >>> 11) / (double) (1L << 53);
    }

    private Frame fit(Frame frame) {
        boolean keep = options.size() == 0 || frame.width() == options.size() && frame.height() == options.size();
        return keep ? frame : Resize.cover(frame, options.size(), options.size());
    }

    private List<Frame> everyStride(Deque<Frame> window) {
        List<Frame> frames = new ArrayList<>();
        int at = 0;
        for (Frame frame : window) {
            if (at++ % options.stride() == 0) {
                frames.add(frame);
            }
        }
        return frames;
    }
}
