package dev.zoetrope.metrics;

import dev.zoetrope.tensor.ZoetropeException;

/** Rates in bits per pixel (sheet section 10). The size is the original one: padding of the coder does not count. */
public final class BitsPerPixel {
    private BitsPerPixel() {}

    /**
     * {@code bpp}: of everything that decoding needs (headers, side information, tables).
     *
     * @param bytes of the whole file
     */
    public static double ofFile(long bytes, int width, int height, long frames) {
        return 8.0 * bytes / pixels(width, height, frames);
    }

    /**
     * {@code bpp_est}: what the entropy model expects.
     *
     * @param bits the sum of -log2 p over all symbols
     */
    public static double estimated(double bits, int width, int height, long frames) {
        return bits / pixels(width, height, frames);
    }

    private static double pixels(int width, int height, long frames) {
        if (width < 1 || height < 1 || frames < 1) {
            throw ZoetropeException.badInput(
                    "a rate needs at least one pixel, got %dx%d and %d frames", width, height, frames);
        }
        return (double) width * height * frames;
    }
}
