package dev.zoetrope.metrics;

import dev.zoetrope.tensor.ZoetropeException;
import java.util.Arrays;

/**
 * The convention of an SSIM. Two conventions are two measures: never compare across them.
 *
 * @param window weights along one axis, summing to 1; the same along every axis
 * @param k1 constant of the luminance term, C1 = (k1 range)²; default 0.01
 * @param k2 constant of the contrast term, C2 = (k2 range)²; default 0.03
 * @param range difference of the largest and the smallest possible value: 255 for bytes
 * @param sampleCovariance whether variances are divided by n - 1 (n pixels of the window) instead of n
 * @param nonNegative whether the mean of each channel is clipped at 0 before the mean over channels
 */
public record SsimOptions(
        double[] window, double k1, double k2, double range, boolean sampleCovariance, boolean nonNegative) {
    public SsimOptions {
        window = window.clone();
        if (window.length < 1 || window.length % 2 == 0) {
            throw ZoetropeException.badInput("an SSIM window has an odd size, got %d", window.length);
        }
        if (!(k1 > 0 && k2 > 0 && range > 0)) {
            throw ZoetropeException.badInput(
                    "SSIM constants must be above 0, got K = (%s, %s) and range %s", k1, k2, range);
        }
    }

    /** The usual one: Gaussian of 11 pixels with sigma 1.5, K = (0.01, 0.03), variances divided by n. */
    public static SsimOptions standard(double range) {
        return new SsimOptions(gaussian(11, 1.5), 0.01, 0.03, range, false, false);
    }

    /**
     * A Gaussian window in double precision. The published implementation (VainF/pytorch-msssim) rounds it to float32, so
     * that its weights sum to 1 only up to 1e-7; the difference of squares in the variance enlarges that to as much as 7e-6
     * in SSIM.
     */
    public static double[] gaussian(int size, double sigma) {
        double[] window = new double[size];
        for (int i = 0; i < size; i++) {
            double distance = i - size / 2;
            window[i] = Math.exp(-distance * distance / (2 * sigma * sigma));
        }
        double sum = Arrays.stream(window).sum();
        return Arrays.stream(window).map(weight -> weight / sum).toArray();
    }

    /** A window of equal weights. */
    public static double[] uniform(int size) {
        double[] window = new double[size];
        Arrays.fill(window, 1.0 / size);
        return window;
    }
}
