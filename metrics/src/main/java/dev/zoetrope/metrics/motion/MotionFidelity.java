package dev.zoetrope.metrics.motion;

import dev.zoetrope.tensor.ZoetropeException;
import java.util.ArrayList;
import java.util.List;

/**
 * How well the motion of an output follows that of its source, from tracks of both (Yatim et al. 2024; sheet section
 * 12.1). The correlation of two tracks is the mean over steps of the cosine between their displacements; steps under 0.1
 * pixel are static: static with static counts 1, static with moving 0. Direction only: {@link #speedRatio} tells speed.
 *
 * @param pooled (Σ over outputs of the best source + Σ over sources of the best output) / (number of both): the default
 * @param balanced mean of the two means
 * @param oneWay mean over outputs of the best source
 * @param speedRatio median speed of the output over that of the source; NaN for a static source
 * @param staticFraction part of the source's steps that are static; near 1 the scores mean nothing
 */
public record MotionFidelity(double pooled, double balanced, double oneWay, double speedRatio, double staticFraction) {
    private static final double STATIC = 0.1;

    /**
     * Compares tracks of videos of one size and frame count.
     *
     * @throws ZoetropeException BAD_INPUT if the frame counts differ, or no track lasts
     */
    public static MotionFidelity of(Tracks source, Tracks output) {
        if (source.frames() != output.frames()) {
            throw ZoetropeException.badInput(
                    "the source has %d frames and the output %d; compare equal numbers of frames",
                    source.frames(), output.frames());
        }
        Tracks from = source.lasting();
        Tracks to = output.lasting();
        double[] bestOfOutput = best(to, from);
        double[] bestOfSource = best(from, to);
        double forward = sum(bestOfOutput);
        double back = sum(bestOfSource);
        return new MotionFidelity(
                (forward + back) / (bestOfOutput.length + bestOfSource.length),
                (forward / bestOfOutput.length + back / bestOfSource.length) / 2,
                forward / bestOfOutput.length,
                medianSpeed(to) / medianSpeed(from),
                staticFraction(from));
    }

    private static double[] best(Tracks of, Tracks among) {
        double[] best = new double[of.positions().length];
        for (int i = 0; i < best.length; i++) {
            best[i] = -1;
            for (int j = 0; j < among.positions().length; j++) {
                best[i] = Math.max(best[i], correlation(of, i, among, j));
            }
        }
        return best;
    }

    /** Over the steps at whose ends both points are seen; -1 if there is none. */
    private static double correlation(Tracks a, int i, Tracks b, int j) {
        double sum = 0;
        int steps = 0;
        for (int t = 0; t + 1 < a.frames(); t++) {
            boolean seen = a.visible()[i][t] && a.visible()[i][t + 1] && b.visible()[j][t] && b.visible()[j][t + 1];
            if (seen) {
                sum += cosine(step(a, i, t), step(b, j, t));
                steps++;
            }
        }
        return steps == 0 ? -1 : sum / steps;
    }

    private static double[] step(Tracks tracks, int i, int t) {
        double[] from = tracks.positions()[i][t];
        double[] to = tracks.positions()[i][t + 1];
        return new double[] {to[0] - from[0], to[1] - from[1]};
    }

    private static double cosine(double[] u, double[] v) {
        double lengthU = Math.hypot(u[0], u[1]);
        double lengthV = Math.hypot(v[0], v[1]);
        if (lengthU < STATIC || lengthV < STATIC) {
            return lengthU < STATIC && lengthV < STATIC ? 1 : 0;
        }
        return (u[0] * v[0] + u[1] * v[1]) / (lengthU * lengthV);
    }

    private static List<Double> speeds(Tracks tracks) {
        List<Double> speeds = new ArrayList<>();
        for (int i = 0; i < tracks.positions().length; i++) {
            for (int t = 0; t + 1 < tracks.frames(); t++) {
                if (tracks.visible()[i][t] && tracks.visible()[i][t + 1]) {
                    double[] step = step(tracks, i, t);
                    speeds.add(Math.hypot(step[0], step[1]));
                }
            }
        }
        return speeds;
    }

    private static double medianSpeed(Tracks tracks) {
        List<Double> sorted = speeds(tracks).stream().sorted().toList();
        return sorted.get(sorted.size() / 2);
    }

    private static double staticFraction(Tracks tracks) {
        List<Double> speeds = speeds(tracks);
        return (double) speeds.stream().filter(speed -> speed < STATIC).count() / speeds.size();
    }

    private static double sum(double[] values) {
        return java.util.Arrays.stream(values).sum();
    }
}
