package dev.zoetrope.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.zoetrope.media.VideoReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HelloZoetropeTest {
    private static final Path PRESET = Path.of("../presets/tiny-text-to-video");

    @TempDir
    Path folder = Path.of("");

    /** With the shipped model where it is, else with one of random weights. */
    @Test
    void makesAVideo() throws IOException {
        boolean shipped = Files.exists(PRESET.resolve("model_index.json"));
        Path model = shipped ? PRESET : TinyModel.write(folder.resolve("model"));
        Path out = folder.resolve("hello.mp4");
        HelloZoetrope.main(new String[] {model.toString(), "a red circle moves up", out.toString(), "4"});
        assertThat(VideoReader.readAll(out, 100)).hasSize(16);
        try (VideoReader reader = VideoReader.open(out)) {
            assertThat(reader.info().metadata()).containsEntry("prompt", "a red circle moves up");
        }
    }
}
