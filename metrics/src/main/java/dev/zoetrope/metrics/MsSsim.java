package dev.zoetrope.metrics;

import dev.zoetrope.tensor.ZoetropeException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Multi-scale SSIM (Wang et al. 2003): per channel the product of cs at every scale but the last and SSIM at the last,
 * each clipped at 0 and raised to the weight of its scale; then the mean over channels. Between scales pixels are averaged
 * two by two; an odd side gets a zero on both ends first, and the zeros count (VainF/pytorch-msssim).
 */
public final class MsSsim {
    private static final double[] WEIGHTS = {0.0448, 0.2856, 0.3001, 0.2363, 0.1333};
    /** The published check asks for four halvings, whatever the number of scales. */
    private static final int HALVINGS = 16;

    private MsSsim() {}

    /** The weights of the five scales, finest first. */
    public static double[] standardWeights() {
        return WEIGHTS.clone();
    }

    /** MS-SSIM with the usual five scales. */
    public static double of(Picture reference, Picture test, SsimOptions options) {
        return combine(scales(reference, test, options, WEIGHTS.length), WEIGHTS);
    }

    /** MS-SSIM in dB, -10 log10(1 - value): for BD-rate. Average the linear value first, convert last. */
    public static double decibels(double value) {
        return -10 * Math.log10(1 - value);
    }

    /**
     * The values of each scale, finest first.
     *
     * @throws ZoetropeException BAD_INPUT if the sizes differ or a side is too small
     */
    public static List<Ssim.Channels> scales(Picture reference, Picture test, SsimOptions options, int count) {
        Picture.checkSameSize(reference, test);
        int smallest = Arrays.stream(reference.size()).min().orElseThrow();
        int limit = (options.window().length - 1) * HALVINGS;
        if (smallest <= limit) {
            throw ZoetropeException.badInput(
                    "MS-SSIM needs sides of more than %d pixels, got %s; use SSIM for smaller pictures",
                    limit, Arrays.toString(reference.size()));
        }
        List<Ssim.Channels> values = new ArrayList<>();
        Picture x = reference;
        Picture y = test;
        for (int scale = 0; scale < count; scale++) {
            if (scale > 0) {
                x = halve(x);
                y = halve(y);
            }
            values.add(Ssim.channels(x, y, options));
        }
        return values;
    }

    /** The product over scales and the mean over channels. */
    public static double combine(List<Ssim.Channels> scales, double... weights) {
        int channels = scales.get(0).ssim().length;
        double sum = 0;
        for (int c = 0; c < channels; c++) {
            double product = 1;
            for (int s = 0; s < weights.length; s++) {
                boolean last = s == weights.length - 1;
                double value = last ? scales.get(s).ssim()[c] : scales.get(s).cs()[c];
                product *= Math.pow(Math.max(0, value), weights[s]);
            }
            sum += product;
        }
        return sum / channels;
    }

    private static Picture halve(Picture picture) {
        int height = picture.size()[0];
        int width = picture.size()[1];
        int rows = (height + 1) / 2;
        int columns = (width + 1) / 2;
        double[] values = new double[picture.channels() * rows * columns];
        for (int c = 0; c < picture.channels(); c++) {
            for (int y = 0; y < height; y++) {
                // With a zero row in front of an odd height, row y falls into the pair (y + 1) / 2.
                int row = (y + height % 2) / 2;
                for (int x = 0; x < width; x++) {
                    int column = (x + width % 2) / 2;
                    values[(c * rows + row) * columns + column] += picture.values()[(c * height + y) * width + x] / 4;
                }
            }
        }
        return new Picture(values, picture.channels(), rows, columns);
    }
}
