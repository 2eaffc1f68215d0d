package dev.zoetrope.data.compose;

import dev.zoetrope.data.ClipSpec;
import dev.zoetrope.media.Frame;
import dev.zoetrope.media.Resize;
import dev.zoetrope.media.VideoOptions;
import dev.zoetrope.media.VideoReader;
import dev.zoetrope.media.VideoWriter;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Cuts all windows of one video in one reading. The frame of a moment is the one shown then. Memory: one frame, and the
 * encoders of the windows that overlap.
 */
final class ClipCutter {
    /** Times of frames are fractions that were rounded. */
    private static final double TOLERANCE = 1e-5;

    /**
     * @param target file of the clip
     * @param start time of the first frame, seconds
     * @param step seconds from frame to frame
     */
    record Window(Path target, double start, double step) {}

    /** A window that has begun. */
    private static final class Open {
        private final Window window;
        private final VideoWriter writer;
        private int written;

        Open(Window window, VideoOptions options) {
            this.window = window;
            this.writer = VideoWriter.open(window.target(), options);
        }

        double next() {
            return window.start() + written * window.step();
        }
    }

    private final ClipSpec spec;
    private final VideoOptions video;
    private final Consumer<Window> finished;
    private final Deque<Window> waiting;
    private final List<Open> open = new ArrayList<>();

    private ClipCutter(ClipSpec spec, VideoOptions video, List<Window> windows, Consumer<Window> finished) {
        this.spec = spec;
        this.video = video;
        this.finished = finished;
        List<Window> sorted = new ArrayList<>(windows);
        sorted.sort(Comparator.comparingDouble(Window::start));
        this.waiting = new ArrayDeque<>(sorted);
    }

    /**
     * @param eachFrame runs at every frame that is read; may throw to stop
     * @param finished is told each clip once it is whole
     * @throws ZoetropeException BAD_INPUT if the video has become shorter or unreadable; no half clip stays
     */
    static void cut(
            Path source,
            ClipSpec spec,
            VideoOptions video,
            List<Window> windows,
            Runnable eachFrame,
            Consumer<Window> finished) {
        ClipCutter cutter = new ClipCutter(spec, video, windows, finished);
        try (VideoReader reader = VideoReader.open(source)) {
            cutter.read(reader, eachFrame);
        } finally {
            cutter.open.forEach(window -> window.writer.close());
        }
        if (!cutter.waiting.isEmpty() || !cutter.open.isEmpty()) {
            throw ZoetropeException.badInput("%s has become shorter since it was surveyed; run it again", source);
        }
    }

    private void read(VideoReader reader, Runnable eachFrame) {
        Optional<Frame> before = Optional.empty();
        while (!waiting.isEmpty() || !open.isEmpty()) {
            eachFrame.run();
            Optional<Frame> frame = reader.read();
            double until = frame.map(Frame::timeSeconds).orElse(Double.POSITIVE_INFINITY);
            before.ifPresent(shown -> show(shown, until));
            if (frame.isEmpty()) {
                return;
            }
            before = frame;
        }
    }

    /** Gives a frame to all moments before {@code until}. */
    private void show(Frame frame, double until) {
        while (!waiting.isEmpty() && waiting.getFirst().start() < until - TOLERANCE) {
            open.add(new Open(waiting.removeFirst(), video));
        }
        if (open.isEmpty()) {
            return;
        }
        Frame small = Resize.cover(frame, spec.width(), spec.height());
        for (Iterator<Open> all = open.iterator(); all.hasNext(); ) {
            Open one = all.next();
            while (one.written < spec.frames() && one.next() < until - TOLERANCE) {
                one.writer.write(small);
                one.written++;
            }
            if (one.written == spec.frames()) {
                all.remove();
                try (one.writer) {
                    one.writer.finish();
                }
                finished.accept(one.window);
            }
        }
    }
}
