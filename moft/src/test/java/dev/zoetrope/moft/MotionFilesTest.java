package dev.zoetrope.moft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.zoetrope.tensor.Dtype;
import dev.zoetrope.tensor.SafetensorsWriter;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.SeededGenerator;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Profiles, references, imports, masks and pans: round trips and bad input, sheet section 9. */
class MotionFilesTest {
    private static final Path RELEASE = Path.of("src/test/resources/release");
    private static final ProfileInfo INFO =
            new ProfileInfo("abc", "up_blocks.1", 12, 5, 25, 4, "linear", "16x16", Extent.CENTRE);

    @TempDir
    Path folder;

    private Scope scope;
    private SeededGenerator generator;
    private final List<String> notices = new ArrayList<>();

    @BeforeEach
    void open() {
        scope = Scope.noGrad();
        generator = new SeededGenerator(2);
    }

    @AfterEach
    void close() {
        generator.close();
        scope.close();
    }

    /** Channels 0 and 1 rise with motion to the right, 2 and 3 fall with motion downwards. */
    private ProfileFitter fitter(int channels) {
        ProfileFitter fitter = new ProfileFitter(INFO, channels);
        for (Heading heading : Heading.values()) {
            for (int scene = 0; scene < 3; scene++) {
                float[] ramp = new float[4 * 12];
                for (int f = 0; f < 4; f++) {
                    ramp[12 * f] = 2 * heading.vx() * (f - 1.5f);
                    ramp[12 * f + 1] = heading.vx() * (f - 1.5f);
                    ramp[12 * f + 2] = -2 * heading.vy() * (f - 1.5f);
                    ramp[12 * f + 3] = -heading.vy() * (f - 1.5f);
                }
                Tensor noise = dev.zoetrope.tensor.Ops.mul(generator.normal(1, 4, 12, 8, 8), 0.05);
                Tensor content = generator.normal(1, 1, 12, 8, 8);
                fitter.add(heading, noise.add(content).add(Tensors.of(ramp, 1, 4, 12, 1, 1)));
            }
        }
        return fitter;
    }

    @Test
    void aProfileFindsChannelsAndSignsAndSurvivesItsFile() {
        try (ProfileFitter fitter = fitter(2)) {
            MotionProfile profile = fitter.fit();
            assertThat(profile.axis(Axis.HORIZONTAL).channels()).containsExactly(0, 1);
            assertThat(profile.axis(Axis.HORIZONTAL).sign()).containsExactly(1, 1);
            assertThat(profile.axis(Axis.VERTICAL).channels()).containsExactly(2, 3);
            assertThat(profile.axis(Axis.VERTICAL).sign()).containsExactly(-1, -1);
            double[][] right = fitter.traces(Heading.RIGHT).get(0);
            double[][] up = fitter.traces(Heading.UP).get(0);
            assertThat(profile.velocity(Axis.HORIZONTAL, right)).isBetween(0.9, 1.1);
            assertThat(profile.velocity(Axis.VERTICAL, up)).isBetween(-1.1, -0.9);

            Path file = folder.resolve("test.moft");
            profile.write(file);
            MotionProfile read = MotionProfile.read(file);
            assertThat(read.info()).isEqualTo(INFO);
            assertThat(read.axis(Axis.VERTICAL).channels()).containsExactly(2, 3);
            assertThat(read.traces()).containsKeys(Heading.RIGHT, Heading.STILL);
            MotionTarget synthesised = read.synthesise(Direction.of(Heading.RIGHT), MotionCurves.Kind.LINEAR, 6, 1)
                    .get(0);
            assertThat(synthesised.shape()).containsExactly(6, 2);
            assertThat(synthesised.values()[10]).isGreaterThan(synthesised.values()[0]);
            assertThat(read.synthesise(Direction.parse("45"), MotionCurves.Kind.EMPIRICAL, 4, 1))
                    .hasSize(2);
            assertThat(read.synthesise(Direction.of(Heading.STILL), MotionCurves.Kind.LINEAR, 4, 1))
                    .allMatch(MotionTarget::isStill);
        }
    }

