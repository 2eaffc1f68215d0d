package dev.zoetrope.media;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A stream of pictures behind {@link VideoReader}: one implementation a kind of file. */
interface FrameSource extends AutoCloseable {
    VideoInfo info();

    /** The next picture, or null at the end. */
    @Nullable
    Frame next();

    /** What was wrong with the file so far without stopping it from being read. */
    List<String> warnings();

    @Override
    void close();
}
