package dev.zoetrope.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.zoetrope.media.Frame;
import dev.zoetrope.media.VideoOptions;
import dev.zoetrope.media.VideoWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VideoFolderTest {
    private static final VideoFolderOptions OPTIONS = VideoFolderOptions.of(ClipSpec.of(32, 32, 4, 8));

    @TempDir
    Path folder;

    /** Frame f is of brightness {@code 10 * f}, its left half {@code 10 * f + 5}. */
    private void video(String name, int frames) {
        try (var writer = VideoWriter.open(folder.resolve(name), VideoOptions.of(10))) {
            for (int f = 0; f < frames; f++) {
                var rgb = new byte[96 * 64 * 3];
                for (int i = 0; i < rgb.length; i++) {
                    rgb[i] = (byte) (10 * f + (i / 3 % 96 < 48 ? 5 : 0));
                }
                writer.write(new Frame(96, 64, rgb, f / 10.0));
            }
            writer.finish();
        }
    }

    @Test
    void cutsClipsWithStrideCropAndCaptions() throws IOException {
        video("a.gif", 20);
        video("b.gif", 20);
        video("short.gif", 3);
        Files.writeString(folder.resolve("a.txt"), "it grows light\n");
        Files.writeString(folder.resolve("broken.gif"), "GIF89a");
        Files.writeString(folder.resolve("notes.md"), "not a video");
        VideoFolder source = VideoFolder.open(folder, OPTIONS.withStride(3));
        assertThat(source.size()).isEqualTo(2);
        assertThat(source.skipped()).hasSize(2).anySatisfy(s -> assertThat(s).contains("short.gif", "3 frames"));
        Set<Long> starts = new HashSet<>();
        for (int i = 0; i < 40; i++) {
            FolderClip clip = source.clip(i);
            boolean a = clip.file().endsWith("a.gif");
            assertThat(clip.caption()).isEqualTo(a ? "it grows light" : "");
            starts.add(clip.startFrame());
            assertThat(clip.frames()).hasDimensions(4, 32 * 32 * 3);
            for (int f = 0; f < 4; f++) {
                assertThat(clip.frames()[f][0] & 0xFF).isEqualTo((int) (10 * (clip.startFrame() + 3L * f) + 5));
            }
            assertThat(source.clip(i).frames()).isDeepEqualTo(clip.frames());
            assertThat(source.clip(i ^ 1).file()).isNotEqualTo(clip.file());
        }
        assertThat(starts).hasSizeGreaterThan(6).allMatch(s -> s >= 0 && s <= 10);
    }

    @Test
    void flipsWholeClips() {
        video("a.gif", 8);
        VideoFolder source = VideoFolder.open(folder, OPTIONS.withFlip(true));
        Set<Boolean> flips = new HashSet<>();
        for (int i = 0; i < 20; i++) {
            byte[][] frames = source.clip(i).frames();
            boolean flipped = (frames[0][0] & 0xFF) < (frames[0][31 * 3] & 0xFF);
            assertThat((frames[3][0] & 0xFF) < (frames[3][31 * 3] & 0xFF)).isEqualTo(flipped);
            flips.add(flipped);
        }
        assertThat(flips).hasSize(2);
    }

    @Test
    void readsMetadata() throws IOException {
        video("a.gif", 8);
        video("b.gif", 8);
        Files.writeString(
                folder.resolve("metadata.jsonl"),
                "{\"file\": \"b.gif\", \"caption\": \"second\"}\n\n{\"file_name\": \"a.gif\", \"text\": \"first\"}\n");
        VideoFolder source =
                VideoFolder.open(folder, OPTIONS.withRandomCrop(true).withSeed(4));
        Set<String> captions = Set.of(source.clip(0).caption(), source.clip(1).caption());
        assertThat(captions).containsExactlyInAnyOrder("first", "second");
    }

    @Test
    void refusesWhatIsWrong() throws IOException {
        assertThatThrownBy(() -> VideoFolder.open(folder, OPTIONS)).hasMessageContaining("no video");
        assertThatThrownBy(() -> VideoFolder.open(folder.resolve("none"), OPTIONS))
                .hasMessageContaining("not a folder");
        assertThatThrownBy(() -> OPTIONS.withStride(0)).hasMessageContaining("stride 0");
        Path metadata = folder.resolve("metadata.jsonl");
        Files.writeString(metadata, "{\"file\": \"../../etc/hosts\"}");
        assertThatThrownBy(() -> VideoFolder.open(folder, OPTIONS)).hasMessageContaining("line 1");
        Files.writeString(metadata, "{\"file\": 3}");
        assertThatThrownBy(() -> VideoFolder.open(folder, OPTIONS)).hasMessageContaining("needs \"file\"");
        Files.writeString(metadata, "nonsense");
        assertThatThrownBy(() -> VideoFolder.open(folder, OPTIONS)).hasMessageContaining("not JSON");
    }
}