    @Test
    void mapsSayHowEachPlaceMovesAndSurviveTheirFile() {
        try (ProfileFitter fitter = fitter(2)) {
            Path file = folder.resolve("maps.moft");
            fitter.fit().write(file);
            MotionProfile read = MotionProfile.read(file);
            MotionTarget right = map(read, "right", 4).get(0);
            assertThat(right.channels()).containsExactly(0, 1);
            assertThat(right.shape()).containsExactly(4, 2, 8, 8);
            Tensor values = right.tensor();
            for (int f = 0; f < 4; f++) {
                assertThat(Tensors.item(values.select(0, f).select(0, 0).mean()))
                        .isCloseTo(2 * (f - 1.5), within(0.05));
            }
            assertThat(values.add(map(read, "left", 4).get(0).tensor())
                            .abs()
                            .max()
                            .item_float())
                    .isZero();
            assertThat(map(read, "up", 4).get(0).channels()).containsExactly(2, 3);
            assertThat(map(read, "45", 7)).hasSize(2);
            assertThat(map(read, "45", 7).get(0).shape()).containsExactly(7, 2, 8, 8);
            assertThat(map(read, "still", 4)).allMatch(MotionTarget::isStill);
            assertThat(right.onGrid(4, 6).shape()).containsExactly(4, 2, 4, 6);
            assertThat(right.onGrid(8, 8)).isSameAs(right);
            assertThatThrownBy(() -> map(read, "1,0", 4)).hasMessageContaining("linear curve only");
            MotionProfile without = new MotionProfile(read.info(), read.axes(), read.traces(), Map.of());
            assertThatThrownBy(() -> map(without, "right", 4)).hasMessageContaining("fit it again");
        }
    }

    private static List<MotionTarget> map(MotionProfile profile, String direction, int frames) {
        return profile.synthesise(Direction.parse(direction), MotionCurves.Kind.MAP, frames, 1);
    }

    @Test
    void aReferenceSurvivesItsFile() {
        Tensor features = generator.normal(1, 4, 12, 6, 6);
        MotionReference pooled = MotionReference.pooled(INFO, features, Moft.centre(6, 6));
        pooled.write(folder.resolve("a.moftref"));
        MotionReference read = MotionReference.read(folder.resolve("a.moftref"));
        assertThat(read.values()).isEqualTo(pooled.values());
        assertThat(read.target(7, 3).shape()).containsExactly(4, 2);
        MotionReference dense = MotionReference.dense(INFO, features, 3, 7);
        dense.write(folder.resolve("b.moftref"));
        MotionReference again = MotionReference.read(folder.resolve("b.moftref"));
        assertThat(again.target(7).shape()).containsExactly(4, 1, 6, 6);
        assertThatThrownBy(() -> again.target(8)).hasMessageContaining("channel 8");
        assertThatThrownBy(() -> MotionProfile.read(folder.resolve("b.moftref")))
                .hasMessageContaining("no *.moft file");
    }

    @Test
    void profilesOfOtherBackbonesAreRefusedOrTold() {
        ProfileInfo narrow = new ProfileInfo("abc", "up_blocks.1", 8, 5, 25, 4, "linear", "16x16", Extent.CENTRE);
        ProfileInfo tap = new ProfileInfo("abc", "up_blocks.2", 12, 5, 25, 4, "linear", "16x16", Extent.CENTRE);
        ProfileInfo other = new ProfileInfo("xyz", "up_blocks.1", 12, 3, 25, 4, "cosine", "16x16", Extent.CENTRE);
        assertThat(INFO.check(INFO, "p", false)).isEmpty();
        assertThatThrownBy(() -> INFO.check(narrow, "p", true)).hasMessageContaining("12 channels");
        assertThatThrownBy(() -> INFO.check(tap, "p", false)).hasMessageContaining("--force");
        assertThat(INFO.check(tap, "p", true)).hasSize(1);
        assertThat(INFO.check(other, "p", false)).hasSize(3);
    }

