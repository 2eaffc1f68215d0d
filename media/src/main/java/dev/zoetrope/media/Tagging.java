package dev.zoetrope.media;

import dev.zoetrope.tensor.AtomicFiles;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Puts metadata into finished GIF, PNG and WebP files, whose muxers write none. */
final class Tagging {
    private static final int GIF_HEAD = 13;

    private Tagging() {}

    /** Copies {@code source} to {@code target} with the metadata inside, whole or not at all. */
    static void copy(
            Path source, Path target, VideoFormat format, int width, int height, Map<String, String> metadata) {
        AtomicFiles.write(target, out -> {
            try (InputStream in = new BufferedInputStream(Files.newInputStream(source), 1 << 16)) {
                switch (format) {
                    case PNG -> insert(in, out, PngText.AFTER_HEADER, PngText.chunk(metadata));
                    case GIF -> insertComment(in, out, metadata);
                    case WEBP -> WebpMetadata.copy(in, out, Files.size(source), width, height, metadata);
                    default -> throw new IllegalArgumentException("no tagging for " + format);
                }
            }
        });
    }

    private static void insert(InputStream in, OutputStream out, int at, byte[] inserted) throws IOException {
        out.write(in.readNBytes(at));
        out.write(inserted);
        in.transferTo(out);
    }

    private static void insertComment(InputStream in, OutputStream out, Map<String, String> metadata)
            throws IOException {
        byte[] head = in.readNBytes(GIF_HEAD);
        out.write(head);
        insert(in, out, GifComment.afterHeader(head) - GIF_HEAD, GifComment.extension(metadata));
    }
}
