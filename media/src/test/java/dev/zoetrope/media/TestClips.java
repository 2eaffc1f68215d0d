package dev.zoetrope.media;

import java.util.ArrayList;
import java.util.List;

/** Moving pictures made by arithmetic. */
final class TestClips {
    private TestClips() {}

    /** A red disc with a soft edge, as wide as chroma is coarse in 4:2:0, that moves to the right over a gradient, green below and blue to the right. */
    static List<Frame> disc(int width, int height, int count) {
        List<Frame> frames = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            double centre = width * (i + 1.0) / (count + 1);
            byte[] rgb = new byte[3 * width * height];
            for (int p = 0; p < width * height; p++) {
                int x = p % width;
                int y = p / width;
                double distance = Math.hypot(x - centre, y - height / 3.0) - height / 5.0;
                double disc = Math.min(1, Math.max(0, 0.5 - distance / 4));
                rgb[3 * p] = (byte) (230 * disc + 40 * (1 - disc));
                rgb[3 * p + 1] = (byte) (30 * disc + 200.0 * y / height * (1 - disc));
                rgb[3 * p + 2] = (byte) (30 * disc + 200.0 * x / width * (1 - disc));
            }
            frames.add(new Frame(width, height, rgb, i / 12.0));
        }
        return frames;
    }

    /** Peak signal to noise ratio in dB over all pixels of two pictures of one size; infinite if equal. */
    static double psnr(Frame a, Frame b) {
        double sum = 0;
        for (int i = 0; i < a.rgb().length; i++) {
            double difference = (a.rgb()[i] & 0xFF) - (b.rgb()[i] & 0xFF);
            sum += difference * difference;
        }
        return 10 * Math.log10(255 * 255 / (sum / a.rgb().length));
    }
}
