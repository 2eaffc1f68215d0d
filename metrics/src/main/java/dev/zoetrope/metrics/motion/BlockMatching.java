package dev.zoetrope.metrics.motion;

import dev.zoetrope.media.Frame;
import dev.zoetrope.tensor.ZoetropeException;

/**
 * Flow without a network: blocks of luma are searched for from coarse to fine, by the sum of squared differences plus a
 * small preference for short vectors, which keeps flat areas at rest; the finest level is refined by a parabola through the
 * neighbours of the minimum. One vector for each 4x4 pixels, from a block of 12x12 around them. Finds up to about 15 pixels
 * a frame.
 */
public final class BlockMatching implements FlowProvider {
    private static final int CELL = 4;
    private static final int MARGIN = 4;
    private static final int COARSEST_SIDE = 24;
    private static final int MAX_LEVELS = 3;
    private static final int COARSE_RADIUS = 3;
    private static final int FINE_RADIUS = 2;
    /** Cost of a pixel of length, in squared luma for each pixel of the block. */
    private static final double REST = 1e-6;

    @Override
    public String name() {
        return "bm";
    }

    @Override
    public Flow flow(Frame from, Frame to) {
        if (from.width() != to.width() || from.height() != to.height()) {
            throw ZoetropeException.badInput(
                    "flow between frames of %dx%d and %dx%d pixels; resize them to one size",
                    from.width(), from.height(), to.width(), to.height());
        }
        return flow(Grey.of(from), Grey.of(to));
    }

    static Flow flow(Grey from, Grey to) {
        return level(from, to, MAX_LEVELS - 1);
    }

    private static Flow level(Grey from, Grey to, int levelsBelow) {
        boolean coarsest = levelsBelow == 0 || Math.min(from.width(), from.height()) < 2 * COARSEST_SIDE;
        Flow start = coarsest
                ? Flow.uniform(from.width(), from.height(), 0, 0)
                : enlarged(level(from.halved(), to.halved(), levelsBelow - 1), from);
        return search(from, to, start, coarsest ? COARSE_RADIUS : FINE_RADIUS);
    }

    private static Flow enlarged(Flow flow, Grey size) {
        Flow large = Flow.uniform(size.width(), size.height(), 0, 0);
        for (int y = 0; y < size.height(); y++) {
            for (int x = 0; x < size.width(); x++) {
                int from = Math.min(flow.height() - 1, y / 2) * flow.width() + Math.min(flow.width() - 1, x / 2);
                large.dx()[y * size.width() + x] = 2 * flow.dx()[from];
                large.dy()[y * size.width() + x] = 2 * flow.dy()[from];
            }
        }
        return large;
    }

    private static Flow search(Grey from, Grey to, Flow start, int radius) {
        Flow result = Flow.uniform(from.width(), from.height(), 0, 0);
        for (int y = 0; y < from.height(); y += CELL) {
            for (int x = 0; x < from.width(); x += CELL) {
                int at = y * from.width() + x;
                double[] best = match(from, to, x, y, Math.round(start.dx()[at]), Math.round(start.dy()[at]), radius);
                fill(result, x, y, best);
            }
        }
        return result;
    }

    private static void fill(Flow flow, int left, int top, double[] vector) {
        for (int y = top; y < Math.min(flow.height(), top + CELL); y++) {
            for (int x = left; x < Math.min(flow.width(), left + CELL); x++) {
                flow.dx()[y * flow.width() + x] = (float) vector[0];
                flow.dy()[y * flow.width() + x] = (float) vector[1];
            }
        }
    }

    private static double[] match(Grey from, Grey to, int x, int y, int startX, int startY, int radius) {
        int bestX = startX;
        int bestY = startY;
        double least = Double.POSITIVE_INFINITY;
        for (int dy = startY - radius; dy <= startY + radius; dy++) {
            for (int dx = startX - radius; dx <= startX + radius; dx++) {
                double cost = cost(from, to, x, y, dx, dy);
                if (cost < least) {
                    least = cost;
                    bestX = dx;
                    bestY = dy;
                }
            }
        }
        // The vector 0 is always a candidate, so that a still picture is still.
        if (cost(from, to, x, y, 0, 0) <= least) {
            return new double[] {0, 0};
        }
        double refinedX =
                parabola(cost(from, to, x, y, bestX - 1, bestY), least, cost(from, to, x, y, bestX + 1, bestY));
        double refinedY =
                parabola(cost(from, to, x, y, bestX, bestY - 1), least, cost(from, to, x, y, bestX, bestY + 1));
        // A perfect match stays where it is.
        boolean exact = least <= REST * (Math.hypot(bestX, bestY) + 1e-9) * 1.000001;
        return exact ? new double[] {bestX, bestY} : new double[] {bestX + refinedX, bestY + refinedY};
    }

    /** Where the parabola through three costs at -1, 0, 1 is least, within half a pixel. */
    private static double parabola(double before, double at, double after) {
        double curvature = before - 2 * at + after;
        return curvature <= 0 ? 0 : Math.max(-0.5, Math.min(0.5, (before - after) / (2 * curvature)));
    }

    private static double cost(Grey from, Grey to, int left, int top, int dx, int dy) {
        double sum = 0;
        int pixels = 0;
        int x0 = Math.max(0, left - MARGIN);
        int x1 = Math.min(from.width(), left + CELL + MARGIN);
        int y1 = Math.min(from.height(), top + CELL + MARGIN);
        for (int y = Math.max(0, top - MARGIN); y < y1; y++) {
            for (int x = x0; x < x1; x++) {
                float difference = from.values()[y * from.width() + x] - to.at(x + dx, y + dy);
                sum += difference * difference;
                pixels++;
            }
        }
        return sum / pixels + REST * Math.hypot(dx, dy);
    }
}
