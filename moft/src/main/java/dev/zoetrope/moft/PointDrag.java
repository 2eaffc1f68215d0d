package dev.zoetrope.moft;

import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Drags a point along a trajectory (equations 4 and 9): first MOFT, which gives the direction, then correspondence of the
 * features along the trajectory (DIFT), which gives the place. With t counted down from the number of steps, scaled to 25:
 * MOFT alone for t of 19 and more, both at 18, DIFT alone down to 5, nothing below.
 */
public final class PointDrag implements MotionObjective {
    private static final double COUNTED_STEPS = 25;
    private static final double MOFT_UNTIL = 19;
    private static final double BOTH_UNTIL = 18;
    private static final double DIFT_UNTIL = 5;

    private final RegionMask region;
    private final RegionObjective moft;
    private final double[][] trajectory;
    private final int width;
    private final int height;
    private final Options options;
    private double pointWeight;

    /** How the feature along the trajectory is compared. */
    public enum PointLoss {
        /** Squared distance over the number of channels. */
        SQUARED,
        /** {@code 1 / (mean((cos + 1) / 2) + 0.001)}, as the release's unused helper has it. */
        ENERGY
    }

    /**
     * @param moftWeight of the MOFT part, at least 0; default 6
     * @param loss default squared distance
     * @param sampleRadius cells around a point that are averaged, 0 to 8; default 1
     * @param regionRadius cells of the disc that is swept along the trajectory, above 0; default 4
     * @param useMoft whether the MOFT part acts; without it DIFT acts from the first step; default true
     */
    public record Options(double moftWeight, PointLoss loss, int sampleRadius, double regionRadius, boolean useMoft) {
        /** The defaults. */
        public static final Options DEFAULTS = new Options(6, PointLoss.SQUARED, 1, 4, true);

        /** @throws ZoetropeException BAD_INPUT naming the option that cannot be */
        public Options {
            if (!(moftWeight >= 0) || Double.isInfinite(moftWeight)) {
                throw ZoetropeException.badInput("drag weight: %s, expected at least 0", moftWeight);
            }
            if (sampleRadius < 0 || sampleRadius > 8 || !(regionRadius > 0)) {
                throw ZoetropeException.badInput(
                        "drag radii: %d and %s, expected 0 to 8 and above 0", sampleRadius, regionRadius);
            }
        }
    }

    /**
     * @param profile of the backbone
     * @param trajectory where the point is in each frame, (x, y) in pixels
     * @param width of the video, pixels
     * @param latentColumns of the video's latents
     * @throws ZoetropeException BAD_INPUT if a point is outside, or there are fewer than two
     */
    public PointDrag(
            MotionProfile profile, double[][] trajectory, int width, int height, int latentColumns, Options options) {
        check(trajectory, width, height);
        this.trajectory = trajectory;
        this.width = width;
        this.height = height;
        this.options = options;
        this.region = RegionMask.discs(width, height, trajectory, options.regionRadius() * width / latentColumns);
        List<MotionTarget> targets =
                profile.synthesise(direction(trajectory), MotionCurves.Kind.LINEAR, trajectory.length, 1);
        this.moft = new RegionObjective(
                List.of(new MotionRegion(region, targets, options.moftWeight())), MotionLoss.POOLED_MSE);
    }

    private static void check(double[][] trajectory, int width, int height) {
        if (trajectory.length < 2) {
            throw ZoetropeException.badInput(
                    "a trajectory of %d points, expected one for each frame", trajectory.length);
        }
        for (double[] point : trajectory) {
            boolean inside = point[0] >= 0 && point[0] <= width - 1 && point[1] >= 0 && point[1] <= height - 1;
            if (!inside) {
                throw ZoetropeException.badInput(
                        "trajectory point (%s, %s) is outside the %dx%d picture", point[0], point[1], width, height);
            }
        }
    }

    /** What the trajectory sweeps. */
    RegionMask region() {
        return region;
    }

    /** Velocities of a trajectory, the fastest at full speed. */
    static Direction direction(double[][] trajectory) {
        int intervals = trajectory.length - 1;
        double[] vx = new double[intervals];
        double[] vy = new double[intervals];
        double fastest = 0;
        for (int f = 0; f < intervals; f++) {
            vx[f] = trajectory[f + 1][0] - trajectory[f][0];
            vy[f] = trajectory[f + 1][1] - trajectory[f][1];
            fastest = Math.max(fastest, Math.hypot(vx[f], vy[f]));
        }
        for (int f = 0; f < intervals && fastest > 0; f++) {
            vx[f] /= fastest;
            vy[f] /= fastest;
        }
        return Direction.ofVelocities(vx, vy);
    }

