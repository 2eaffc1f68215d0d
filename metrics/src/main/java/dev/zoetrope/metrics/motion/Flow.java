package dev.zoetrope.metrics.motion;

import dev.zoetrope.tensor.ZoetropeException;

/**
 * Optical flow: what is at (x, y) of the first picture is at (x + dx, y + dy) of the second.
 *
 * @param dx pixels to the right, row-major
 * @param dy pixels down, row-major
 */
public record Flow(int width, int height, float[] dx, float[] dy) {
    public Flow {
        if (dx.length != width * height || dy.length != dx.length) {
            throw ZoetropeException.badInput(
                    "a flow of %dx%d pixels needs %d vectors, got %d and %d",
                    width, height, width * height, dx.length, dy.length);
        }
    }

    /** The same vector everywhere. */
    public static Flow uniform(int width, int height, double dx, double dy) {
        float[] right = new float[width * height];
        float[] down = new float[width * height];
        java.util.Arrays.fill(right, (float) dx);
        java.util.Arrays.fill(down, (float) dy);
        return new Flow(width, height, right, down);
    }

    /** Mean length of the vectors, pixels. */
    public double meanSpeed() {
        double sum = 0;
        for (int i = 0; i < dx.length; i++) {
            sum += Math.hypot(dx[i], dy[i]);
        }
        return sum / dx.length;
    }

    /** A component at a place between pixels, linearly; the border goes on outside. */
    static double sample(float[] values, int width, int height, double x, double y) {
        double column = Math.max(0, Math.min(width - 1, x));
        double row = Math.max(0, Math.min(height - 1, y));
        int left = (int) column;
        int top = (int) row;
        int right = Math.min(width - 1, left + 1);
        int bottom = Math.min(height - 1, top + 1);
        double u = column - left;
        double v = row - top;
        double upper = (1 - u) * values[top * width + left] + u * values[top * width + right];
        double lower = (1 - u) * values[bottom * width + left] + u * values[bottom * width + right];
        return (1 - v) * upper + v * lower;
    }
}
