package dev.zoetrope.metrics.video;

import dev.zoetrope.media.Frame;
import dev.zoetrope.media.VideoOptions;
import dev.zoetrope.media.VideoWriter;
import java.nio.file.Path;
import java.util.List;

final class TestVideos {
    private TestVideos() {}

    static void write(Path file, List<Frame> frames) {
        try (VideoWriter writer = VideoWriter.open(file, VideoOptions.of(8))) {
            frames.forEach(writer::write);
            writer.finish();
        }
    }
}
