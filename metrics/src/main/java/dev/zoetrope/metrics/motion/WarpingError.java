package dev.zoetrope.metrics.motion;

import dev.zoetrope.media.Frame;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.List;

/**
 * Warping error (Lai et al. 2018): the mean squared difference, on [0, 1], between a frame and the next one warped back
 * along the flow, where nothing is hidden. Tables show it times 1000. Blur and stillness score well: read it beside a
 * measure of motion.
 */
public final class WarpingError {
    private WarpingError() {}

    /**
     * The mean over consecutive frames.
     *
     * @param frames at least two, of one size
     * @param guide the frames that the flow is taken from: the source video of an edit, or {@code frames} themselves
     */
    public static double of(List<Frame> frames, List<Frame> guide, FlowProvider flows) {
        if (frames.size() < 2 || guide.size() != frames.size()) {
            throw ZoetropeException.badInput(
                    "the warping error needs at least 2 frames and as many of the guide, got %d and %d",
                    frames.size(), guide.size());
        }
        double sum = 0;
        for (int t = 0; t + 1 < frames.size(); t++) {
            Flow forward = flows.flow(guide.get(t), guide.get(t + 1));
            Flow backward = flows.flow(guide.get(t + 1), guide.get(t));
            sum += ofPair(frames.get(t), frames.get(t + 1), forward, backward);
        }
        return sum / (frames.size() - 1);
    }

    /** The error of one step. If everything is hidden, the whole frame counts. */
    public static double ofPair(Frame frame, Frame next, Flow forward, Flow backward) {
        boolean[] visible = visible(forward, backward);
        boolean any = false;
        for (boolean one : visible) {
            any |= one;
        }
        float[][] planes = planes(next);
        double sum = 0;
        long count = 0;
        for (int p = 0; p < visible.length; p++) {
            if (any && !visible[p]) {
                continue;
            }
            int row = p / frame.width();
            double x = p % frame.width() + forward.dx()[p];
            double y = row + forward.dy()[p];
            for (int c = 0; c < 3; c++) {
                double warped = Flow.sample(planes[c], frame.width(), frame.height(), x, y);
                double difference = (warped - (frame.rgb()[3 * p + c] & 0xFF)) / 255;
                sum += difference * difference;
                count++;
            }
        }
        return sum / count;
    }

    /** Red, green and blue, 0 to 255. */
    static float[][] planes(Frame frame) {
        float[][] planes = new float[3][frame.width() * frame.height()];
        for (int i = 0; i < frame.rgb().length; i++) {
            planes[i % 3][i / 3] = frame.rgb()[i] & 0xFF;
        }
        return planes;
    }

    /**
     * Pixels that are in both frames: hidden is where |F_b(warped) + F_f|² > 0.01 (|F_b|² + |F_f|²) + 0.5, at motion
     * boundaries |∇F|² > 0.01 |F|² + 0.002, and where the flow leads out of the frame.
     */
    static boolean[] visible(Flow forward, Flow backward) {
        int width = forward.width();
        int height = forward.height();
        boolean[] visible = new boolean[width * height];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int p = y * width + x;
                double u = forward.dx()[p];
                double v = forward.dy()[p];
                boolean inside = x + u >= 0 && y + v >= 0 && x + u <= width - 1 && y + v <= height - 1;
                double backU = Flow.sample(backward.dx(), width, height, x + u, y + v);
                double backV = Flow.sample(backward.dy(), width, height, x + u, y + v);
                double disagreement = square(u + backU) + square(v + backV);
                double lengths = square(u) + square(v) + square(backU) + square(backV);
                boolean consistent = disagreement <= 0.01 * lengths + 0.5;
                boolean smooth = gradient(forward, x, y) <= 0.01 * (square(u) + square(v)) + 0.002;
                visible[p] = inside && consistent && smooth;
            }
        }
        return visible;
    }

    /** Squared forward differences of both components, along both axes. */
    private static double gradient(Flow flow, int x, int y) {
        int p = y * flow.width() + x;
        int right = x + 1 < flow.width() ? p + 1 : p;
        int below = y + 1 < flow.height() ? p + flow.width() : p;
        return square(flow.dx()[right] - flow.dx()[p])
                + square(flow.dx()[below] - flow.dx()[p])
                + square(flow.dy()[right] - flow.dy()[p])
                + square(flow.dy()[below] - flow.dy()[p]);
    }

    private static double square(double value) {
        return value * value;
    }
}
