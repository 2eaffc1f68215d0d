package dev.zoetrope.media;

import dev.zoetrope.tensor.ZoetropeException;
import java.util.Arrays;

/**
 * Changes the size of frames. Own code, because FFmpeg's scaler resizes RGB through rounded luma and chroma, and Java2D has
 * no area filter; both disagree with what training code of the field does.
 */
public final class Resize {
    private Resize() {}

    /** For each output position the first input position and its weights; weights sum to 1. */
    private record Filter(int[] first, float[][] weights) {}

    /**
     * Every output pixel is the mean of the input area it covers: for making pictures smaller. Equals PyTorch's
     * {@code interpolate(mode="area")} where the size is divided by a whole number.
     *
     * @throws ZoetropeException BAD_INPUT for sizes below 1
     */
    public static Frame area(Frame frame, int width, int height) {
        check(width, height);
        return apply(
                frame,
                areaFilter(frame.width(), 0, frame.width(), width),
                areaFilter(frame.height(), 0, frame.height(), height));
    }

    /**
     * Linear interpolation between pixel centres, without a low-pass filter: for making pictures larger. Equals PyTorch's
     * {@code interpolate(mode="bilinear", align_corners=False)}, rounded half up.
     *
     * @throws ZoetropeException BAD_INPUT for sizes below 1
     */
    public static Frame bilinear(Frame frame, int width, int height) {
        check(width, height);
        return apply(
                frame,
                linearFilter(frame.width(), 0, frame.width(), width),
                linearFilter(frame.height(), 0, frame.height(), height));
    }

    /**
     * Cubic convolution (a = -1/2) whose kernel widens with the reduction, columns first and rounded to bytes after each
     * direction: equals Pillow's {@code BICUBIC}, which published image encoders were trained behind.
     *
     * @throws ZoetropeException BAD_INPUT for sizes below 1
     */
    public static Frame bicubic(Frame frame, int width, int height) {
        check(width, height);
        check(width, frame.height());
        Frame narrowed = apply(frame, cubicFilter(frame.width(), width), cubicFilter(frame.height(), frame.height()));
        return apply(narrowed, cubicFilter(width, width), cubicFilter(frame.height(), height));
    }

    /**
     * A rectangle with edges anywhere, also between pixels, resized: by area if it gets smaller than half in a direction,
     * else linearly. The whole frame as the rectangle gives {@link #area} or {@link #bilinear}, bit for bit. At the edges
     * the linear filter looks at the pixels around the rectangle, as far as there are any.
     *
     * @param left edge, pixels from the left of the frame
     * @param top edge, pixels from the top of the frame
     * @throws ZoetropeException BAD_INPUT for sizes below 1 or a rectangle that is not inside
     */
    public static Frame part(
            Frame frame, double left, double top, double partWidth, double partHeight, int width, int height) {
        check(width, height);
        double tolerance = 1e-6;
        boolean inside = left >= -tolerance
                && top >= -tolerance
                && left + partWidth <= frame.width() + tolerance
                && top + partHeight <= frame.height() + tolerance;
        if (!(inside && partWidth > 0 && partHeight > 0)) {
            throw ZoetropeException.badInput(
                    "the part %.2fx%.2f at (%.2f, %.2f) does not lie inside of a frame of %dx%d pixels; give a smaller one",
                    partWidth, partHeight, left, top, frame.width(), frame.height());
        }
        return apply(
                frame,
                filter(frame.width(), Math.max(0, left), partWidth, width),
                filter(frame.height(), Math.max(0, top), partHeight, height));
    }

