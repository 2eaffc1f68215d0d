package dev.zoetrope.metrics;

import dev.zoetrope.tensor.ZoetropeException;
import java.util.Arrays;

/**
 * Structural similarity (Wang et al. 2004): the mean over the map of l·cs = ((2 μx μy + C1) / (μx² + μy² + C1)) · ((2 σxy
 * + C2) / (σx² + σy² + C2)), then over the channels. Windows lie inside of the picture: there is no padding. Pictures and
 * volumes; a volume has a window of three axes.
 */
public final class Ssim {
    private Ssim() {}

    /**
     * The means of the map, one a channel.
     *
     * @param ssim of l·cs
     * @param cs of the contrast and structure term alone
     */
    public record Channels(double[] ssim, double[] cs) {
        /** Mean over the channels. */
        public double mean() {
            return Arrays.stream(ssim).average().orElseThrow();
        }
    }

    /** SSIM, at most 1. */
    public static double of(Picture reference, Picture test, SsimOptions options) {
        double[] values = channels(reference, test, options).ssim();
        return Arrays.stream(values)
                .map(value -> options.nonNegative() ? Math.max(0, value) : value)
                .average()
                .orElseThrow();
    }

    /**
     * The values of each channel.
     *
     * @throws ZoetropeException BAD_INPUT if the sizes differ or are smaller than the window
     */
    public static Channels channels(Picture reference, Picture test, SsimOptions options) {
        Picture.checkSameSize(reference, test);
        int window = options.window().length;
        if (Arrays.stream(reference.size()).anyMatch(side -> side < window)) {
            throw ZoetropeException.badInput(
                    "SSIM with a window of %d pixels needs sides of at least %d, got %s",
                    window, window, Arrays.toString(reference.size()));
        }
        double[] ssim = new double[reference.channels()];
        double[] cs = new double[reference.channels()];
        for (int c = 0; c < ssim.length; c++) {
            means(reference.plane(c), test.plane(c), reference.size(), options, ssim, cs, c);
        }
        return new Channels(ssim, cs);
    }

    private static void means(
            double[] x, double[] y, int[] size, SsimOptions options, double[] ssim, double[] cs, int channel) {
        double[] window = options.window();
        double[] meanX = filter(x, size, window);
        double[] meanY = filter(y, size, window);
        double[] squareX = filter(product(x, x), size, window);
        double[] squareY = filter(product(y, y), size, window);
        double[] cross = filter(product(x, y), size, window);
        double pixels = Math.pow(window.length, size.length);
        double scale = options.sampleCovariance() ? pixels / (pixels - 1) : 1;
        double c1 = Math.pow(options.k1() * options.range(), 2);
        double c2 = Math.pow(options.k2() * options.range(), 2);
        double sumSsim = 0;
        double sumCs = 0;
        for (int i = 0; i < meanX.length; i++) {
            double xx = meanX[i] * meanX[i];
            double yy = meanY[i] * meanY[i];
            double xy = meanX[i] * meanY[i];
            double structure =
                    (2 * scale * (cross[i] - xy) + c2) / (scale * (squareX[i] - xx) + scale * (squareY[i] - yy) + c2);
            sumCs += structure;
            sumSsim += (2 * xy + c1) / (xx + yy + c1) * structure;
        }
        ssim[channel] = sumSsim / meanX.length;
        cs[channel] = sumCs / meanX.length;
    }

    private static double[] product(double[] a, double[] b) {
        double[] result = new double[a.length];
        for (int i = 0; i < result.length; i++) {
            result[i] = a[i] * b[i];
        }
        return result;
    }

    /** Weighted means over windows that lie inside, one axis after the other. */
    private static double[] filter(double[] x, int[] size, double[] window) {
        int[] left = size.clone();
        double[] result = x;
        for (int axis = 0; axis < left.length; axis++) {
            result = filterAxis(result, left, axis, window);
            left[axis] -= window.length - 1;
        }
        return result;
    }

    private static double[] filterAxis(double[] x, int[] size, int axis, double[] window) {
        int inner = Picture.elements(Arrays.copyOfRange(size, axis + 1, size.length));
        int outer = Picture.elements(Arrays.copyOf(size, axis));
        int from = size[axis] * inner;
        int to = (size[axis] - window.length + 1) * inner;
        double[] result = new double[outer * to];
        for (int o = 0; o < outer; o++) {
            for (int k = 0; k < window.length; k++) {
                int start = o * from + k * inner;
                for (int i = 0; i < to; i++) {
                    result[o * to + i] += window[k] * x[start + i];
                }
            }
        }
        return result;
    }
}
