package dev.zoetrope.moft;

import dev.zoetrope.moft.Direction.Piece;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Synthesised traces and maps of motion channels (sheet 2.4). A curve is [F][d], a value for each frame and channel; the functions
 * that make targets return curves of zero mean over the frames, as a motion feature has by construction.
 */
public final class MotionCurves {
    private MotionCurves() {}

    /** What a piece of motion looks like in a channel. */
    public enum Kind {
        /** Straight from one extreme to the other. */
        LINEAR,
        /** The mean trace of the pan clips the profile was fitted on. */
        EMPIRICAL,
        /**
         * What the motion of the pan clips looks like at each place: for a model whose channels show where things are in
         * each frame, but not, pooled over a region, where they go. For a loss that looks at each place.
         */
        MAP
    }

    /**
     * The release's {@code get_curve}: straight pieces between the extremes, in turns up and down. Its mean is not zero.
     *
     * @param low extremes [d]
     * @param high extremes [d]
     * @param sign slope of the first piece, +1 or -1, [d]
     * @param borders frames where pieces begin, first 0, last at least frames - 1
     */
    public static double[][] piecewise(double[] low, double[] high, int[] sign, int frames, int... borders) {
        if (borders.length < 2 || borders[0] != 0 || borders[borders.length - 1] < frames - 1) {
            throw ZoetropeException.badInput(
                    "pieces must begin at frame 0 and end at frame %d or later, got borders %s",
                    frames - 1, java.util.Arrays.toString(borders));
        }
        double[][] curve = new double[frames][low.length];
        for (int c = 0; c < low.length; c++) {
            curve[0][c] = sign[c] > 0 ? low[c] : high[c];
        }
        int p = 1;
        for (int f = 0; f < frames - 1; f++) {
            while (f >= borders[p]) {
                p++;
            }
            double turn = p % 2 == 1 ? 1 : -1;
            for (int c = 0; c < low.length; c++) {
                curve[f + 1][c] = curve[f][c] + (high[c] - low[c]) / (borders[p] - borders[p - 1]) * sign[c] * turn;
            }
        }
        return curve;
    }

    /** Minus the mean over the frames. */
    public static double[][] centred(double[][] curve) {
        double[][] result = new double[curve.length][curve[0].length];
        for (int c = 0; c < curve[0].length; c++) {
            double mean = 0;
            for (double[] frame : curve) {
                mean += frame[c] / curve.length;
            }
            for (int f = 0; f < curve.length; f++) {
                result[f][c] = curve[f][c] - mean;
            }
        }
        return result;
    }

    /** The target of a direction along one axis, straight between the extremes. */
    static double[][] linear(Direction direction, Axis axis, MotionAxis fitted, int frames) {
        int[] borders = direction.layout(frames).borders();
        double[][] curve = new double[frames][fitted.size()];
        for (int p = 0; p < direction.pieces().size(); p++) {
            Piece piece = direction.pieces().get(p);
            int length = borders[p + 1] - borders[p];
            // A piece of words spans the range; velocities add up so that full speed all the way does.
            double perFrame = piece.along(axis) / (direction.perFrame() ? frames - 1 : length);
            for (int f = borders[p]; f < borders[p + 1]; f++) {
                for (int c = 0; c < fitted.size(); c++) {
                    double range = fitted.high()[c] - fitted.low()[c];
                    curve[f + 1][c] = curve[f][c] + fitted.sign()[c] * range * perFrame;
                }
            }
        }
        return centred(curve);
    }

    /**
     * The target of a direction along one axis, each piece the trace of the pan clips of that heading, put end to end.
     *
     * @param forward trace of the axis' positive heading, [F'][d]
     * @param backward trace of its negative heading
     */
    static double[][] empirical(Direction direction, Axis axis, double[][] forward, double[][] backward, int frames) {
        checkNoVelocities(direction);
        int[] borders = direction.layout(frames).borders();
        double[][] curve = new double[frames][forward[0].length];
        for (int p = 0; p < direction.pieces().size(); p++) {
            double v = direction.pieces().get(p).along(axis);
            double[][] trace = v >= 0 ? forward : backward;
            for (int f = borders[p] + 1; f <= borders[p + 1]; f++) {
                double at = (double) (f - borders[p]) / (borders[p + 1] - borders[p]);
                for (int c = 0; c < trace[0].length; c++) {
                    double moved = at(trace, at, c) - trace[0][c];
                    curve[f][c] = curve[borders[p]][c] + Math.abs(v) * moved;
                }
            }
        }
        return centred(curve);
    }

    /**
     * The target of a direction along one axis, at each place: every piece runs through the whole map, backwards motion is
     * its negative.
     *
     * @param map while content moves along the axis, [F',d,H,W]
     * @return [frames,d,H,W]
     */
    static MotionTarget map(Direction direction, Axis axis, MotionTarget map, int frames) {
        checkNoVelocities(direction);
        int[] borders = direction.layout(frames).borders();
        try (Scope scope = Scope.noGrad()) {
            Tensor all = map.tensor();
            List<Tensor> each = new ArrayList<>();
            int p = 0;
            for (int f = 0; f < frames; f++) {
                if (f > borders[p + 1]) {
                    p++;
                }
                double place = (double) (f - borders[p]) / (borders[p + 1] - borders[p]) * (map.frames() - 1);
                int below = Math.min(map.frames() - 2, (int) place);
                Tensor frame = torch.lerp(all.select(0, below), all.select(0, below + 1), new Scalar(place - below));
                each.add(Ops.mul(frame, direction.pieces().get(p).along(axis)));
            }
            Tensor centred = Moft.removeContent(Ops.stack(0, each).unsqueeze(0)).select(0, 0);
            return new MotionTarget(map.channels(), Tensors.toFloats(centred), Tensors.shape(centred));
        }
    }

    private static void checkNoVelocities(Direction direction) {
        if (direction.perFrame()) {
            throw ZoetropeException.badInput(
                    "direction \"%s\": velocities have a linear curve only; use that one", direction.text());
        }
    }

    /** Channel c of a trace at a place from 0 to 1, interpolated. */
    private static double at(double[][] trace, double place, int c) {
        double position = place * (trace.length - 1);
        int below = Math.min(trace.length - 2, (int) position);
        double share = position - below;
        return (1 - share) * trace[below][c] + share * trace[below + 1][c];
    }
}
