package dev.zoetrope.data;

import dev.zoetrope.data.ForegroundFinder.Found;
import dev.zoetrope.data.Scene.Pose;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Compares a soft mask with each shape drawn at the same centroid and area, in turns of 15 degrees, by intersection
 * over union (of soft masks: sum of minima over sum of maxima).
 */
final class ShapeMatcher {
    private static final int STEP_DEGREES = 15;
    /** Two different shapes of the same area never overlap this much. */
    private static final double GOOD_FIT = 0.9;

    private final List<Shape> shapes;

    ShapeMatcher(List<Shape> shapes) {
        this.shapes = shapes;
    }

    /**
     * The best overlap of each shape, 0 to 1. The upright shapes come first; if one of them fits well nothing else does,
     * and the turned ones are not tried.
     */
    Map<Shape, Double> overlaps(Found found) {
        var overlaps = new EnumMap<Shape, Double>(Shape.class);
        boolean clear = false;
        for (Shape shape : shapes) {
            double upright = overlap(found, shape, 0);
            overlaps.put(shape, upright);
            clear |= upright > GOOD_FIT;
        }
        for (Shape shape : shapes) {
            int turns = clear || shape == Shape.CIRCLE ? 1 : shape.symmetryDegrees() / STEP_DEGREES;
            for (int turn = 1; turn < turns; turn++) {
                overlaps.merge(shape, overlap(found, shape, Math.toRadians(turn * STEP_DEGREES)), Math::max);
            }
        }
        return overlaps;
    }

    private static double overlap(Found found, Shape shape, double angle) {
        var pose = new Pose(found.x(), found.y(), Math.sqrt(found.area() / shape.area()), angle);
        double cos = Math.cos(angle);
        double sin = Math.sin(angle);
        double reach = pose.radius() * shape.reach() + 2;
        int left = (int) Math.max(0, Math.floor(pose.x() - reach));
        int right = (int) Math.min(found.width(), Math.ceil(pose.x() + reach));
        int top = (int) Math.max(0, Math.floor(pose.y() - reach));
        int bottom = (int) Math.min(found.height(), Math.ceil(pose.y() + reach));
        double both = 0;
        double drawn = 0;
        for (int y = top; y < bottom; y++) {
            for (int x = left; x < right; x++) {
                double c = Math.min(1, Math.max(0, 0.5 - pose.distance(shape, x + 0.5, y + 0.5, cos, sin)));
                both += Math.min(c, found.coverage()[y * found.width() + x]);
                drawn += c;
            }
        }
        return both / Math.max(1e-9, drawn + found.area() - both);
    }
}
