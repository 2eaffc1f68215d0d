package dev.zoetrope.metrics;

import dev.zoetrope.media.Frame;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.Arrays;

/**
 * Pixels in double precision, one plane a channel: {@code [C, H, W]}, or {@code [C, D, H, W]} for a volume.
 *
 * @param values row-major, on whatever scale the measure is told
 * @param channels number of planes
 * @param size sizes of one plane, outermost first
 */
public record Picture(double[] values, int channels, int... size) {
    /** @throws ZoetropeException BAD_INPUT if the values do not fill the planes */
    public Picture {
        size = size.clone();
        if (channels < 1 || size.length < 2 || values.length != (long) channels * elements(size)) {
            throw ZoetropeException.badInput(
                    "%d values do not fill %d planes of size %s", values.length, channels, Arrays.toString(size));
        }
    }

    /** The three channels of a frame, 0 to 255. */
    public static Picture of(Frame frame) {
        int plane = frame.width() * frame.height();
        double[] values = new double[3 * plane];
        for (int p = 0; p < plane; p++) {
            for (int c = 0; c < 3; c++) {
                values[c * plane + p] = frame.rgb()[3 * p + c] & 0xFF;
            }
        }
        return new Picture(values, 3, frame.height(), frame.width());
    }

    /** Plane {@code c}, copied. */
    double[] plane(int c) {
        int elements = elements(size);
        return Arrays.copyOfRange(values, c * elements, (c + 1) * elements);
    }

    /** @throws ZoetropeException BAD_INPUT if the pictures cannot be compared pixel by pixel */
    static void checkSameSize(Picture reference, Picture test) {
        if (reference.channels != test.channels || !Arrays.equals(reference.size, test.size)) {
            throw ZoetropeException.badInput(
                    "the reference has %d channels of size %s, the test %d of size %s; "
                            + "crop padding away, or resize one of them on purpose",
                    reference.channels, Arrays.toString(reference.size), test.channels, Arrays.toString(test.size));
        }
    }

    static int elements(int... size) {
        int product = 1;
        for (int one : size) {
            product = Math.multiplyExact(product, one);
        }
        return product;
    }
}
