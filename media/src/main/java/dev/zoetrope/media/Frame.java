package dev.zoetrope.media;

import dev.zoetrope.tensor.ZoetropeException;

/**
 * One displayed picture: 8-bit RGB, row-major from the top left, three bytes a pixel, no padding.
 *
 * @param width pixels, at least 1
 * @param height pixels, at least 1
 * @param rgb {@code width * height * 3} bytes
 * @param timeSeconds presentation time, seconds from the start of the stream
 */
public record Frame(int width, int height, byte[] rgb, double timeSeconds) {
    public Frame {
        if (width < 1 || height < 1 || rgb.length != 3L * width * height) {
            throw ZoetropeException.badInput(
                    "a frame of %dx%d pixels needs %d bytes, got %d", width, height, 3L * width * height, rgb.length);
        }
    }

    /** The same picture at another time. */
    public Frame at(double seconds) {
        return new Frame(width, height, rgb, seconds);
    }
}
