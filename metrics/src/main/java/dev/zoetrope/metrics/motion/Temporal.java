package dev.zoetrope.metrics.motion;

import dev.zoetrope.media.Frame;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.Arrays;
import java.util.List;

/** Small measures of one clip over time (sheet section 12.3), and the distance of their distributions. */
public final class Temporal {
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