    /** One tensor each, in the layout that {@code torch.save} writes. */
    @Test
    void theReleasesFilesAreImported() {
        assertThat(MotionFiles.channels(RELEASE.resolve("channels.pt"), 1280, notices::add))
                .containsExactly(1194, 722, 983);
        assertThat(Tensors.shape(MotionFiles.feature(RELEASE.resolve("feature.pt"))))
                .containsExactly(1, 2, 3, 4, 4);
        Tensor noise = MotionFiles.noise(RELEASE.resolve("noise.pt"), new long[] {1, 4, 2, 3, 3}, notices::add);
        assertThat(Tensors.toFloats(noise)[1]).isEqualTo(Tensors.toFloats(noise)[0] + 1f);
        assertThat(notices).anyMatch(notice -> notice.contains("is it noise?"));
        assertThatThrownBy(() -> MotionFiles.channels(RELEASE.resolve("channels.pt"), 1000, notices::add))
                .hasMessageContaining("channel 1194");
        assertThatThrownBy(
                        () -> MotionFiles.noise(RELEASE.resolve("noise.pt"), new long[] {1, 4, 16, 3, 3}, notices::add))
                .hasMessageContaining("[1, 4, 16, 3, 3]");
        assertThatThrownBy(() -> MotionFiles.feature(RELEASE.resolve("channels.pt")))
                .hasMessageContaining("feature");
    }

    @Test
    void channelListsAreChecked() {
        assertThat(MotionFiles.checkChannels("x", new long[] {3, 1, 3}, 4, notices::add))
                .containsExactly(3, 1);
        assertThat(notices).hasSize(1);
        assertThatThrownBy(() -> MotionFiles.checkChannels("x", new long[0], 4, notices::add))
                .hasMessageContaining("empty");
        assertThatThrownBy(() -> MotionFiles.checkChannels("x", new long[] {-1}, 4, notices::add))
                .hasMessageContaining("channel -1");
    }

    @Test
    void damagedFilesAreRefused() throws IOException {
        Path text = folder.resolve("text.moft");
        Files.writeString(text, "hello");
        assertThatThrownBy(() -> MotionProfile.read(text)).isInstanceOf(ZoetropeException.class);
        Path half = folder.resolve("half.moft");
        SafetensorsWriter.write(
                half,
                Map.of("channels_h", MotionProfile.content(Tensors.of(new long[] {99}, 1), Dtype.I64)),
                INFO.metadata("moft"));
        assertThatThrownBy(() -> MotionProfile.read(half)).isInstanceOf(ZoetropeException.class);
    }

    private Path png(String name, BufferedImage image) throws IOException {
        Path file = folder.resolve(name);
        ImageIO.write(image, "png", file.toFile());
        return file;
    }

    @Test
    void masksTakeColourAndAlphaAndRefuseWhatDoesNotFit() throws IOException {
        BufferedImage alpha = new BufferedImage(32, 32, BufferedImage.TYPE_INT_ARGB);
        for (int i = 0; i < 32 * 32; i++) {
            int opaque = i % 32 < 16 ? 255 : 0;
            alpha.setRGB(i % 32, i / 32, new Color(200, 10, 10, opaque).getRGB());
        }
        RegionMask left = RegionMask.read(png("alpha.png", alpha));
        float[] grid = Tensors.toFloats(left.onGrid(4, 4));
        assertThat(grid).containsExactly(1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0);
        left.check(64, 64, 8);
        assertThatThrownBy(() -> left.check(64, 32, 8)).hasMessageContaining("aspect ratio");

        BufferedImage dot = new BufferedImage(64, 64, BufferedImage.TYPE_BYTE_GRAY);
        dot.setRGB(3, 3, Color.WHITE.getRGB());
        RegionMask tiny = RegionMask.read(png("dot.png", dot));
        assertThatThrownBy(() -> tiny.onGrid(4, 4))
                .hasMessageContaining("covers no feature cell (needs at least 1 of 4x4)");
        assertThatThrownBy(() -> RegionMask.read(folder.resolve("none.png"))).hasMessageContaining("does not exist");
        Path noPicture = folder.resolve("text.png");
        Files.writeString(noPicture, "no picture");
        assertThatThrownBy(() -> RegionMask.read(noPicture)).hasMessageContaining("use PNG");
    }

    @Test
    void movingMasksAreAFolderWithOnePictureAFrame() throws IOException {
        Path sub = Files.createDirectory(folder.resolve("moving"));
        for (int f = 0; f < 3; f++) {
            BufferedImage image = new BufferedImage(8, 8, BufferedImage.TYPE_BYTE_GRAY);
            for (int y = 0; y < 8; y++) {
                image.setRGB(2 * f, y, Color.WHITE.getRGB());
                image.setRGB(2 * f + 1, y, Color.WHITE.getRGB());
            }
            png("moving/" + f + ".png", image);
        }
        RegionMask mask = RegionMask.read(sub);
        mask.check(8, 8, 3);
        assertThatThrownBy(() -> mask.check(8, 8, 4)).hasMessageContaining("3 frames");
        assertThat(Tensors.toFloats(mask.onGrid(1, 4))).containsExactly(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0);
    }

