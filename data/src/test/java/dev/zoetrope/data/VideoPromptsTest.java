package dev.zoetrope.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.zoetrope.media.Frame;
import dev.zoetrope.media.VideoFiles;
import dev.zoetrope.media.VideoOptions;
import dev.zoetrope.media.VideoWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VideoPromptsTest {
    @TempDir
    Path folder;

    private void video(String name, Map<String, String> metadata) {
        try (var writer = VideoWriter.open(folder.resolve(name), new VideoOptions(8, metadata, 80))) {
            writer.write(new Frame(16, 16, new byte[16 * 16 * 3], 0));
            writer.finish();
        }
    }

    @Test
    void captionsComeBeforeTheFilesOwnPrompts() throws IOException {
        video("a.gif", Map.of("prompt", "made from this"));
        video("b.gif", Map.of("prompt", "made from that"));
        Files.writeString(folder.resolve("metadata.jsonl"), "{\"file\": \"./b.gif\", \"caption\": \"said by hand\"}\n");
        assertThat(VideoPrompts.of(folder, VideoFiles.in(folder)))
                .containsEntry(folder.resolve("a.gif"), "made from this")
                .containsEntry(folder.resolve("b.gif"), "said by hand");
    }

    @Test
    void videosWithoutAPromptAreNamed() {
        video("a.gif", Map.of("prompt", "made from this"));
        video("b.gif", Map.of());
        video("c.gif", Map.of("prompt", " "));
        assertThatThrownBy(() -> VideoPrompts.of(folder, VideoFiles.in(folder)))
                .hasMessageContaining("2 of 3 videos")
                .hasMessageContaining("b.gif, c.gif")
                .hasMessageContaining("\"caption\"")
                .hasMessageContaining("metadata.jsonl");
    }
}
