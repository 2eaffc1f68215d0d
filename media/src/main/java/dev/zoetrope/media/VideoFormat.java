package dev.zoetrope.media;

import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** What {@link VideoWriter} can write, chosen by the extension. */
enum VideoFormat {
    MP4("mp4"),
    WEBM("webm"),
    GIF("gif"),
    PNG("apng"),
    WEBP("webp"),
    FOLDER("");

    /** Viewers play GIF frames shorter than two hundredths of a second at ten frames a second. */
    private static final double MAX_GIF_RATE = 50;

    private final String muxer;

    VideoFormat(String muxer) {
        this.muxer = muxer;
    }

    /** FFmpeg's name of the muxer. */
    String muxer() {
        return muxer;
    }

    /** Whether the muxer itself writes tags; for the other formats they are put in afterwards. */
    boolean muxesTags() {
        return this == MP4 || this == WEBM;
    }

    static VideoFormat of(Path target) {
        Path fileName = target.getFileName();
        String name = fileName == null ? "" : fileName.toString().toLowerCase(Locale.ROOT);
        int dot = name.lastIndexOf('.');
        if (Files.isDirectory(target) || dot <= 0) {
            return FOLDER;
        }
        return switch (name.substring(dot + 1)) {
            case "mp4", "m4v" -> MP4;
            case "webm" -> WEBM;
            case "gif" -> GIF;
            case "png", "apng" -> PNG;
            case "webp" -> WEBP;
            default ->
                throw ZoetropeException.badInput(
                        "%s: no video format is known by this extension; use .mp4, .webm, .gif, .png (animated), .webp, or"
                                + " a name without a dot for a folder of PNG pictures",
                        target);
        };
    }

    void check(Path target, VideoOptions options) {
        if (this == GIF && options.framesPerSecond() > MAX_GIF_RATE) {
            throw ZoetropeException.badInput(
                    "%s: GIF holds at most 50 frames a second, got %s; use .mp4, .webm, .webp or .png",
                    target, options.framesPerSecond());
        }
    }
}
