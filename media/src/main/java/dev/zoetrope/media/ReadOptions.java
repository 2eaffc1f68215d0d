package dev.zoetrope.media;

import dev.zoetrope.tensor.ErrorCode;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Path;

/**
 * Limits for reading files that may be hostile.
 *
 * @param maxPixels largest picture that is decoded, width times height; default 16384 * 16384
 * @param picturesPerSecond rate given to a folder of pictures that does not carry its own; default 25
 */
public record ReadOptions(long maxPixels, double picturesPerSecond) {
    private static final ReadOptions DEFAULTS = new ReadOptions(16384L * 16384L, 25);

    public ReadOptions {
        // A picture is one Java array of three bytes a pixel.
        if (maxPixels < 1 || maxPixels > Integer.MAX_VALUE / 3) {
            throw ZoetropeException.badInput("maxPixels is %d, expected 1 to %d", maxPixels, Integer.MAX_VALUE / 3);
        }
        if (!(picturesPerSecond > 0 && picturesPerSecond <= 240)) {
            throw ZoetropeException.badInput(
                    "picturesPerSecond is %s, expected more than 0 and at most 240", picturesPerSecond);
        }
    }

    public static ReadOptions defaults() {
        return DEFAULTS;
    }

    /** Refuses a picture before anything of its size is allocated. */
    void checkSize(Path path, long width, long height) {
        if (width < 1 || height < 1) {
            throw ZoetropeException.badInput("%s: pictures of %dx%d pixels cannot be decoded", path, width, height);
        }
        if (width > maxPixels / height) {
            throw ZoetropeException.badInput(
                    "%s: pictures of %dx%d pixels, the limit is %d pixels; scale the file down or raise maxPixels",
                    path, width, height, maxPixels);
        }
        // Two copies live at a time: the one decoded and the one the caller holds.
        if (width * height * 6 > Runtime.getRuntime().maxMemory()) {
            throw new ZoetropeException(
                    ErrorCode.OUT_OF_MEMORY,
                    "%s: pictures of %dx%d pixels do not fit into the Java heap; raise -Xmx or scale the file down"
                            .formatted(path, width, height));
        }
    }
}
