package dev.zoetrope.data;

import dev.zoetrope.media.Frame;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Makes rendered clips look like the output of a weak generator: blur, noise, flicker and a colour cast. */
final class Spoiler {
    /** Of a Gaussian of one pixel, by distance. */
    private static final double[] WEIGHTS = {1, 0.60653066, 0.13533528, 0.011108997};

    private Spoiler() {}

    /** Gaussian blur of one pixel and noise of the given standard deviation, of 255. */
    static List<Frame> blurAndNoise(List<Frame> frames, double noise, double flicker, long seed) {
        var random = new Random(seed);
        List<Frame> spoiled = new ArrayList<>();
        for (Frame frame : frames) {
            double shift = flicker * random.nextGaussian();
            double[] blurred = blur(blur(values(frame), frame.width(), 3, 1), frame.width(), 3, frame.width());
            var rgb = new byte[blurred.length];
            for (int i = 0; i < rgb.length; i++) {
                long value = Math.round(blurred[i] + shift + noise * random.nextGaussian());
                rgb[i] = (byte) Math.max(0, Math.min(255, value));
            }
            spoiled.add(new Frame(frame.width(), frame.height(), rgb, frame.timeSeconds()));
        }
        return spoiled;
    }

    private static double[] values(Frame frame) {
        var values = new double[frame.rgb().length];
        for (int i = 0; i < values.length; i++) {
            values[i] = frame.rgb()[i] & 0xFF;
        }
        return values;
    }

    /** One direction: {@code step} is 1 pixel or one row. */
    private static double[] blur(double[] in, int width, int channels, int step) {
        var out = new double[in.length];
        int pixels = in.length / channels;
        for (int p = 0; p < pixels; p++) {
            double weight = 0;
            for (int k = -3; k <= 3; k++) {
                int q = p + k * step;
                boolean inside = q >= 0 && q < pixels && (step > 1 || q / width == p / width);
                if (inside) {
                    double w = WEIGHTS[Math.abs(k)];
                    weight += w;
                    for (int c = 0; c < channels; c++) {
                        out[p * channels + c] += w * in[q * channels + c];
                    }
                }
            }
            for (int c = 0; c < channels; c++) {
                out[p * channels + c] /= weight;
            }
        }
        return out;
    }
}
