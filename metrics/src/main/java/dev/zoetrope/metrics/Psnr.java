package dev.zoetrope.metrics;

import dev.zoetrope.tensor.ZoetropeException;

/**
 * Peak signal to noise ratio, 10 log10(range² / MSE) in dB, with the MSE over all pixels and channels (sheet section 9).
 *
 * <p>A video has two values: {@link #frameMean} is the mean over frames (neural video representations, image codecs),
 * {@link #pooled} comes from the mean MSE. By Jensen's inequality the first is never smaller. Accumulates frame by frame.
 */
public final class Psnr {
    /** What an identical frame counts in a mean, dB: its own value is infinite. */
    public static final double CAP = 100;

    private final double range;
    private long frames;
    private long capped;
    private double sumOfRatios;
    private double sumOfErrors;

    /** @param range difference of the largest and the smallest possible value: 255 for bytes, 1 for [0, 1] */
    public Psnr(double range) {
        if (!(range > 0) || !Double.isFinite(range)) {
            throw ZoetropeException.badInput("the range of the pixels is %s, expected more than 0", range);
        }
        this.range = range;
    }

    /** Mean squared error over everything. */
    public static double meanSquaredError(Picture reference, Picture test) {
        Picture.checkSameSize(reference, test);
        double sum = 0;
        for (int i = 0; i < reference.values().length; i++) {
            double difference = reference.values()[i] - test.values()[i];
            sum += difference * difference;
        }
        return sum / reference.values().length;
    }

    /** Decibels; +infinity for an error of 0. */
    public static double decibels(double meanSquaredError, double range) {
        return meanSquaredError == 0 ? Double.POSITIVE_INFINITY : 10 * Math.log10(range * range / meanSquaredError);
    }

    /** Adds a frame and returns its own value in dB. */
    public double add(Picture reference, Picture test) {
        double error = meanSquaredError(reference, test);
        double value = decibels(error, range);
        frames++;
        capped += value > CAP ? 1 : 0;
        sumOfRatios += Math.min(value, CAP);
        sumOfErrors += error;
        return value;
    }

    /** Mean of the frames' values in dB, each at most {@link #CAP}. */
    public double frameMean() {
        checkFrames();
        return sumOfRatios / frames;
    }

    /** The value of the mean error in dB; +infinity if all frames are identical. */
    public double pooled() {
        checkFrames();
        return decibels(sumOfErrors / frames, range);
    }

    /** Frames whose value was cut to {@link #CAP} in {@link #frameMean}. */
    public long capped() {
        return capped;
    }

    private void checkFrames() {
        if (frames == 0) {
            throw ZoetropeException.badInput("PSNR needs at least one frame");
        }
    }
}
