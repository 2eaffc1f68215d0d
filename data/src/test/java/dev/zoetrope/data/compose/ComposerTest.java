package dev.zoetrope.data.compose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.zoetrope.data.ClipSpec;
import dev.zoetrope.data.FolderClip;
import dev.zoetrope.data.VideoFolder;
import dev.zoetrope.data.VideoFolderOptions;
import dev.zoetrope.media.Frame;
import dev.zoetrope.media.Images;
import dev.zoetrope.media.VideoOptions;
import dev.zoetrope.media.VideoReader;
import dev.zoetrope.media.VideoWriter;
import dev.zoetrope.tensor.ErrorCode;
import dev.zoetrope.tensor.ZoetropeException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ComposerTest {
    /** Half a second. */
    private static final ClipSpec SPEC = ClipSpec.of(32, 32, 4, 8);

    @TempDir
    Path folder;

    private static Frame grey(int width, int height, int value) {
        byte[] rgb = new byte[3 * width * height];
        Arrays.fill(rgb, (byte) value);
        return new Frame(width, height, rgb, 0);
    }

    /** Frame f has the brightness {@code base + f}. */
    private Path video(String name, int frames, double fps, int base) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        try (VideoWriter writer = VideoWriter.open(file, VideoOptions.of(fps))) {
            for (int f = 0; f < frames; f++) {
                writer.write(grey(48, 40, base + f));
            }
            writer.finish();
        }
        return file;
    }

    private void still(String name, int width, int height) throws IOException {
        byte[] rgb = new byte[3 * width * height];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) (i / 3 % width * 2 + i / 3 / width);
        }
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Images.writePng(file, new Frame(width, height, rgb, 0));
    }

    private void text(String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text);
    }

    private CompositionOptions.Builder options(SourceKind... kinds) {
        CompositionOptions.Builder builder = CompositionOptions.of(SPEC);
        for (SourceKind kind : kinds) {
            builder.folder(kind, folder.resolve(kind.word()));
        }
        return builder;
    }

    private Composition compose(CompositionOptions options, String out) {
        return Composer.run(options, folder.resolve(out), CompositionProgress.silent());
    }

    private void fourKinds() throws IOException {
        video("captioned/a.apng", 48, 24, 0);
        text("captioned/a.txt", "it grows\n light");
        video("labelled/HorseRiding/b.apng", 24, 8, 50);
        video("labelled/juggling/short.apng", 6, 16, 100);
        Path longVideo = folder.resolve("long/sea/c.apng");
        Files.createDirectories(longVideo.getParent());
        try (VideoWriter writer = VideoWriter.open(longVideo, VideoOptions.of(8))) {
            for (int f = 0; f < 60; f++) {
                writer.write(grey(48, 40, f < 30 ? 20 : 200));
            }
            writer.finish();
        }
        still("stills/d.png", 90, 60);
        text("stills/d.txt", "stripes");
        still("stills/cats/e.png", 64, 64);
    }

    @Test
    void composesAllKinds() throws IOException {
        fourKinds();
        CompositionOptions options = options(SourceKind.values()).clips(35).build();
        Composition made = compose(options, "out");
        assertThat(made.skipped()).isEmpty();
        assertThat(made.sources()).isEqualTo(7);
        assertThat(made.entries()).hasSize(35);
        Map<String, Integer> captions = new TreeMap<>();
        for (ManifestEntry entry : made.entries()) {
            captions.merge(entry.kind().word() + " " + entry.caption(), 1, Integer::sum);
            List<Frame> frames = VideoReader.readAll(folder.resolve("out").resolve(entry.file()), 10);
            assertThat(frames).hasSize(4).allMatch(frame -> frame.width() == 32 && frame.height() == 32);
            check(entry, frames);
        }
        assertThat(captions)
                .isEqualTo(new TreeMap<>(Map.of(
                        "captioned it grows light", 5,
                        "labelled a video of horse riding", 5,
                        "labelled a video of juggling", 5,
                        "long a video of sea", 10,
                        "stills stripes", 5,
                        "stills a video of cats", 5)));
    }

    private static int level(Frame frame) {
        return frame.rgb()[0] & 0xFF;
    }

    /** The brightness of a frame says at which moment it was shown. */
    private static void check(ManifestEntry entry, List<Frame> frames) {
        for (int f = 0; f < 4; f++) {
            double moment = entry.start() + f * (entry.end() - entry.start()) / 4;
            switch (entry.kind()) {
                case CAPTIONED -> assertThat(level(frames.get(f))).isEqualTo((int) Math.floor(24 * moment + 1e-3));
                case LABELLED -> {
                    boolean isShort = entry.label().equals("juggling");
                    assertThat(level(frames.get(f)))
                            .isEqualTo((int) Math.floor((isShort ? 100 + 16 * moment : 50 + 8 * moment) + 1e-3));
                    assertThat(entry.end() - entry.start()).isCloseTo(isShort ? 0.375 : 0.5, within(1e-5));
                }
                case LONG -> assertThat(level(frames.get(f))).isEqualTo(entry.start() < 3.75 ? 20 : 200);
                case STILLS -> assertThat(entry.end()).isZero();
            }
        }
        if (entry.kind() == SourceKind.STILLS) {
            assertThat(frames.get(0).rgb()).isNotEqualTo(frames.get(3).rgb());
        }
    }

    @Test
    void theSetIsASourceOfTrainingClips() throws IOException {
        fourKinds();
        Composition made = compose(options(SourceKind.values()).build(), "out");
        VideoFolder source = VideoFolder.open(folder.resolve("out"), VideoFolderOptions.of(SPEC));
        assertThat(source.size()).isEqualTo(made.entries().size()).isEqualTo(7);
        assertThat(source.skipped()).isEmpty();
        Set<String> captions = new HashSet<>();
        for (int i = 0; i < 7; i++) {
            FolderClip clip = source.clip(i);
            captions.add(clip.caption());
            assertThat(clip.startFrame()).isZero();
            List<Frame> frames = VideoReader.readAll(clip.file(), 10);
            for (int f = 0; f < 4; f++) {
                assertThat(clip.frames()[f]).isEqualTo(frames.get(f).rgb());
            }
        }
        assertThat(captions).contains("it grows light", "a video of horse riding", "stripes");
    }

    @Test
    void theManifestHasAllFields() throws IOException {
        fourKinds();
        compose(options(SourceKind.LABELLED).build(), "out");
        List<String> lines = Files.readAllLines(folder.resolve("out/metadata.jsonl"));
        assertThat(lines).hasSize(2);
        JsonNode line = new ObjectMapper().readTree(lines.get(0));
        List<String> names = new ArrayList<>();
        line.fieldNames().forEachRemaining(names::add);
        assertThat(names).containsExactly("file", "uri", "start", "end", "label", "caption", "kind");
        assertThat(line.path("kind").asText()).isEqualTo("labelled");
        assertThat(line.path("uri").asText()).startsWith("file:").endsWith(".apng");
    }

    @Test
    void equalOptionsGiveEqualSetsAndWeightsDecideTheShares() throws IOException {
        fourKinds();
        CompositionOptions options = options(SourceKind.values())
                .weight(SourceKind.STILLS, 2)
                .weight(SourceKind.CAPTIONED, 1)
                .weight(SourceKind.LABELLED, 0)
                .weight(SourceKind.LONG, 1)
                .clips(13)
                .seed(4)
                .build();
        Composition first = compose(options, "one");
        assertThat(compose(options, "two").entries()).isEqualTo(first.entries());
        for (ManifestEntry entry : first.entries()) {
            assertThat(folder.resolve("two").resolve(entry.file()))
                    .hasSameBinaryContentAs(folder.resolve("one").resolve(entry.file()));
        }
        Map<SourceKind, Integer> counts = new TreeMap<>();
        first.entries().forEach(entry -> counts.merge(entry.kind(), 1, Integer::sum));
        assertThat(counts).isEqualTo(Map.of(SourceKind.STILLS, 7, SourceKind.CAPTIONED, 3, SourceKind.LONG, 3));
        // Uses of one source differ.
        assertThat(first.entries().stream()
                        .filter(entry -> entry.kind() == SourceKind.CAPTIONED)
                        .map(ManifestEntry::start))
                .doesNotHaveDuplicates();
    }

    private static byte[] jpeg() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        BufferedImage image = new BufferedImage(64, 64, BufferedImage.TYPE_3BYTE_BGR);
        for (int i = 0; i < 64 * 64; i++) {
            image.setRGB(i % 64, i / 64, i * 2654435);
        }
        ImageIO.write(image, "jpg", out);
        return out.toByteArray();
    }

    @Test
    void whatCannotBeUsedIsCountedAndTooMuchIsAnError() throws IOException {
        for (int i = 0; i < 6; i++) {
            still("stills/cats/" + i + ".png", 64, 64);
        }
        still("stills/cats/small.png", 64, 18);
        video("stills/cats/animated.gif", 3, 10, 0);
        text("stills/cats/broken.jpg", "not a picture");
        byte[] jpeg = jpeg();
        Files.write(folder.resolve("stills/cats/whole.jpg"), jpeg);
        Files.write(folder.resolve("stills/cats/cut.jpg"), Arrays.copyOf(jpeg, jpeg.length / 2));
        still("stills/none.png", 64, 64);
        Composition made = compose(options(SourceKind.STILLS).mostSkipped(0.5).build(), "out");
        assertThat(made.entries()).hasSize(7);
        assertThat(made.skipped())
                .hasSize(5)
                .anySatisfy(s -> assertThat(s).contains("cut.jpg", "ends too early"))
                .anySatisfy(s -> assertThat(s).contains("small.png", "64x18", "at least 20"))
                .anySatisfy(s -> assertThat(s).contains("animated.gif", "animated"))
                .anySatisfy(s -> assertThat(s).contains("broken.jpg"))
                .anySatisfy(s -> assertThat(s).contains("none.png", "neither a caption"));
        assertThatThrownBy(() -> compose(options(SourceKind.STILLS).build(), "never"))
                .hasMessageContaining("5 of 12 files")
                .hasMessageContaining("0.1");
        assertThat(folder.resolve("never")).doesNotExist();
    }

    @Test
    void videosMustBeLongAndFastEnough() throws IOException {
        video("captioned/a/short.apng", 10, 24, 0);
        assertThatThrownBy(() ->
                        compose(options(SourceKind.CAPTIONED).mostSkipped(1).build(), "out"))
                .hasMessageContaining("10 frames in 0.42 s");
        video("captioned/a/short.apng", 10, 5, 0);
        assertThatThrownBy(() ->
                        compose(options(SourceKind.CAPTIONED).mostSkipped(1).build(), "out"))
                .hasMessageContaining("5.0 frames a second");
        video("long/a/short.apng", 10, 8, 0);
        assertThatThrownBy(() -> compose(options(SourceKind.LONG).mostSkipped(1).build(), "out"))
                .hasMessageContaining("none of its 0 shots");
    }

    /** Captions every second clip. */
    private static final class Moody implements Captioner {
        private final List<String> asked = new ArrayList<>();

        @Override
        public String caption(Path file, String hint) {
            assertThat(file).isRegularFile();
            asked.add(hint);
            if (asked.size() % 2 == 0) {
                throw ZoetropeException.badInput("not in the mood");
            }
            return "seen as " + hint;
        }
    }

    @Test
    void aCaptionerSeesClipsWithoutCaptions() throws IOException {
        fourKinds();
        Moody captioner = new Moody();
        CompositionOptions.Builder builder = options(SourceKind.values()).captioner(captioner);
        Composition made = compose(builder.mostSkipped(0.5).build(), "out");
        assertThat(captioner.asked).containsExactlyInAnyOrder("horse riding", "juggling", "sea", "sea", "cats");
        assertThat(made.entries()).hasSize(5);
        assertThat(made.skipped()).hasSize(2).allMatch(s -> s.contains("not in the mood"));
        assertThat(made.entries())
                .filteredOn(e -> e.caption().startsWith("seen as"))
                .hasSize(3);
        try (Stream<Path> clips = Files.list(folder.resolve("out/clips"))) {
            assertThat(clips).hasSize(5);
        }
        assertThatThrownBy(() -> compose(builder.mostSkipped(0.1).build(), "never"))
                .hasMessageContaining("of 7 clips")
                .hasMessageContaining("not in the mood");
        assertThat(folder.resolve("never/metadata.jsonl")).doesNotExist();
    }

    @Test
    void progressCanStopIt() throws IOException {
        fourKinds();
        CompositionOptions options = options(SourceKind.values()).build();
        assertThatThrownBy(() -> Composer.run(options, folder.resolve("out"), (done, total, what) -> {
                    if (what.equals("clips") && done == 3) {
                        throw new ZoetropeException(ErrorCode.CANCELLED, "enough");
                    }
                }))
                .hasMessage("enough");
        assertThat(folder.resolve("out/metadata.jsonl")).doesNotExist();
    }

    /** The bytes of all files of a set, by name. */
    private Map<String, List<Byte>> contents(String set) throws IOException {
        Map<String, List<Byte>> all = new TreeMap<>();
        try (Stream<Path> files = Files.walk(folder.resolve(set))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                List<Byte> bytes = new ArrayList<>();
                for (byte value : Files.readAllBytes(file)) {
                    bytes.add(value);
                }
                all.put(folder.resolve(set).relativize(file).toString(), bytes);
            }
        }
        return all;
    }

    /** Stops as soon as so many clips are finished. */
    private void stopAfter(CompositionOptions options, int clips) {
        assertThatThrownBy(() -> Composer.run(options, folder.resolve("out"), (done, total, what) -> {
                    if (what.equals("clips") && done == clips) {
                        throw new ZoetropeException(ErrorCode.CANCELLED, "enough");
                    }
                }))
                .hasMessage("enough");
    }

    /** Counts what it is asked, so that nothing is asked twice. */
    private static final class Counting implements Captioner {
        private int asked;

        @Override
        public String caption(Path file, String hint) {
            asked++;
            return "clip of " + hint;
        }
    }

    @Test
    void aStoppedRunContinuesToTheSameBytes() throws IOException {
        fourKinds();
        Counting captioner = new Counting();
        CompositionOptions options =
                options(SourceKind.values()).clips(14).captioner(captioner).build();
        Composition whole = compose(options, "whole");
        int inOneGo = captioner.asked;
        for (int clips = 1; clips < 10; clips += 4) {
            stopAfter(options, clips);
            assertThat(folder.resolve("out/metadata.jsonl")).doesNotExist();
        }
        // What a killed run leaves: a clip that was not noted, a half file, half a line.
        Files.writeString(folder.resolve("out/clips/000099-long.png"), "not whole");
        Files.writeString(folder.resolve("out/clips/.000012-long.png.1-2.part"), "half");
        Path journal = folder.resolve("out").resolve(Journal.FILE);
        Files.writeString(journal, Files.readString(journal) + "{\"index\": 5, \"ent");
        Path first = folder.resolve("out").resolve(firstFinished(journal));
        FileTime made = Files.getLastModifiedTime(first);
        assertThat(compose(options, "out")).isEqualTo(whole);
        assertThat(contents("out")).isEqualTo(contents("whole")).doesNotContainKey(Journal.FILE);
        assertThat(Files.getLastModifiedTime(first)).isEqualTo(made);
        assertThat(captioner.asked).isEqualTo(2 * inOneGo);
    }

    private static String firstFinished(Path journal) throws IOException {
        String line = Files.readAllLines(journal).get(1);
        return new ObjectMapper().readTree(line).path("entry").path("file").asText();
    }

    @Test
    void anotherCompositionIsNotContinued() throws IOException {
        fourKinds();
        CompositionOptions options = options(SourceKind.STILLS, SourceKind.LONG).build();
        stopAfter(options, 1);
        assertThatThrownBy(() -> compose(
                        options(SourceKind.STILLS, SourceKind.LONG).seed(1).build(), "out"))
                .hasMessageContaining("out holds a stopped composition of other sources or options");
        still("stills/d.png", 80, 80);
        assertThatThrownBy(() -> compose(options, "out")).hasMessageContaining("of other sources or options");
        assertThat(folder.resolve("out").resolve(Journal.FILE)).exists();
    }

    @Test
    void twoRunsDoNotShareAFolder() throws IOException {
        fourKinds();
        CompositionOptions options = options(SourceKind.STILLS).build();
        AtomicInteger refused = new AtomicInteger();
        Composer.run(options, folder.resolve("out"), (done, total, what) -> {
            if (what.equals("clips") && done == 1 && refused.getAndIncrement() == 0) {
                assertThatThrownBy(() -> compose(options, "out")).hasMessageContaining("another run is composing");
            }
        });
        assertThat(refused.get()).isPositive();
    }

    @Test
    void refusesWhatCannotBe() throws IOException {
        assertThatThrownBy(() -> options().build()).hasMessageContaining("nothing to compose");
        assertThatThrownBy(() ->
                        options(SourceKind.LONG).weight(SourceKind.STILLS, 1).build())
                .hasMessageContaining("weight of stills");
        assertThatThrownBy(() ->
                        options(SourceKind.LONG).weight(SourceKind.LONG, -1).build())
                .hasMessageContaining("weight of long: -1");
        assertThatThrownBy(() -> options(SourceKind.LONG).clips(-1).build()).hasMessageContaining("clips: -1");
        assertThatThrownBy(() -> options(SourceKind.LONG).format("mkv").build()).hasMessageContaining("mkv");
        assertThatThrownBy(() -> options(SourceKind.LONG).mostSkipped(2).build())
                .hasMessageContaining("2.0");
        Files.createDirectories(folder.resolve("long"));
        assertThatThrownBy(() -> compose(options(SourceKind.LONG).build(), "out"))
                .hasMessageContaining("no videos");
        still("stills/cats/a.png", 64, 64);
        assertThatThrownBy(() -> compose(
                        options(SourceKind.STILLS).weight(SourceKind.STILLS, 0).build(), "out"))
                .hasMessageContaining("all weights");
    }

    @Test
    void sharesAddUp() {
        Map<SourceKind, Double> weights =
                Map.of(SourceKind.CAPTIONED, 1.0, SourceKind.LABELLED, 1.0, SourceKind.LONG, 1.0);
        for (int total = 1; total < 20; total++) {
            assertThat(Mixer.shares(weights, total).values().stream()
                            .mapToInt(i -> i)
                            .sum())
                    .isEqualTo(total);
        }
    }

    @Test
    void readsRealVideo() throws IOException {
        Files.createDirectories(folder.resolve("long/tree"));
        Files.copy(RealVideo.file("tree.avi"), folder.resolve("long/tree/tree.avi"));
        // The file states 15 frames a second and has 2.3.
        assertThatThrownBy(() -> compose(options(SourceKind.LONG).build(), "never"))
                .hasMessageContaining("at 8.0 frames a second");
        CompositionOptions slow = CompositionOptions.of(ClipSpec.of(32, 32, 4, 2))
                .folder(SourceKind.LONG, folder.resolve("long"))
                .clips(3)
                .build();
        Composition made = compose(slow, "out");
        assertThat(made.entries()).hasSize(3).allMatch(entry -> entry.caption().equals("a video of tree"));
        for (ManifestEntry entry : made.entries()) {
            List<Frame> frames = VideoReader.readAll(folder.resolve("out").resolve(entry.file()), 10);
            assertThat(frames.get(0).rgb()).isNotEqualTo(frames.get(3).rgb());
        }
    }
}
