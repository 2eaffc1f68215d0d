package dev.zoetrope.data.compose;

import dev.zoetrope.media.Frame;
import dev.zoetrope.media.VideoReader;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Path;

/** Pictures that do not move. */
final class Stills {
    private Stills() {}

    /** @throws ZoetropeException BAD_INPUT if it cannot be read or is animated */
    static Frame read(Path file) {
        try (VideoReader reader = VideoReader.open(file)) {
            Frame picture = reader.read().orElseThrow(() -> ZoetropeException.badInput("%s holds no picture", file));
            if (reader.read().isPresent()) {
                throw ZoetropeException.badInput("%s is animated; give it as a video", file);
            }
            if (!reader.warnings().isEmpty()) {
                throw ZoetropeException.badInput(
                        "%s is damaged: %s", file, reader.warnings().get(0));
            }
            return picture;
        }
    }
}
