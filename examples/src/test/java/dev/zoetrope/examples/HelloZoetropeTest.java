package dev.zoetrope.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.zoetrope.media.VideoReader;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HelloZoetropeTest {
    private static final Path PRESET = Path.of("../presets/tiny-text-to-video");

    @TempDir
    Path folder = Path.of("");

    @Test
    void makesAVideo() {
        Path out = folder.resolve("hello.mp4");
        HelloZoetrope.main(new String[] {PRESET.toString(), "a red circle moves up", out.toString(), "4"});
        assertThat(VideoReader.readAll(out, 100)).hasSize(16);
        try (VideoReader reader = VideoReader.open(out)) {
            assertThat(reader.info().metadata()).containsEntry("prompt", "a red circle moves up");
        }
    }
}
