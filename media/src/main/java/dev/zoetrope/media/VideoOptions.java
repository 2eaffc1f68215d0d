package dev.zoetrope.media;

import dev.zoetrope.tensor.ZoetropeException;
import java.util.Map;
import java.util.TreeMap;

/**
 * How a video is written.
 *
 * @param framesPerSecond more than 0, at most 240; default 12. Frames are spaced by it, whatever their own times are
 * @param metadata texts kept inside the file (command, prompt, seed, model hash, versions); any keys; default none
 * @param quality 0 (smallest file) to 100 (best picture); default 90. Formats without loss ignore it; at 100 WebP has none
 */
public record VideoOptions(double framesPerSecond, Map<String, String> metadata, int quality) {
    private static final double MAX_RATE = 240;
    private static final int MAX_METADATA = 1 << 19;

    public VideoOptions {
        checkRate(framesPerSecond);
        if (quality < 0 || quality > 100) {
            throw ZoetropeException.badInput("quality is %d, expected 0 to 100", quality);
        }
        metadata = Map.copyOf(metadata);
        long length = 0;
        for (Map.Entry<String, String> entry : metadata.entrySet()) {
            length += entry.getKey().length() + (long) entry.getValue().length();
        }
        if (length > MAX_METADATA) {
            throw ZoetropeException.badInput(
                    "metadata has %d characters, expected at most %d; shorten the texts", length, MAX_METADATA);
        }
    }

    static void checkRate(double framesPerSecond) {
        if (!(framesPerSecond > 0 && framesPerSecond <= MAX_RATE)) {
            throw ZoetropeException.badInput(
                    "framesPerSecond is %s, expected more than 0 and at most 240", framesPerSecond);
        }
    }

    /** The defaults at the given rate. */
    public static VideoOptions of(double framesPerSecond) {
        return builder().framesPerSecond(framesPerSecond).build();
    }

    public static Builder builder() {
        return new Builder();
    }

    /** Collects options; {@link #build} validates them. */
    public static final class Builder {
        private double framesPerSecond = 12;
        private final Map<String, String> metadata = new TreeMap<>();
        private int quality = 90;

        private Builder() {}

        public Builder framesPerSecond(double value) {
            framesPerSecond = value;
            return this;
        }

        /** Adds one text. */
        public Builder metadata(String key, String value) {
            metadata.put(key, value);
            return this;
        }

        /** Adds texts. */
        public Builder metadata(Map<String, String> values) {
            metadata.putAll(values);
            return this;
        }

        public Builder quality(int value) {
            quality = value;
            return this;
        }

        public VideoOptions build() {
            return new VideoOptions(framesPerSecond, metadata, quality);
        }
    }
}
