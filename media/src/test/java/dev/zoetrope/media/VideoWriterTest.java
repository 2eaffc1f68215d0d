package dev.zoetrope.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.zoetrope.tensor.ErrorCode;
import dev.zoetrope.tensor.ZoetropeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VideoWriterTest {
    private static final Map<String, String> METADATA = Map.of(
            "command", "generate --prompt \"a <red> ball & 'friends'\" \\ end",
            "prompt", "ein roter Ball\nvor dem 山 \uD83C\uDFD4 %d {x=1;y#2}",
            "seed", "42");

    @TempDir
    Path folder;

    private static void write(Path target, List<Frame> frames, VideoOptions options) {
        try (VideoWriter writer = VideoWriter.open(target, options)) {
            frames.forEach(writer::write);
            writer.finish();
        }
    }

    private List<String> listing() throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "v.mp4,64,48,38",
        "v.webm,64,48,36",
        "v.webm,63,47,36",
        "v.gif,63,47,30",
        "v.png,63,47,999",
        "v.apng,64,48,999",
        "v.webp,63,47,31",
        "frames,63,47,999"
    })
    void comesBackAsWritten(String name, int width, int height, double decibels) throws IOException {
        List<Frame> frames = TestClips.disc(width, height, 13);
        Path target = folder.resolve(name);
        write(
                target,
                frames,
                VideoOptions.builder().framesPerSecond(12.5).metadata(METADATA).build());
        assertThat(listing()).containsExactly(name);
        try (VideoReader reader = VideoReader.open(target)) {
            assertThat(reader.info().metadata()).containsAllEntriesOf(METADATA);
            assertThat(reader.info().framesPerSecond()).isEqualTo(12.5, within(0.05));
            if (!name.endsWith("png")) { // whose container does not say
                assertThat(reader.info().durationSeconds()).isEqualTo(13 / 12.5, within(0.09));
            }
            int i = 0;
            for (Frame frame : reader) {
                assertThat(frame.timeSeconds()).isEqualTo(i / 12.5, within(0.0011));
                assertThat(TestClips.psnr(frame, frames.get(i)))
                        .as("frame %d", i)
                        .isGreaterThan(decibels);
                i++;
            }
            assertThat(i).isEqualTo(13);
            assertThat(reader.warnings()).isEmpty();
        }
    }

    @Test
    void webpOfQuality100HasNoLoss() {
        List<Frame> frames = TestClips.disc(33, 21, 5);
        Path target = folder.resolve("v.webp");
        write(target, frames, VideoOptions.builder().quality(100).build());
        List<Frame> back = VideoReader.readAll(target, 100);
        assertThat(back).hasSize(5);
        for (int i = 0; i < 5; i++) {
            assertThat(back.get(i).rgb()).isEqualTo(frames.get(i).rgb());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"v.mp4", "v.webm", "v.gif", "v.png", "v.webp", "frames"})
    void oneFrameIsAVideo(String name) {
        Path target = folder.resolve(name);
        write(
                target,
                TestClips.disc(64, 48, 1),
                VideoOptions.builder().metadata(METADATA).build());
        try (VideoReader reader = VideoReader.open(target)) {
            assertThat(reader.info().metadata()).containsAllEntriesOf(METADATA);
            assertThat(reader).hasSize(1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"v.mp4", "v.webm", "v.gif", "v.png", "v.webp"})
    void equalInputGivesEqualBytes(String name) throws IOException {
        VideoOptions options = VideoOptions.builder().metadata(METADATA).build();
        write(folder.resolve("a" + name), TestClips.disc(64, 48, 6), options);
        write(folder.resolve("b" + name), TestClips.disc(64, 48, 6), options);
        assertThat(Files.readAllBytes(folder.resolve("a" + name)))
                .isEqualTo(Files.readAllBytes(folder.resolve("b" + name)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"v.mp4", "v.webm", "v.gif", "v.png", "v.webp", "frames"})
    void nothingIsLeftWithoutFinish(String name) throws IOException {
        Path target = folder.resolve(name);
        assertThatThrownBy(() -> {
                    try (VideoWriter writer = VideoWriter.open(target, VideoOptions.of(12))) {
                        TestClips.disc(64, 48, 3).forEach(writer::write);
                        writer.write(TestClips.disc(32, 48, 1).get(0));
                        writer.finish();
                    }
                })
                .isInstanceOf(ZoetropeException.class)
                .hasMessageContaining("32x48")
                .hasMessageContaining("64x48");
        assertThat(listing()).isEmpty();
    }

    @Test
    void anOlderFileStaysUntilTheNewOneIsWhole() throws IOException {
        Path target = folder.resolve("v.mp4");
        Files.writeString(target, "old");
        try (VideoWriter writer = VideoWriter.open(target, VideoOptions.of(12))) {
            TestClips.disc(64, 48, 3).forEach(writer::write);
            assertThat(target).hasContent("old");
            writer.finish();
        }
        assertThat(VideoReader.readAll(target, 10)).hasSize(3);
    }

    @Test
    void oddSizesInMp4RepeatTheEdge() {
        List<Frame> frames = TestClips.disc(63, 47, 2);
        Path target = folder.resolve("v.mp4");
        write(target, frames, VideoOptions.of(12));
        Frame back = VideoReader.readAll(target, 1).get(0);
        assertThat(back.width()).isEqualTo(64);
        assertThat(back.height()).isEqualTo(48);
        assertThat(back.rgb()[3 * 63 + 2] & 0xFF).isCloseTo(back.rgb()[3 * 62 + 2] & 0xFF, within(6));
    }

    @ParameterizedTest
    @ValueSource(strings = {"v.mp4", "v.webm", "v.gif"})
    void tinyPicturesWork(String name) {
        Path target = folder.resolve(name);
        List<Frame> frames = TestClips.disc(16, 16, 3);
        write(target, frames, VideoOptions.of(12));
        assertThat(VideoReader.readAll(target, 10)).hasSize(3);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -1, Double.NaN, 241})
    void refusesImpossibleRates(double rate) {
        assertThatThrownBy(() -> VideoOptions.of(rate)).hasMessageContaining("240");
    }

    @Test
    void refusesTargetsThatAreNoVideo() throws IOException {
        VideoOptions options = VideoOptions.of(60);
        assertBadInput(folder.resolve("v.xyz"), options, ".webm");
        assertBadInput(folder.resolve("v.gif"), options, "50");
        Files.writeString(folder.resolve("other"), "x");
        assertBadInput(folder.resolve("other"), options, "expected a folder");
        assertBadInput(folder, options, "not empty");
    }

    @Test
    void refusesAVideoWithoutFrames() {
        try (VideoWriter writer = VideoWriter.open(folder.resolve("v.mp4"), VideoOptions.of(12))) {
            assertThatThrownBy(writer::finish).hasMessageContaining("at least one");
        }
    }

    private static void assertBadInput(Path target, VideoOptions options, String part) {
        assertThatThrownBy(() -> VideoWriter.open(target, options).close())
                .isInstanceOfSatisfying(
                        ZoetropeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.BAD_INPUT))
                .hasMessageContaining(part);
    }
}