    /** Repeats every pixel {@code factor} times in both directions. */
    public static Frame repeat(Frame frame, int factor) {
        check(factor, factor);
        int width = Math.multiplyExact(frame.width(), factor);
        int height = Math.multiplyExact(frame.height(), factor);
        byte[] rgb = new byte[Math.multiplyExact(Math.multiplyExact(3, width), height)];
        int to = 0;
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int from = 3 * (y / factor * frame.width() + x / factor);
                rgb[to++] = frame.rgb()[from];
                rgb[to++] = frame.rgb()[from + 1];
                rgb[to++] = frame.rgb()[from + 2];
            }
        }
        return new Frame(width, height, rgb, frame.timeSeconds());
    }

    /**
     * The largest centred part with the proportions of {@code width : height}, resized to that size; by area if it gets
     * smaller, else linearly.
     *
     * @throws ZoetropeException BAD_INPUT for sizes below 1
     */
    public static Frame cover(Frame frame, int width, int height) {
        check(width, height);
        double scale = Math.max(width / (double) frame.width(), height / (double) frame.height());
        int cropWidth = Math.max(1, (int) Math.min(frame.width(), Math.round(width / scale)));
        int cropHeight = Math.max(1, (int) Math.min(frame.height(), Math.round(height / scale)));
        Frame part =
                crop(frame, (frame.width() - cropWidth) / 2, (frame.height() - cropHeight) / 2, cropWidth, cropHeight);
        return scale < 1 ? area(part, width, height) : bilinear(part, width, height);
    }

    /**
     * A rectangle of the frame.
     *
     * @throws ZoetropeException BAD_INPUT if it does not lie inside
     */
    public static Frame crop(Frame frame, int left, int top, int width, int height) {
        boolean inside = left >= 0 && top >= 0 && left <= frame.width() - width && top <= frame.height() - height;
        if (width < 1 || height < 1 || !inside) {
            throw ZoetropeException.badInput(
                    "the part %dx%d at (%d, %d) does not lie inside of a frame of %dx%d pixels; give a smaller one",
                    width, height, left, top, frame.width(), frame.height());
        }
        byte[] rgb = new byte[3 * width * height];
        for (int y = 0; y < height; y++) {
            int from = 3 * ((top + y) * frame.width() + left);
            System.arraycopy(frame.rgb(), from, rgb, 3 * width * y, 3 * width);
        }
        return new Frame(width, height, rgb, frame.timeSeconds());
    }

    private static void check(int width, int height) {
        if (width < 1 || height < 1 || 3L * width * height > Integer.MAX_VALUE) {
            throw ZoetropeException.badInput("cannot resize to %dx%d; give a size of at least 1x1", width, height);
        }
    }

    private static Filter filter(int size, double offset, double extent, int to) {
        return extent > 2.0 * to ? areaFilter(size, offset, extent, to) : linearFilter(size, offset, extent, to);
    }

    /** Of {@code extent} input positions from {@code offset} on, out of {@code size}. */
    private static Filter areaFilter(int size, double offset, double extent, int to) {
        int[] first = new int[to];
        float[][] weights = new float[to][];
        double scale = extent / to;
        for (int i = 0; i < to; i++) {
            double start = offset + i * scale;
            double end = Math.min(size, start + scale);
            first[i] = Math.min(size - 1, (int) start);
            weights[i] = new float[Math.max(1, (int) Math.ceil(end - 1e-9) - first[i])];
            for (int k = 0; k < weights[i].length; k++) {
                double covered = Math.min(end, first[i] + k + 1.0) - Math.max(start, first[i] + k);
                weights[i][k] = (float) (covered / (end - start));
            }
        }
        return new Filter(first, weights);
    }

    /** Of {@code extent} input positions from {@code offset} on, out of {@code size}. */
    private static Filter linearFilter(int size, double offset, double extent, int to) {
        int[] first = new int[to];
        float[][] weights = new float[to][];
        for (int i = 0; i < to; i++) {
            double centre = Math.max(0, offset + (i + 0.5) * extent / to - 0.5);
            first[i] = Math.min(size - 1, (int) centre);
            float second = first[i] == size - 1 ? 0 : (float) (centre - first[i]);
            weights[i] = second == 0 ? new float[] {1} : new float[] {1 - second, second};
        }
        return new Filter(first, weights);
    }

    private static Filter cubicFilter(int size, int to) {
        int[] first = new int[to];
        float[][] weights = new float[to][];
        double scale = size / (double) to;
        double widening = Math.max(1, scale);
        for (int i = 0; i < to; i++) {
            double centre = (i + 0.5) * scale;
            first[i] = (int) Math.max(0, centre - 2 * widening + 0.5);
            int end = (int) Math.min(size, centre + 2 * widening + 0.5);
            double[] kernel = new double[end - first[i]];
            double sum = 0;
            for (int k = 0; k < kernel.length; k++) {
                kernel[k] = cubic(Math.abs(first[i] + k + 0.5 - centre) / widening);
                sum += kernel[k];
            }
            weights[i] = new float[kernel.length];
            for (int k = 0; k < kernel.length; k++) {
                weights[i][k] = (float) (kernel[k] / sum);
            }
        }
        return new Filter(first, weights);
    }

    /** Keys' kernel at a distance, with a = -1/2. */
    private static double cubic(double x) {
        if (x < 1) {
            return (1.5 * x - 2.5) * x * x + 1;
        }
        return x < 2 ? -0.5 * (((x - 5) * x + 8) * x - 4) : 0;
    }

    /** Rows first, then columns, so that one row of floats is all the scratch space. */
    private static Frame apply(Frame frame, Filter horizontal, Filter vertical) {
        int width = horizontal.first().length;
        int height = vertical.first().length;
        byte[] rgb = new byte[3 * width * height];
        float[] row = new float[3 * frame.width()];
        for (int y = 0; y < height; y++) {
            blendRows(frame, vertical.first()[y], vertical.weights()[y], row);
            for (int x = 0; x < width; x++) {
                blendPixels(row, horizontal.first()[x], horizontal.weights()[x], rgb, 3 * (y * width + x));
            }
        }
        return new Frame(width, height, rgb, frame.timeSeconds());
    }

    private static void blendRows(Frame frame, int first, float[] weights, float[] row) {
        Arrays.fill(row, 0);
        for (int k = 0; k < weights.length; k++) {
            int from = (first + k) * row.length;
            for (int i = 0; i < row.length; i++) {
                row[i] += weights[k] * (frame.rgb()[from + i] & 0xFF);
            }
        }
    }

    private static void blendPixels(float[] row, int first, float[] weights, byte[] rgb, int to) {
        for (int c = 0; c < 3; c++) {
            float sum = 0;
            for (int k = 0; k < weights.length; k++) {
                sum += weights[k] * row[3 * (first + k) + c];
            }
            rgb[to + c] = (byte) Math.max(0, Math.min(255, (int) (sum + 0.5f)));
        }
    }
}
