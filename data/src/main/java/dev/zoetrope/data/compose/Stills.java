package dev.zoetrope.data.compose;

import dev.zoetrope.media.Frame;
import dev.zoetrope.media.VideoReader;
import dev.zoetrope.tensor.ZoetropeException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Pictures that do not move. */
final class Stills {
    private static final int MARKER = 0xFF;
    private static final int START_OF_IMAGE = 0xD8;
    private static final int START_OF_SCAN = 0xDA;
    private static final int END_OF_IMAGE = 0xD9;

    private Stills() {}

    /** @throws ZoetropeException BAD_INPUT if it cannot be read or is animated */
    static Frame read(Path file) {
        try (VideoReader reader = VideoReader.open(file)) {
            Frame picture = reader.read().orElseThrow(() -> ZoetropeException.badInput("%s holds no picture", file));
            if (reader.read().isPresent()) {
                throw ZoetropeException.badInput("%s is animated; give it as a video", file);
            }
            if (isCutShort(file)) {
                throw ZoetropeException.badInput("%s ends too early: a part of the picture is missing", file);
            }
            if (!reader.warnings().isEmpty()) {
                throw ZoetropeException.badInput(
                        "%s is damaged: %s", file, reader.warnings().get(0));
            }
            return picture;
        }
    }

    /**
     * Whether a JPEG file has no end marker behind its last scan. Decoders fill the missing part with grey and say nothing.
     */
    private static boolean isCutShort(Path file) {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
            if (in.read() != MARKER || in.read() != START_OF_IMAGE) {
                return false;
            }
            boolean open = true;
            int before = 0;
            for (int next = in.read(); next >= 0; next = in.read()) {
                if (before == MARKER) {
                    open = next == START_OF_SCAN || open && next != END_OF_IMAGE;
                }
                before = next;
            }
            return open;
        } catch (IOException e) {
            throw ZoetropeException.io(e, "cannot read %s: %s", file, String.valueOf(e.getMessage()));
        }
    }
}
