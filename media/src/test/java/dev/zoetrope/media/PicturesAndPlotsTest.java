package dev.zoetrope.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.zoetrope.tensor.Tensors;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PicturesAndPlotsTest {
    @TempDir
    Path folder;

    private static Frame grey(int width, int... values) {
        byte[] rgb = new byte[3 * values.length];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) values[i / 3];
        }
        return new Frame(width, values.length / width, rgb, 0);
    }

    private static int[] values(Frame frame) {
        int[] values = new int[frame.rgb().length / 3];
        for (int i = 0; i < values.length; i++) {
            values[i] = frame.rgb()[3 * i] & 0xFF;
        }
        return values;
    }

    @Test
    void pngKeepsPixelsAndMetadata() {
        Frame frame = TestClips.disc(31, 17, 1).get(0);
        Path file = folder.resolve("sub/picture.png");
        Images.writePng(file, frame, Map.of("seed", "7"));
        assertThat(Images.read(file).rgb()).isEqualTo(frame.rgb());
        try (VideoReader reader = VideoReader.open(file)) {
            assertThat(reader.info().metadata()).containsEntry("seed", "7");
        }
    }

    @Test
    void readsJpegAndGreyAndSixteenBits() throws IOException {
        BufferedImage image = Images.toImage(TestClips.disc(64, 48, 1).get(0));
        Path jpeg = folder.resolve("p.jpg");
        ImageIO.write(image, "jpg", jpeg.toFile());
        assertThat(TestClips.psnr(Images.read(jpeg), TestClips.disc(64, 48, 1).get(0)))
                .isGreaterThan(28);
        for (int type : new int[] {BufferedImage.TYPE_BYTE_GRAY, BufferedImage.TYPE_USHORT_GRAY}) {
            BufferedImage grey = new BufferedImage(8, 1, type);
            for (int x = 0; x < 8; x++) {
                int level = 255 * x / 7;
                grey.getRaster().setSample(x, 0, 0, type == BufferedImage.TYPE_BYTE_GRAY ? level : level * 257);
            }
            Path png = folder.resolve("grey" + type + ".png");
            ImageIO.write(grey, "png", png.toFile());
            int[] levels = values(Images.read(png));
            for (int x = 0; x < 8; x++) {
                assertThat(levels[x]).isCloseTo(255 * x / 7, within(1));
            }
        }
    }

    @Test
    void aFolderOfPicturesIsReadInTheOrderOfNames() {
        for (int i = 0; i < 3; i++) {
            Images.writePng(folder.resolve("p" + (2 - i) + ".png"), grey(1, 10 * i));
        }
        List<Frame> frames = VideoReader.readAll(folder, 10);
        assertThat(frames).extracting(frame -> values(frame)[0]).containsExactly(20, 10, 0);
        assertThat(frames).extracting(Frame::timeSeconds).containsExactly(0.0, 1 / 25.0, 2 / 25.0);
        assertThatThrownBy(() -> VideoReader.open(Files.createDirectory(folder.resolve("empty"))))
                .hasMessageContaining("holds no");
    }

    @Test
    void resizesLikeTheFieldDoes() {
        Frame frame = grey(4, 0, 100, 200, 40, 20, 80, 0, 0);
        assertThat(values(Resize.area(frame, 2, 1))).containsExactly(50, 60);
        assertThat(values(Resize.area(grey(3, 0, 90, 180), 2, 1))).containsExactly(30, 150);
        assertThat(values(Resize.bilinear(grey(2, 0, 100), 4, 1))).containsExactly(0, 25, 75, 100);
        assertThat(values(Resize.bilinear(frame, 4, 2))).isEqualTo(values(frame));
        assertThat(values(Resize.repeat(grey(2, 5, 9), 2))).containsExactly(5, 5, 9, 9, 5, 5, 9, 9);
        assertThat(values(Resize.cover(frame, 2, 2))).containsExactly(100, 200, 80, 0);
        assertThatThrownBy(() -> Resize.area(frame, 0, 1)).hasMessageContaining("1x1");
        Frame ramp = grey(6, 0, 10, 20, 30, 40, 50);
        assertThat(values(Resize.part(ramp, 0, 0, 6, 1, 4, 1))).isEqualTo(values(Resize.bilinear(ramp, 4, 1)));
        assertThat(values(Resize.part(ramp, 0, 0, 6, 1, 2, 1))).isEqualTo(values(Resize.area(ramp, 2, 1)));
        assertThat(values(Resize.part(ramp, 1.5, 0, 2, 1, 2, 1))).containsExactly(15, 25);
        assertThat(values(Resize.part(ramp, 0.5, 0, 5, 1, 1, 1))).containsExactly(25);
        assertThatThrownBy(() -> Resize.part(ramp, 1, 0, 5.5, 1, 2, 1)).hasMessageContaining("5.50x1.00");
    }

    @Test
    void everyOrientationTurnsAsSaid() {
        Frame frame = grey(2, 1, 2, 3, 4);
        assertThat(turned(frame, Orientation.of(1, 0, 0, 1))).containsExactly(1, 2, 3, 4);
        Orientation clockwise = Orientation.of(0, 1, -1, 0);
        assertThat(clockwise.degrees()).isEqualTo(90);
        assertThat(turned(frame, clockwise)).containsExactly(3, 1, 4, 2);
        Orientation half = Orientation.of(-1, 0, 0, -1);
        assertThat(half.degrees()).isEqualTo(180);
        assertThat(turned(frame, half)).containsExactly(4, 3, 2, 1);
        Orientation counter = Orientation.of(0, -1, 1, 0);
        assertThat(counter.degrees()).isEqualTo(270);
        assertThat(turned(frame, counter)).containsExactly(2, 4, 1, 3);
    }

    private static int[] turned(Frame frame, Orientation orientation) {
        return values(new Frame(2, 2, orientation.apply(frame.rgb(), 2, 2), 0));
    }

    @Test
    void contactSheetsShowFirstAndLast() {
        ContactSheet sheet = new ContactSheet(3, 2, false);
        Frame drawn = sheet.render(List.of(new ContactSheet.Row("", TestClips.disc(16, 8, 9))));
        assertThat(drawn.width()).isEqualTo(4 + 3 * (32 + 4));
        assertThat(drawn.height()).isEqualTo(4 + 16 + 4);
        assertThat(List.of(ContactSheet.pick(0, 3, 9), ContactSheet.pick(1, 3, 9), ContactSheet.pick(2, 3, 9)))
                .containsExactly(0, 4, 8);
    }

    @Test
    void plotsNeedNoDisplay() {
        Path lines = folder.resolve("lines.png");
        Plots.lines(lines, "Loss", "step", "loss", true, List.of(Plots.Series.of("a", 3, 1, Double.NaN, 0, 0.1)));
        assertThat(Images.read(lines).width()).isEqualTo(900);
        Path bars = folder.resolve("bars.png");
        Plots.bars(bars, "PSNR", "dB", List.of("x", "y"), Map.of("a", new double[] {1, 2}));
        assertThat(Images.read(bars).height()).isEqualTo(560);
        assertThatThrownBy(() -> Plots.lines(lines, "t", "x", "y", false, List.of(Plots.Series.of("a", Double.NaN))))
                .hasMessageContaining("no finite point");
    }

    @Test
    void clipsKeepBytesAndClamp() {
        List<Frame> frames = TestClips.disc(5, 4, 3);
        try (Clip clip = Clip.of(frames, 10)) {
            assertThat(Tensors.shape(clip.tensor())).containsExactly(3, 3, 4, 5);
            assertThat(clip.frame(2).rgb()).isEqualTo(frames.get(2).rgb());
            assertThat(clip.frames().get(1).timeSeconds()).isEqualTo(0.1);
        }
        float[] values = {-1, 2, Float.NaN, 0.5f, 0.1f, 0.999f};
        try (Clip clip = Clip.of(Tensors.of(values, 1, 3, 1, 2), 1)) {
            assertThat(clip.frame(0).rgb()).containsExactly(0, 0, 26, 255, 128, 255);
        }
        assertThatThrownBy(() -> Clip.of(List.of(), 10)).hasMessageContaining("at least one");
    }
}
