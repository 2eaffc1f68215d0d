package dev.zoetrope.metrics.motion;

import dev.zoetrope.media.Frame;

/**
 * A picture of one channel, 0 to 1.
 *
 * @param values row-major
 */
record Grey(int width, int height, float[] values) {
    /** Luma of BT.601. */
    static Grey of(Frame frame) {
        float[] values = new float[frame.width() * frame.height()];
        byte[] rgb = frame.rgb();
        for (int p = 0; p < values.length; p++) {
            values[p] =
                    (0.299f * (rgb[3 * p] & 0xFF) + 0.587f * (rgb[3 * p + 1] & 0xFF) + 0.114f * (rgb[3 * p + 2] & 0xFF))
                            / 255;
        }
        return new Grey(frame.width(), frame.height(), values);
    }

    /** Half the size, each pixel the mean of four. */
    Grey halved() {
        int columns = Math.max(1, width / 2);
        int rows = Math.max(1, height / 2);
        float[] small = new float[rows * columns];
        for (int y = 0; y < rows; y++) {
            for (int x = 0; x < columns; x++) {
                small[y * columns + x] =
                        (at(2 * x, 2 * y) + at(2 * x + 1, 2 * y) + at(2 * x, 2 * y + 1) + at(2 * x + 1, 2 * y + 1)) / 4;
            }
        }
        return new Grey(columns, rows, small);
    }

    /** The pixel, or the nearest one of the border. */
    float at(int x, int y) {
        int column = Math.max(0, Math.min(width - 1, x));
        int row = Math.max(0, Math.min(height - 1, y));
        return values[row * width + column];
    }

    double mean() {
        double sum = 0;
        for (float value : values) {
            sum += value;
        }
        return sum / values.length;
    }
}
