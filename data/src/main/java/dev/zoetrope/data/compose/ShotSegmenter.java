package dev.zoetrope.data.compose;

import dev.zoetrope.media.Frame;
import dev.zoetrope.media.Resize;
import dev.zoetrope.media.VideoReader;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Cuts a video where its picture changes: between two frames whose mean absolute RGB difference, made small, is above the
 * mean plus {@code deviations} standard deviations of all such differences of the video. Shots shorter than
 * {@code shortestSeconds} are dropped.
 *
 * <p>The video is read twice, once for mean and deviation and once to cut, so memory does not grow with its length (but
 * for the list of shots). The rule knows no absolute level: a video without a cut, but with one sudden movement, is cut at
 * that.
 *
 * @param deviations above 0; default 3
 * @param shortestSeconds from 0; default 2
 */
public record ShotSegmenter(double deviations, double shortestSeconds) {
    /** Frames are compared at this size: noise and small movement average out. */
    private static final int SIDE = 32;

    /** Three deviations, two seconds. */
    public static final ShotSegmenter DEFAULT = new ShotSegmenter(3, 2);

    /** @throws ZoetropeException BAD_INPUT naming the value */
    public ShotSegmenter {
        if (!(deviations > 0 && deviations <= 1000)) {
            throw ZoetropeException.badInput("deviations of a cut: %s, expected above 0 up to 1000", deviations);
        }
        if (!(shortestSeconds >= 0 && shortestSeconds <= 86_400)) {
            throw ZoetropeException.badInput("shortest shot: %s s, expected 0 to 86400", shortestSeconds);
        }
    }

    /**
     * A piece of a video.
     *
     * @param start time of its first frame, seconds
     * @param end time at which its last frame stops being shown, seconds
     * @param frames from 1
     */
    public record Shot(double start, double end, int frames) {
        /** Seconds. */
        public double duration() {
            return end - start;
        }
    }

    /** The shots in order; none if all are too short. */
    public List<Shot> segment(Path video) {
        return segment(video, time -> {});
    }

    /**
     * As {@link #segment(Path)}.
     *
     * @param watcher is told the time of every frame of both readings; may throw to stop
     * @throws ZoetropeException BAD_INPUT if the video cannot be read
     */
    List<Shot> segment(Path video, Consumer<Double> watcher) {
        Differences all = new Differences();
        Timeline timeline = new Timeline();
        scan(video, watcher, (frame, difference) -> {
            timeline.add(frame.timeSeconds());
            difference.ifPresent(all::add);
        });
        double threshold = all.mean() + deviations * all.deviation();
        List<Shot> shots = new ArrayList<>();
        Timeline current = new Timeline();
        scan(video, watcher, (frame, difference) -> {
            if (difference.filter(d -> d > threshold).isPresent()) {
                keep(shots, current, frame.timeSeconds());
                current.restart();
            }
            current.add(frame.timeSeconds());
        });
        keep(shots, current, timeline.end());
        return shots;
    }

    private void keep(List<Shot> shots, Timeline piece, double end) {
        Shot shot = new Shot(piece.first(), end, piece.frames());
        if (shot.duration() >= shortestSeconds - 1e-6) {
            shots.add(shot);
        }
    }

    /** What is done with a frame and its difference from the one before. */
    private interface Visitor {
        void visit(Frame frame, Optional<Double> difference);
    }

    private static void scan(Path video, Consumer<Double> watcher, Visitor visitor) {
        try (VideoReader reader = VideoReader.open(video)) {
            Optional<Frame> before = Optional.empty();
            for (Frame frame : reader) {
                watcher.accept(frame.timeSeconds());
                Frame small = Resize.area(frame, SIDE, SIDE);
                visitor.visit(frame, before.map(b -> difference(b, small)));
                before = Optional.of(small);
            }
        }
    }

    /** Mean absolute difference, 0 to 255. */
    private static double difference(Frame a, Frame b) {
        long sum = 0;
        for (int i = 0; i < a.rgb().length; i++) {
            sum += Math.abs((a.rgb()[i] & 0xFF) - (b.rgb()[i] & 0xFF));
        }
        return (double) sum / a.rgb().length;
    }

    /** Mean and standard deviation in a stream (Welford 1962). */
    private static final class Differences {
        private long count;
        private double mean;
        private double squares;

        void add(double value) {
            count++;
            double before = value - mean;
            mean += before / count;
            squares += before * (value - mean);
        }

        double mean() {
            return mean;
        }

        double deviation() {
            return count == 0 ? 0 : Math.sqrt(squares / count);
        }
    }
}
