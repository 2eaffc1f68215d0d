package dev.zoetrope.metrics.motion;

import dev.zoetrope.media.Frame;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Small measures of one clip over time (sheet section 12.3), and the distance of their distributions. */
public final class Temporal {
    /** Pixels a frame from which a point moves. */
    private static final double MOVING = 0.1;

    private Temporal() {}

    /**
     * VBench's temporal flickering, (255 - mean absolute difference of consecutive frames) / 255: 1 for a frozen clip. Means
     * something for a still camera and scene only.
     */
    public static double flicker(List<Frame> frames) {
        checkFrames(frames, 2, "flicker");
        double sum = 0;
        for (int t = 0; t + 1 < frames.size(); t++) {
            byte[] a = frames.get(t).rgb();
            byte[] b = frames.get(t + 1).rgb();
            long difference = 0;
            for (int i = 0; i < a.length; i++) {
                difference += Math.abs((a[i] & 0xFF) - (b[i] & 0xFF));
            }
            sum += (double) difference / a.length;
        }
        return (255 - sum / (frames.size() - 1)) / 255;
    }

    /** Mean squared second difference over time of the mean luma in [0, 1]: what flickers without moving. */
    public static double luminanceFlicker(List<Frame> frames) {
        checkFrames(frames, 3, "flicker of luminance");
        double[] luma =
                frames.stream().mapToDouble(frame -> Grey.of(frame).mean()).toArray();
        double sum = 0;
        for (int t = 1; t + 1 < luma.length; t++) {
            double second = luma[t - 1] - 2 * luma[t] + luma[t + 1];
            sum += second * second;
        }
        return sum / (luma.length - 2);
    }

    /** Mean length of the flow between consecutive frames, pixels a frame. */
    public static double speed(List<Frame> frames, FlowProvider flows) {
        checkFrames(frames, 2, "speed");
        double sum = 0;
        for (int t = 0; t + 1 < frames.size(); t++) {
            sum += flows.flow(frames.get(t), frames.get(t + 1)).meanSpeed();
        }
        return sum / (frames.size() - 1);
    }

    /**
     * VBench's motion smoothness, (255 - mean absolute difference) / 255 of the odd frames from what lies halfway between
     * their neighbours, 1 for a frozen clip. The halfway frame is the mean of both neighbours, each moved by half of the flow
     * between them; VBench takes an interpolating network, so this is another measure.
     */
    public static double smoothness(List<Frame> frames, FlowProvider flows) {
        checkFrames(frames, 3, "motion smoothness");
        double sum = 0;
        int pictures = 0;
        for (int t = 1; t + 1 < frames.size(); t += 2) {
            sum += offHalfway(frames.get(t - 1), frames.get(t), frames.get(t + 1), flows);
            pictures++;
        }
        return (255 - sum / pictures) / 255;
    }

    /** Mean absolute difference of a frame from the motion-compensated mean of its neighbours, in levels of 255. */
    private static double offHalfway(Frame before, Frame frame, Frame after, FlowProvider flows) {
        Flow forward = flows.flow(before, after);
        Flow backward = flows.flow(after, before);
        float[][] first = WarpingError.planes(before);
        float[][] second = WarpingError.planes(after);
        int width = frame.width();
        double sum = 0;
        for (int p = 0; p < width * frame.height(); p++) {
            double u = (forward.dx()[p] - backward.dx()[p]) / 4;
            double v = (forward.dy()[p] - backward.dy()[p]) / 4;
            int row = p / width;
            int column = p % width;
            for (int c = 0; c < 3; c++) {
                double halfway = (Flow.sample(first[c], width, frame.height(), column - u, row - v)
                                + Flow.sample(second[c], width, frame.height(), column + u, row + v))
                        / 2;
                sum += Math.abs(halfway - (frame.rgb()[3 * p + c] & 0xFF));
            }
        }
        return sum / frame.rgb().length;
    }

