package dev.zoetrope.moft;

import dev.zoetrope.media.Frame;

/** Values and marks drawn over frames. */
final class HeatMap {
    private static final double OPACITY = 0.6;

    private HeatMap() {}

    /** Values [H*W] from blue (low) over green to red (high), over a frame of that size. */
    static Frame overlay(Frame frame, float[] values, double low, double high) {
        byte[] rgb = frame.rgb().clone();
        double range = Math.max(high - low, 1e-12);
        for (int i = 0; i < values.length; i++) {
            double v = Math.max(0, Math.min(1, (values[i] - low) / range));
            double[] colour = {ramp(4 * v - 3), ramp(4 * v - 2), ramp(4 * v - 1)};
            for (int c = 0; c < 3; c++) {
                double mixed = (1 - OPACITY) * (rgb[3 * i + c] & 0xFF) + OPACITY * 255 * colour[c];
                rgb[3 * i + c] = (byte) Math.round(mixed);
            }
        }
        return new Frame(frame.width(), frame.height(), rgb, frame.timeSeconds());
    }

    /** The three humps of the jet map. */
    private static double ramp(double x) {
        return Math.max(0, Math.min(1, 1.5 - Math.abs(x)));
    }

    /** A white cross. */
    static Frame cross(Frame frame, int x, int y) {
        byte[] rgb = frame.rgb().clone();
        int arm = Math.max(2, frame.width() / 32);
        for (int d = -arm; d <= arm; d++) {
            paint(rgb, frame, x + d, y);
            paint(rgb, frame, x, y + d);
        }
        return new Frame(frame.width(), frame.height(), rgb, frame.timeSeconds());
    }

    private static void paint(byte[] rgb, Frame frame, int x, int y) {
        if (x >= 0 && y >= 0 && x < frame.width() && y < frame.height()) {
            java.util.Arrays.fill(rgb, 3 * (y * frame.width() + x), 3 * (y * frame.width() + x) + 3, (byte) 255);
        }
    }

    /** Two pictures of one height beside each other. */
    static Frame beside(Frame left, Frame right) {
        int width = left.width() + right.width();
        byte[] rgb = new byte[3 * width * left.height()];
        for (int y = 0; y < left.height(); y++) {
            System.arraycopy(left.rgb(), 3 * y * left.width(), rgb, 3 * y * width, 3 * left.width());
            System.arraycopy(
                    right.rgb(), 3 * y * right.width(), rgb, 3 * (y * width + left.width()), 3 * right.width());
        }
        return new Frame(width, left.height(), rgb, left.timeSeconds());
    }
}
