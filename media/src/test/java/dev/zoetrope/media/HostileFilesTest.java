package dev.zoetrope.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.zoetrope.tensor.ErrorCode;
import dev.zoetrope.tensor.ZoetropeException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged and malicious files end in frames or in a clear error, soon. */
class HostileFilesTest {
    private static final List<String> SEEDS = List.of(
            "h264_bframes.mp4",
            "hevc_10bit.mp4",
            "vp9.webm",
            "xvid.avi",
            "mjpeg_fullrange.avi",
            "anim.gif",
            "alpha_png.mov",
            "ffv1_rgb.mkv",
            "odd_444_2997.mkv",
            "vfr.mp4",
            "rotated90.mp4",
            "raw.y4m");
    /** Far above what a small file takes, so that a busy machine does not fail the test. */
    private static final double MAX_SECONDS = 20;

    private static final int MAX_FRAMES = 200;

    @TempDir
    Path folder;

    @Test
    void mutatedFilesNeverCrash() throws IOException {
        mutate(30, 1);
    }

    @Test
    @Tag("slow")
    void manyMutatedFilesNeverCrash() throws IOException {
        mutate(1500, 2);
    }

    private void mutate(int perFile, long seed) throws IOException {
        List<Path> files = new ArrayList<>();
        SEEDS.forEach(name -> files.add(TestFiles.media(name)));
        for (String name : List.of("own.webp", "own.png", "own.gif")) {
            Path file = folder.resolve(name);
            try (VideoWriter writer = VideoWriter.open(
                    file, VideoOptions.builder().metadata("k", "v").build())) {
                TestClips.disc(32, 24, 4).forEach(writer::write);
                writer.finish();
            }
            files.add(file);
        }
        int readable = 0;
        for (Path file : files) {
            byte[] good = Files.readAllBytes(file);
            Random random = new Random(seed * 31 + file.getFileName().toString().hashCode());
            for (int i = 0; i < perFile; i++) {
                Path bad = folder.resolve("mutant-" + file.getFileName());
                Files.write(bad, mutant(good, random));
                readable += endsWell(bad, file + " mutant " + i) ? 1 : 0;
            }
        }
        assertThat(readable).as("mutants that still give frames").isPositive();
    }

    /** Flips bytes, mostly in the headers; or sets a length field; or cuts the end off. */
    private static byte[] mutant(byte[] good, Random random) {
        byte[] bytes = good.clone();
        int reach = random.nextBoolean() ? Math.min(600, bytes.length) : bytes.length;
        switch (random.nextInt(4)) {
            case 0 -> {
                return Arrays.copyOf(bytes, random.nextInt(bytes.length));
            }
            case 1 -> {
                int at = random.nextInt(Math.max(1, reach - 4));
                int value = List.of(0, -1, 0x7FFFFFFF, 0x00FFFFFF, 0xFFFF, 1).get(random.nextInt(6));
                for (int i = 0; i < 4 && at + i < bytes.length; i++) {
                    bytes[at + i] = (byte) (value >> (24 - 8 * i));
                }
            }
            default -> {
                int flips = 1 + random.nextInt(12);
                for (int i = 0; i < flips; i++) {
                    bytes[random.nextInt(reach)] = (byte) random.nextInt(256);
                }
            }
        }
        return bytes;
    }

    private static boolean endsWell(Path bad, String what) {
        long start = System.nanoTime();
        int frames = 0;
        try (VideoReader reader = VideoReader.open(bad, new ReadOptions(1 << 20, 25))) {
            while (frames < MAX_FRAMES && reader.read().isPresent()) {
                frames++;
            }
        } catch (ZoetropeException e) {
            assertThat(e.code()).as("%s: %s", what, e.getMessage()).isIn(ErrorCode.BAD_INPUT, ErrorCode.IO);
            assertThat(e.getMessage()).contains(bad.getFileName().toString());
        }
        assertThat((System.nanoTime() - start) / 1e9).as(what).isLessThan(MAX_SECONDS);
        return frames > 0;
    }

    @Test
    void hugePicturesAreRefusedBeforeTheyAreAllocated() throws IOException {
        byte[] png = Images.png(TestClips.disc(32, 24, 1).get(0), Map.of());
        png[17] = 0x10; // width 32 + 2^20
        Path file = folder.resolve("huge.png");
        Files.write(file, png);
        assertThatThrownBy(() -> VideoReader.open(file)).isInstanceOf(ZoetropeException.class);
        assertThatThrownBy(() -> VideoReader.open(TestFiles.media("vp9.webm"), new ReadOptions(63 * 48, 25)))
                .isInstanceOf(ZoetropeException.class)
                .hasMessageContaining("64x48")
                .hasMessageContaining("3024");
    }

    @Test
    void playlistsAreNotFollowed() throws IOException {
        String target = TestFiles.media("vp9.webm").toString();
        List<String> lists = List.of(
                "ffconcat version 1.0\nfile '" + target + "'\n",
                "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile://" + target + "\n#EXT-X-ENDLIST\n",
                "<?xml version=\"1.0\"?><MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\"></MPD>");
        for (String name : List.of("list.mp4", "list.m3u8", "list.png")) {
            for (String list : lists) {
                Path file = folder.resolve(name);
                Files.write(file, list.getBytes(StandardCharsets.UTF_8));
                assertThatThrownBy(() -> VideoReader.open(file))
                        .isInstanceOf(ZoetropeException.class)
                        .hasMessageContaining("is not a video or picture");
            }
        }
    }

    @Test
    void namesThatLookLikeProtocolsOrPatternsAreFiles() throws IOException {
        for (String name : List.of("concat:a|b.webm", "%03d.webm", "pipe:0.webm", "bild äöü 山.webm")) {
            Path file;
            try {
                file = folder.resolve(name);
            } catch (InvalidPathException e) {
                continue; // this system cannot name such a file
            }
            Files.copy(TestFiles.media("vp9.webm"), file);
            assertThat(VideoReader.readAll(file, 99)).hasSize(12);
        }
    }
}
