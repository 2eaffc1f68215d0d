package dev.zoetrope.data;

import dev.zoetrope.data.ForegroundFinder.Found;
import dev.zoetrope.media.Frame;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * Reads colour, shape, motion and background back from frames by closed-form image measures; nothing is learned. Meant
 * for one object on a plain background, also blurred, noisy or flickering as generated video is.
 *
 * <ul>
 *   <li>background: median of the border of each frame, mean over frames, nearest colour of the grammar;
 *   <li>colour: mean of the core of the object, nearest colour of the grammar other than the background's name;
 *   <li>shape: the best mean overlap with drawn shapes of the same centroid and area ({@link Detection#overlaps}),
 *       unknown below 0.6;
 *   <li>motion: Theil-Sen slopes of the centroid over time; below a tenth of the shorter side in all it is still. Of
 *       the motions only still and the translations of the grammar are told apart.
 * </ul>
 *
 * Immutable and safe for use by many threads.
 */
public final class AttributeDetector {
    /** Displacement under which an object stays still, in units of the shorter side. */
    private static final double STILL_BELOW = 0.1;
    /** What overlaps no shape better than this is none of them. */
    private static final double LEAST_OVERLAP = 0.6;

    private static final int FRAMES_FOR_SHAPE = 8;

    private final Grammar grammar;
    private final ShapeMatcher matcher;

    private AttributeDetector(Grammar grammar) {
        this.grammar = grammar;
        this.matcher = new ShapeMatcher(grammar.shapes());
    }

    /** A detector that chooses among the values of a grammar. */
    public static AttributeDetector create(Grammar grammar) {
        return new AttributeDetector(grammar);
    }

    /**
     * What a clip shows. Colour, shape and motion are {@link Labels#UNKNOWN} if fewer than half of the frames (or less
     * than one) show an object.
     *
     * @param frames all of one size, at least one
     * @throws ZoetropeException BAD_INPUT if there are none or the sizes differ
     */
    public Detection detect(List<Frame> frames) {
        check(frames);
        var found = new ArrayList<Found>();
        var times = new ArrayList<Integer>();
        var backgrounds = new ArrayList<Rgb>();
        for (int f = 0; f < frames.size(); f++) {
            Rgb background = ForegroundFinder.background(frames.get(f));
            backgrounds.add(background);
            Found object = ForegroundFinder.find(frames.get(f), background);
            if (object != null) {
                found.add(object);
                times.add(f);
            }
        }
        Rgb ground = mean(backgrounds);
        Background behind = nearest(grammar.backgrounds(), Background::rgb, ground);
        if (found.isEmpty() || found.size() < frames.size() / 2) {
            var labels = new Labels(Labels.UNKNOWN, Labels.UNKNOWN, Labels.UNKNOWN, behind.word());
            return new Detection(labels, found.size(), Map.of(), 0, 0, ground, ground);
        }
        Rgb core = mean(found.stream().map(Found::colour).toList());
        List<Colour> possible = grammar.colours().stream().filter(behind::suits).toList();
        Colour colour = nearest(possible.isEmpty() ? grammar.colours() : possible, Colour::rgb, core);
        Map<Shape, Double> overlaps = meanOverlaps(found);
        double dx = slope(found, times, Found::x) * (frames.size() - 1);
        double dy = slope(found, times, Found::y) * (frames.size() - 1);
        int side = Math.min(frames.get(0).width(), frames.get(0).height());
        var labels = new Labels(
                colour.word(),
                shape(overlaps),
                motion(dx, dy, side * STILL_BELOW).label(),
                behind.word());
        return new Detection(labels, found.size(), overlaps, dx, dy, core, ground);
    }

    private static void check(List<Frame> frames) {
        if (frames.isEmpty()) {
            throw ZoetropeException.badInput("nothing to detect: the clip has no frames");
        }
        Frame first = frames.get(0);
        for (Frame frame : frames) {
            if (frame.width() != first.width() || frame.height() != first.height()) {
                throw ZoetropeException.badInput(
                        "frames of one clip differ in size: %dx%d and %dx%d",
                        first.width(), first.height(), frame.width(), frame.height());
            }
        }
    }

    /** Over at most {@link #FRAMES_FOR_SHAPE} frames, evenly spaced: matching is most of the cost. */
    private Map<Shape, Double> meanOverlaps(List<Found> found) {
        int n = Math.min(FRAMES_FOR_SHAPE, found.size());
        var sums = new EnumMap<Shape, Double>(Shape.class);
        for (int i = 0; i < n; i++) {
            Found object = found.get(i * found.size() / n);
            matcher.overlaps(object).forEach((shape, overlap) -> sums.merge(shape, overlap / n, Double::sum));
        }
        return sums;
    }

    private static String shape(Map<Shape, Double> overlaps) {
        var best =
                overlaps.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow();
        return best.getValue() < LEAST_OVERLAP ? Labels.UNKNOWN : best.getKey().word();
    }

    private Motion motion(double dx, double dy, double still) {
        double length = Math.hypot(dx, dy);
        if (length < still) {
            return Motion.STILL;
        }
        return grammar.motions().stream()
                .filter(Motion::isTranslation)
                .max(Comparator.comparingDouble(m -> (dx * m.dx() + dy * m.dy()) / Math.hypot(m.dx(), m.dy())))
                .orElse(Motion.STILL);
    }

    private static <T> T nearest(List<T> palette, Function<T, Rgb> rgb, Rgb colour) {
        return palette.stream()
                .min(Comparator.comparingDouble(c -> rgb.apply(c).distance(colour)))
                .orElseThrow();
    }

    private static Rgb mean(List<Rgb> colours) {
        double r = 0;
        double g = 0;
        double b = 0;
        for (Rgb colour : colours) {
            r += colour.red();
            g += colour.green();
            b += colour.blue();
        }
        int n = colours.size();
        return new Rgb(r / n, g / n, b / n);
    }

    /** The median of the slopes between all pairs of frames (Theil 1950, Sen 1968), per frame. */
    private static double slope(List<Found> found, List<Integer> times, ToDoubleFunction<Found> coordinate) {
        int n = found.size();
        if (n < 2) {
            return 0;
        }
        var slopes = new double[n * (n - 1) / 2];
        int at = 0;
        for (int i = 0; i < n; i++) {
            for (int j = i + 1; j < n; j++) {
                double rise = coordinate.applyAsDouble(found.get(j)) - coordinate.applyAsDouble(found.get(i));
                slopes[at++] = rise / (times.get(j) - times.get(i));
            }
        }
        Arrays.sort(slopes);
        return (slopes[(at - 1) / 2] + slopes[at / 2]) / 2;
    }
}