    @Test
    void contradictingRegionsAreToldAndCountsMustAgree() {
        MotionTarget right = new MotionTarget(new long[] {0}, new float[] {-1, 1}, new long[] {2, 1});
        RegionMask box = RegionMask.box(16, 16, 0, 0, 8, 16);
        RegionMask other = RegionMask.box(16, 16, 4, 0, 8, 16);
        RegionObjective objective = new RegionObjective(
                List.of(new MotionRegion(box, List.of(right), 1), new MotionRegion(other, List.of(right.times(-1)), 1)),
                MotionLoss.POOLED_MSE);
        assertThat(objective.notices(8, 8)).anyMatch(notice -> notice.contains("overlap in 50%"));
        assertThatThrownBy(() -> RegionObjective.zip(List.of(box, other), List.of(List.of(right)), List.of(1.0, 1.0)))
                .hasMessageContaining("2 masks, 1 references");
        assertThatThrownBy(() -> RegionMask.box(16, 16, 10, 0, 8, 8)).hasMessageContaining("16x16");
        Tensor features = generator.normal(1, 3, 2, 8, 8);
        assertThatThrownBy(() -> MotionLoss.POOLED_MSE.of(features, right, box.onGrid(8, 8)))
                .hasMessageContaining("2 frames for a clip of 3");
        MotionTarget dense = new MotionTarget(new long[] {0}, new float[3 * 16], new long[] {3, 1, 4, 4});
        assertThatThrownBy(() -> MotionLoss.DENSE_L2.of(features, dense, box.onGrid(8, 8)))
                .hasMessageContaining("--resize-reference");
    }

    @Test
    void pansMoveTheContentAndNeedRoom() throws IOException {
        BufferedImage still = new BufferedImage(60, 40, BufferedImage.TYPE_INT_RGB);
        float[] values = Tensors.toFloats(generator.uniform(60 * 40));
        for (int i = 0; i < values.length; i++) {
            still.setRGB(i % 60, i / 60, Color.HSBtoRGB(values[i], 1, values[(i * 7) % values.length]));
        }
        Path file = png("still.png", still);
        MotionPans.Options options = new MotionPans.Options(
                List.of(file),
                folder.resolve("pans"),
                24,
                24,
                List.of(PanPattern.of(Heading.RIGHT, 8, 2), PanPattern.of(Heading.UP, 8, 2)),
                true,
                0);
        MotionPans.run(options, MotionProgress.SILENT, new dev.zoetrope.diffusion.sampling.CancellationSignal());
        Path right = folder.resolve("pans/right/still");
        double[] flow = MotionControl.flow(dev.zoetrope.media.VideoReader.readAll(right, 99), RegionMask.whole());
        assertThat(flow).containsExactly(new double[] {2, 0}, org.assertj.core.api.Assertions.within(1e-9));
        double[] up = MotionControl.flow(
                dev.zoetrope.media.VideoReader.readAll(folder.resolve("pans/up/still"), 99), RegionMask.whole());
        assertThat(up).containsExactly(new double[] {0, -2}, org.assertj.core.api.Assertions.within(1e-9));

        MotionPans.Options wide =
                new MotionPans.Options(List.of(file), folder.resolve("wide"), 50, 24, options.patterns(), false, 0);
        assertThatThrownBy(() -> MotionPans.run(
                        wide, MotionProgress.SILENT, new dev.zoetrope.diffusion.sampling.CancellationSignal()))
                .hasMessageContaining("right needs 64x24");
    }

    @Test
    void theReleasesPatternsAreCropMotion() throws IOException {
        Path json = folder.resolve("patterns.json");
        Files.writeString(json, "{\"right\": [[0,0],[-10,0],[-10,0]]}");
        PanPattern pattern = PanPattern.readRelease(json).get(0);
        assertThat(pattern.path()).isDeepEqualTo(new int[][] {{0, 0}, {10, 0}, {20, 0}});
        Files.writeString(json, "{\"right\": [[0,0],[0.5,0]]}");
        assertThatThrownBy(() -> PanPattern.readRelease(json)).hasMessageContaining("whole pixels");
    }
}
