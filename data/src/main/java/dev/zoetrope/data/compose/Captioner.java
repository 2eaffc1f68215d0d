package dev.zoetrope.data.compose;

import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Path;

/** Writes the caption of a clip that has none. */
public interface Captioner {
    /**
     * The caption.
     *
     * @param file the clip, or its source if {@link #looksAtClip()} is false
     * @param hint what is known about it, such as its label; may be empty
     * @throws ZoetropeException if there is none; the clip is then left out and counted
     */
    String caption(Path file, String hint);

    /** Who captions, for telling whether a stopped composition is continued by the same. */
    default String name() {
        return getClass().getSimpleName();
    }

    /** Whether the file matters. If not, captions are made before anything is cut. */
    default boolean looksAtClip() {
        return true;
    }
}
