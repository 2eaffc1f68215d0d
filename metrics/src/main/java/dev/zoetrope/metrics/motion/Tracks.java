package dev.zoetrope.metrics.motion;

import dev.zoetrope.media.Frame;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Points followed through a video.
 *
 * @param positions [track][frame][x, y], pixels
 * @param visible [track][frame]
 */
public record Tracks(double[][][] positions, boolean[][] visible) {
    /** A point that a walk forwards and back misses by more than this is lost, pixels. */
    private static final double LOST = 1.0;

    public Tracks {
        if (positions.length == 0 || positions.length != visible.length || positions[0].length < 2) {
            throw ZoetropeException.badInput("tracks need at least one point and two frames");
        }
        for (int i = 0; i < positions.length; i++) {
            if (positions[i].length != positions[0].length || visible[i].length != positions[0].length) {
                throw ZoetropeException.badInput("track %d has another number of frames than the first", i);
            }
        }
    }

    /** Tracks that are always seen. */
    public static Tracks of(double[][]... positions) {
        boolean[][] visible = new boolean[positions.length][];
        for (int i = 0; i < visible.length; i++) {
            visible[i] = new boolean[positions[i].length];
            Arrays.fill(visible[i], true);
        }
        return new Tracks(positions, visible);
    }

    /**
     * Follows a grid of points along the flow, and loses those that a walk back does not confirm.
     *
     * @param grid points along each side, 2 to 64
     */
    public static Tracks follow(List<Frame> frames, FlowProvider flows, int grid) {
        if (frames.size() < 2 || grid < 2 || grid > 64) {
            throw ZoetropeException.badInput(
                    "tracking needs at least 2 frames and a grid of 2 to 64 points, got %d and %d",
                    frames.size(), grid);
        }
        int width = frames.get(0).width();
        int height = frames.get(0).height();
        double[][][] positions = new double[grid * grid][frames.size()][];
        boolean[][] visible = new boolean[grid * grid][frames.size()];
        for (int i = 0; i < positions.length; i++) {
            int column = i % grid;
            int row = i / grid;
            positions[i][0] = new double[] {(column + 0.5) * width / grid - 0.5, (row + 0.5) * height / grid - 0.5};
            visible[i][0] = true;
        }
        for (int t = 0; t + 1 < frames.size(); t++) {
            Flow forward = flows.flow(frames.get(t), frames.get(t + 1));
            Flow backward = flows.flow(frames.get(t + 1), frames.get(t));
            for (int i = 0; i < positions.length; i++) {
                double[] at = positions[i][t];
                double[] next = step(forward, at);
                double[] back = step(backward, next);
                boolean inside = next[0] >= 0 && next[1] >= 0 && next[0] <= width - 1 && next[1] <= height - 1;
                positions[i][t + 1] = next;
                visible[i][t + 1] = visible[i][t] && inside && Math.hypot(back[0] - at[0], back[1] - at[1]) <= LOST;
            }
        }
        return new Tracks(positions, visible);
    }

    private static double[] step(Flow flow, double[] at) {
        return new double[] {
            at[0] + Flow.sample(flow.dx(), flow.width(), flow.height(), at[0], at[1]),
            at[1] + Flow.sample(flow.dy(), flow.width(), flow.height(), at[0], at[1])
        };
    }

    /** The tracks of which at least half of the steps are seen. */
    Tracks lasting() {
        List<Integer> kept = new ArrayList<>();
        for (int i = 0; i < positions.length; i++) {
            int steps = 0;
            for (int t = 0; t + 1 < visible[i].length; t++) {
                steps += visible[i][t] && visible[i][t + 1] ? 1 : 0;
            }
            if (2 * steps >= visible[i].length - 1) {
                kept.add(i);
            }
        }
        if (kept.isEmpty()) {
            throw ZoetropeException.badInput(
                    "none of %d tracks is visible for half of the video; the video has no texture, or moves too fast",
                    positions.length);
        }
        return new Tracks(
                kept.stream().map(i -> positions[i]).toArray(double[][][]::new),
                kept.stream().map(i -> visible[i]).toArray(boolean[][]::new));
    }

    int frames() {
        return positions[0].length;
    }
}
