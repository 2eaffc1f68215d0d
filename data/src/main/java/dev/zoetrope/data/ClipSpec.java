package dev.zoetrope.data;

import dev.zoetrope.tensor.ZoetropeException;

/**
 * The form of a clip.
 *
 * @param width pixels, 16 to 2048
 * @param height pixels, 16 to 2048
 * @param frames 1 to 4096; all the frames together at most 2^28 pixels
 * @param fps frames a second, above 0 and at most 240
 */
public record ClipSpec(int width, int height, int frames, double fps) {
    public ClipSpec {
        if (width < 16 || height < 16 || width > 2048 || height > 2048) {
            throw ZoetropeException.badInput("clip size %dx%d: each side must be 16 to 2048 pixels", width, height);
        }
        if (frames < 1 || frames > 4096 || (long) width * height * frames > 1L << 28) {
            throw ZoetropeException.badInput(
                    "%d frames of %dx%d: a clip has 1 to 4096 frames and at most 2^28 pixels in all",
                    frames, width, height);
        }
        if (!(fps > 0 && fps <= 240)) {
            throw ZoetropeException.badInput("frame rate %s: must be above 0 and at most 240", fps);
        }
    }

    /** Same as the constructor. */
    public static ClipSpec of(int width, int height, int frames, double fps) {
        return new ClipSpec(width, height, frames, fps);
    }

    /** Values of one clip as floats: frames * 3 * height * width. */
    public int floats() {
        return frames * 3 * height * width;
    }
}
