package dev.zoetrope.moft;

import dev.zoetrope.tensor.ZoetropeException;

/**
 * How alike the motion of two sets of tracks is: equations 5 and 6 of the paper, as the mean of the two directions, so that
 * it lies between -1 and 1. Two points at rest agree; one at rest and one moving are uncorrelated.
 */
public final class MotionFidelity {
    private static final double REST = 1e-9;

    private MotionFidelity() {}

    /**
     * @param first tracks [n][F][2] of points (x, y)
     * @param second tracks [m][F][2], as many frames
     * @throws ZoetropeException BAD_INPUT if there are none, or frames differ
     */
    public static double of(double[][][] first, double[][][] second) {
        if (first.length == 0 || second.length == 0 || first[0].length != second[0].length || first[0].length < 2) {
            throw ZoetropeException.badInput(
                    "motion fidelity needs tracks in both clips, of as many frames, at least 2");
        }
        return (best(first, second) + best(second, first)) / 2;
    }

    private static double best(double[][][] from, double[][][] to) {
        double sum = 0;
        for (double[][] track : from) {
            double best = Double.NEGATIVE_INFINITY;
            for (double[][] other : to) {
                best = Math.max(best, correlation(track, other));
            }
            sum += best;
        }
        return sum / from.length;
    }

    /** Mean cosine of the displacements between frames. */
    private static double correlation(double[][] a, double[][] b) {
        double sum = 0;
        for (int f = 1; f < a.length; f++) {
            double ax = a[f][0] - a[f - 1][0];
            double ay = a[f][1] - a[f - 1][1];
            double bx = b[f][0] - b[f - 1][0];
            double by = b[f][1] - b[f - 1][1];
            double first = Math.hypot(ax, ay);
            double second = Math.hypot(bx, by);
            if (first < REST || second < REST) {
                sum += first < REST && second < REST ? 1 : 0;
            } else {
                sum += (ax * bx + ay * by) / (first * second);
            }
        }
        return sum / (a.length - 1);
    }
}