    /**
     * Whether VBench's dynamic degree calls a clip moving: at about 8 frames a second, by the times of the frames, the mean
     * of the largest 5 % of the flow is above 6 min(H, W) / 256 pixels in a quarter of the pairs. VBench takes the flow of
     * RAFT, so with another flow this is another measure.
     */
    public static boolean moves(List<Frame> frames, FlowProvider flows) {
        checkFrames(frames, 2, "dynamic degree");
        List<Frame> sampled = atEightFramesASecond(frames);
        double threshold = 6.0 * Math.min(frames.get(0).width(), frames.get(0).height()) / 256;
        long moving = 0;
        for (int t = 0; t + 1 < sampled.size(); t++) {
            moving += largest(flows.flow(sampled.get(t), sampled.get(t + 1))) > threshold ? 1 : 0;
        }
        // Half is rounded to even, as in the reference; one moving pair is the least.
        return moving >= Math.max(1, Math.rint(4 * sampled.size() / 16.0));
    }

    private static List<Frame> atEightFramesASecond(List<Frame> frames) {
        int last = frames.size() - 1;
        double seconds = frames.get(last).timeSeconds() - frames.get(0).timeSeconds();
        int every = seconds > 0 ? (int) Math.max(1, Math.min(last, Math.round(last / seconds / 8))) : 1;
        return IntStream.rangeClosed(0, last)
                .filter(t -> t % every == 0)
                .mapToObj(frames::get)
                .toList();
    }

    /** Mean length of the longest 5 % of the vectors. */
    private static double largest(Flow flow) {
        double[] lengths = IntStream.range(0, flow.dx().length)
                .mapToDouble(i -> Math.hypot(flow.dx()[i], flow.dy()[i]))
                .sorted()
                .toArray();
        int most = Math.max(1, lengths.length / 20);
        return Arrays.stream(lengths, lengths.length - most, lengths.length)
                .average()
                .orElseThrow();
    }

    /**
     * Mean angle, 0 to π, by which the motion turns from one step to the next, over the points that move at least 0.1 pixel
     * in both; 0 if none does. Springing back and forth gives π, a steady pan 0.
     */
    public static double turn(List<Frame> frames, FlowProvider flows) {
        checkFrames(frames, 3, "change of direction");
        double sum = 0;
        long points = 0;
        Flow flow = flows.flow(frames.get(0), frames.get(1));
        for (int t = 1; t + 1 < frames.size(); t++) {
            Flow next = flows.flow(frames.get(t), frames.get(t + 1));
            for (int p = 0; p < flow.dx().length; p++) {
                double u = flow.dx()[p];
                double v = flow.dy()[p];
                int row = p / flow.width();
                double x = p % flow.width() + u;
                double y = row + v;
                double nextU = Flow.sample(next.dx(), flow.width(), flow.height(), x, y);
                double nextV = Flow.sample(next.dy(), flow.width(), flow.height(), x, y);
                if (Math.hypot(u, v) >= MOVING && Math.hypot(nextU, nextV) >= MOVING) {
                    sum += Math.abs(Math.atan2(u * nextV - v * nextU, u * nextU + v * nextV));
                    points++;
                }
            }
            flow = next;
        }
        return points == 0 ? 0 : sum / points;
    }

    /** Wasserstein-1 distance of two samples of a number. */
    public static double wasserstein(double[] first, double[] second) {
        if (first.length == 0 || second.length == 0) {
            throw ZoetropeException.badInput("a distance of distributions needs at least one value of each");
        }
        double[] a = first.clone();
        double[] b = second.clone();
        Arrays.sort(a);
        Arrays.sort(b);
        double sum = 0;
        double level = 0;
        int i = 0;
        int j = 0;
        // Between two levels both quantile functions are constant.
        while (i < a.length && j < b.length) {
            double next = Math.min((i + 1.0) / a.length, (j + 1.0) / b.length);
            sum += (next - level) * Math.abs(a[i] - b[j]);
            level = next;
            boolean advanceA = (i + 1.0) / a.length <= next;
            boolean advanceB = (j + 1.0) / b.length <= next;
            i += advanceA ? 1 : 0;
            j += advanceB ? 1 : 0;
        }
        return sum;
    }

    private static void checkFrames(List<Frame> frames, int least, String what) {
        if (frames.size() < least) {
            throw ZoetropeException.badInput("%s needs at least %d frames, got %d", what, least, frames.size());
        }
    }
}
