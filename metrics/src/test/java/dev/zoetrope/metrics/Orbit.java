package dev.zoetrope.metrics;

import dev.zoetrope.media.Frame;
import java.util.ArrayList;
import java.util.List;

/** Clips of a coloured disc that moves on a circle: the set the sheet calibrates proxy distances on. */
public final class Orbit {
    private Orbit() {}

    /** Clip {@code index} of 32x32 pixels, twice per frame the angle of {@code speed} 1. */
    public static List<Frame> clip(int index, int frames, double speed) {
        NumpyRandom random = new NumpyRandom(index);
        double phase = 2 * Math.PI * random.nextDouble();
        double turn = (random.nextDouble() < 0.5 ? -1 : 1) * (0.15 + 0.1 * random.nextDouble()) * speed;
        double radius = 7 + 3 * random.nextDouble();
        double[] colour = {random.nextDouble(), random.nextDouble(), random.nextDouble()};
        List<Frame> clip = new ArrayList<>();
        for (int t = 0; t < frames; t++) {
            clip.add(disc(
                    15.5 + radius * Math.cos(phase + turn * t), 15.5 + radius * Math.sin(phase + turn * t), colour));
        }
        return clip;
    }

    private static Frame disc(double centreX, double centreY, double[] colour) {
        byte[] rgb = new byte[3 * 32 * 32];
        for (int y = 0; y < 32; y++) {
            for (int x = 0; x < 32; x++) {
                double inside = Math.max(0, Math.min(1, 5 - Math.hypot(x - centreX, y - centreY)));
                for (int c = 0; c < 3; c++) {
                    rgb[3 * (32 * y + x) + c] = (byte) Math.round(255 * (0.1 + inside * (0.9 * colour[c])));
                }
            }
        }
        return new Frame(32, 32, rgb, 0);
    }

    /** Normal noise of a standard deviation on [0, 1], rounded and clipped. */
    public static List<Frame> noisy(List<Frame> clip, double sigma, int seed) {
        NumpyRandom random = new NumpyRandom(seed);
        List<Frame> result = new ArrayList<>();
        for (Frame frame : clip) {
            byte[] rgb = frame.rgb().clone();
            for (int i = 0; i < rgb.length; i++) {
                double normal =
                        Math.sqrt(-2 * Math.log(1 - random.nextDouble())) * Math.cos(2 * Math.PI * random.nextDouble());
                rgb[i] = (byte) Math.round(Math.max(0, Math.min(255, (rgb[i] & 0xFF) + 255 * sigma * normal)));
            }
            result.add(new Frame(frame.width(), frame.height(), rgb, 0));
        }
        return result;
    }

    /** The frames in another order. */
    public static List<Frame> shuffled(List<Frame> clip, int seed) {
        int[] order = new int[clip.size()];
        java.util.Arrays.setAll(order, i -> i);
        new NumpyRandom(seed).shuffle(order);
        return java.util.Arrays.stream(order).mapToObj(clip::get).toList();
    }
}