    private static double countdown(int step, int steps) {
        return (steps - step) * COUNTED_STEPS / steps;
    }

    private boolean usesMoft(int step, int steps) {
        return options.useMoft() && countdown(step, steps) >= BOTH_UNTIL;
    }

    private boolean usesPoints(int step, int steps) {
        double t = countdown(step, steps);
        return t >= DIFT_UNTIL && (t < MOFT_UNTIL || !options.useMoft());
    }

    @Override
    public boolean isActive(int step, int steps) {
        return usesMoft(step, steps) || usesPoints(step, steps);
    }

    @Override
    public Tensor loss(int step, int steps, Tensor features, Tensor latents) {
        try (Scope scope = Scope.open()) {
            boolean both = usesMoft(step, steps) && usesPoints(step, steps);
            if (!both) {
                Tensor one = usesMoft(step, steps)
                        ? moft.loss(step, steps, features, latents)
                        : Ops.mul(points(features), pointWeight == 0 ? 1 : pointWeight);
                return scope.keep(one);
            }
            Tensor motion = moft.loss(step, steps, features, latents);
            Tensor place = points(features);
            if (pointWeight == 0) {
                pointWeight = norm(motion, latents) / Math.max(norm(place, latents), 1e-20);
            }
            return scope.keep(motion.add(Ops.mul(place, pointWeight)));
        }
    }

    /** Length of the gradient; the graph stays. */
    private static double norm(Tensor loss, Tensor latents) {
        try (Scope scope = Scope.open()) {
            return Tensors.item(Ops.gradientKeepingGraph(loss, latents).norm());
        }
    }

    /** Equation 4: the feature at the point of each frame against that of the first, which is held fixed. */
    private Tensor points(Tensor features) {
        Tensor start = at(features, 0).detach(); // [B,C]
        Tensor sum = Tensors.zeros();
        Tensor cosines = Tensors.zeros();
        int frames = trajectory.length;
        for (int f = 1; f < frames; f++) {
            Tensor here = at(features, f);
            Tensor difference = here.sub(start);
            sum = sum.add(Ops.mul(difference.mul(difference).sum(), 1.0 / features.size(2)));
            cosines = cosines.add(torch.cosine_similarity(here, start, 1, 1e-8).sum());
        }
        if (options.loss() == PointLoss.SQUARED) {
            return sum;
        }
        Tensor mean = Ops.mul(cosines, 1.0 / ((frames - 1) * features.size(0)));
        return Ops.add(Ops.mul(Ops.add(mean, 1), 0.5), 0.001).reciprocal();
    }

    /** The feature at the point of a frame, interpolated and averaged over the cells within the radius: [B,C]. */
    private Tensor at(Tensor features, int frame) {
        int rows = Math.toIntExact(features.size(3));
        int columns = Math.toIntExact(features.size(4));
        Tensor weights = Tensors.of(weights(frame, rows, columns), (long) rows * columns, 1);
        return features.select(1, frame).flatten(2, 3).matmul(weights).squeeze(2);
    }

    private float[] weights(int frame, int rows, int columns) {
        // Corners of the picture are the centres of the corner cells (align_corners).
        double x = trajectory[frame][0] * (columns - 1) / Math.max(1, width - 1);
        double y = trajectory[frame][1] * (rows - 1) / Math.max(1, height - 1);
        float[] weights = new float[rows * columns];
        int r = options.sampleRadius();
        int count = 0;
        for (int dy = -r; dy <= r; dy++) {
            for (int dx = -r; dx <= r; dx++) {
                if (Math.hypot(dx, dy) <= r) {
                    addBilinear(weights, clamp(x + dx, columns), clamp(y + dy, rows), rows, columns);
                    count++;
                }
            }
        }
        for (int i = 0; i < weights.length; i++) {
            weights[i] /= count;
        }
        return weights;
    }

    private static double clamp(double position, int size) {
        return Math.max(0, Math.min(size - 1, position));
    }

    private static void addBilinear(float[] weights, double x, double y, int rows, int columns) {
        int left = Math.min((int) x, Math.max(0, columns - 2));
        int top = Math.min((int) y, Math.max(0, rows - 2));
        for (int dy = 0; dy < Math.min(2, rows); dy++) {
            for (int dx = 0; dx < Math.min(2, columns); dx++) {
                double weight = (1 - Math.abs(x - left - dx)) * (1 - Math.abs(y - top - dy));
                weights[(top + dy) * columns + left + dx] += (float) weight;
            }
        }
    }

    @Override
    public Optional<Tensor> changeable(long rows, long columns) {
        return moft.changeable(rows, columns);
    }
}
