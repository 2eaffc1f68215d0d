package dev.zoetrope.data;

import dev.zoetrope.media.Frame;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Separates one object from its background by colour. The background of a frame is the median of its border; a pixel is
 * foreground if its colour is nearer to the object's than to the background's, in the sense of distance from the
 * background; of the connected foreground regions the largest counts.
 */
final class ForegroundFinder {
    /** Contrast between object and background below which there is no object (of 442). */
    private static final double LEAST_CONTRAST = 30;
    /** The object is expected to cover at least this share of a frame. */
    private static final double LEAST_AREA = 0.008;
    /** What covers more than this share of a frame is no object on a background. */
    private static final double MOST_AREA = 0.6;

    private ForegroundFinder() {}

    /**
     * One object in one frame.
     *
     * @param coverage soft mask of the object, [H * W], 0 to 1
     * @param x centroid, pixels from the left
     * @param y centroid, pixels from the top
     * @param area sum of the coverage, squared pixels
     * @param colour mean colour of the core
     */
    record Found(int width, int height, float[] coverage, double x, double y, double area, Rgb colour) {}

    /** Median colour of the outermost pixels, a sixteenth of the shorter side wide. */
    static Rgb background(Frame frame) {
        int w = frame.width();
        int h = frame.height();
        int ring = Math.max(1, Math.min(w, h) / 16);
        int[][] counts = new int[3][256];
        int total = 0;
        for (int y = 0; y < h; y++) {
            boolean edge = y < ring || y >= h - ring;
            for (int x = 0; x < w; x++) {
                if (edge || x < ring || x >= w - ring) {
                    total++;
                    for (int c = 0; c < 3; c++) {
                        counts[c][frame.rgb()[(y * w + x) * 3 + c] & 0xFF]++;
                    }
                }
            }
        }
        return new Rgb(median(counts[0], total), median(counts[1], total), median(counts[2], total));
    }

    private static double median(int[] counts, int total) {
        int left = total / 2;
        for (int value = 0; ; value++) {
            left -= counts[value];
            if (left < 0 || value == 255) {
                return value;
            }
        }
    }

    /** The object of a frame, or null if there is none. */
    static @Nullable Found find(Frame frame, Rgb background) {
        int w = frame.width();
        int h = frame.height();
        float[] distance = distances(frame, background);
        double contrast = contrast(distance);
        if (contrast < LEAST_CONTRAST) {
            return null;
        }
        int[] region = new Regions(distance, w, h, contrast / 2).largest();
        if (region.length < LEAST_AREA * w * h || region.length > MOST_AREA * w * h) {
            return null;
        }
        return measure(frame, background, region);
    }

    /** A distance from the background that is reached within the object, even if that is as small as allowed. */
    private static double contrast(float[] distance) {
        var counts = new int[443];
        for (float d : distance) {
            counts[(int) d]++;
        }
        double left = 2 * LEAST_AREA * distance.length;
        int level = counts.length - 1;
        while (level > 0 && left > counts[level]) {
            left -= counts[level--];
        }
        return level;
    }

    private static float[] distances(Frame frame, Rgb background) {
        var distance = new float[frame.width() * frame.height()];
        for (int i = 0; i < distance.length; i++) {
            distance[i] = (float) pixel(frame, i).distance(background);
        }
        return distance;
    }

    private static Rgb pixel(Frame frame, int i) {
        byte[] rgb = frame.rgb();
        return new Rgb(rgb[3 * i] & 0xFF, rgb[3 * i + 1] & 0xFF, rgb[3 * i + 2] & 0xFF);
    }

    private static @Nullable Found measure(Frame frame, Rgb background, int[] region) {
        int w = frame.width();
        int h = frame.height();
        var inside = new boolean[w * h];
        for (int i : region) {
            inside[i] = true;
        }
        Rgb core = coreColour(frame, region, inside);
        Rgb axis = new Rgb(
                core.red() - background.red(), core.green() - background.green(), core.blue() - background.blue());
        double length = axis.red() * axis.red() + axis.green() * axis.green() + axis.blue() * axis.blue();
        boolean[] grown = grown(region, w, h);
        var coverage = new float[w * h];
        double area = 0;
        double sx = 0;
        double sy = 0;
        for (int i = 0; i < coverage.length; i++) {
            if (length == 0 || !grown[i]) {
                continue;
            }
            Rgb p = pixel(frame, i);
            double along = ((p.red() - background.red()) * axis.red()
                            + (p.green() - background.green()) * axis.green()
                            + (p.blue() - background.blue()) * axis.blue())
                    / length;
            // Twice as steep as the edge itself: takes most of the blur and the noise away, keeps the half-way line.
            double share = Math.min(1, Math.max(0, 2 * along - 0.5));
            coverage[i] = (float) share;
            area += share;
            int column = i % w;
            int row = i / w;
            sx += share * (column + 0.5);
            sy += share * (row + 0.5);
        }
        return area < 1 ? null : new Found(w, h, coverage, sx / area, sy / area, area, core);
    }

    /** Mean colour of the pixels whose four neighbours are in the region too, or of the whole region if none is. */
    private static Rgb coreColour(Frame frame, int[] region, boolean[] inside) {
        int w = frame.width();
        int h = frame.height();
        int[] core = Arrays.stream(region)
                .filter(i -> {
                    int x = i % w;
                    int y = i / w;
                    return (x == 0 || inside[i - 1])
                            && (x == w - 1 || inside[i + 1])
                            && (y == 0 || inside[i - w])
                            && (y == h - 1 || inside[i + w]);
                })
                .toArray();
        int[] chosen = core.length > 0 ? core : region;
        double r = 0;
        double g = 0;
        double b = 0;
        for (int i : chosen) {
            Rgb p = pixel(frame, i);
            r += p.red();
            g += p.green();
            b += p.blue();
        }
        return new Rgb(r / chosen.length, g / chosen.length, b / chosen.length);
    }

    /** The region and the eight neighbours of its pixels. */
    private static boolean[] grown(int[] region, int w, int h) {
        var grown = new boolean[w * h];
        for (int i : region) {
            int x = i % w;
            int y = i / w;
            for (int ny = Math.max(0, y - 1); ny <= Math.min(h - 1, y + 1); ny++) {
                for (int nx = Math.max(0, x - 1); nx <= Math.min(w - 1, x + 1); nx++) {
                    grown[ny * w + nx] = true;
                }
            }
        }
        return grown;
    }
}
