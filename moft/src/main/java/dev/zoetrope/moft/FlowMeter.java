package dev.zoetrope.moft;

import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Measures how the content of a region moves: for each pair of frames the shift with the least squared error, among all
 * shifts in steps of half a pixel.
 */
public final class FlowMeter {
    private static final double STEP = 0.5;

    private final int most;
    private final boolean toroidal;

    private FlowMeter(int most, boolean toroidal) {
        if (most < 1) {
            throw ZoetropeException.badInput("largest shift: %d pixels, expected at least 1", most);
        }
        this.most = most;
        this.toroidal = toroidal;
    }

    /** For ordinary video: linear interpolation, and the border that a shift brings in does not count. */
    public static FlowMeter plain(int mostPixels) {
        return new FlowMeter(mostPixels, false);
    }

    /** For pictures without a border, which continue on the other side: exact shifts of their Fourier series. */
    public static FlowMeter toroidal(int mostPixels) {
        return new FlowMeter(mostPixels, true);
    }

    /**
     * The motion between frames.
     *
     * @param video brightness [F,H,W]
     * @param weight of each pixel, at least 0, [H,W] or [F,H,W]
     * @return velocity of the content (right, down) in pixels a frame, [F-1][2]
     */
    public double[][] flow(Tensor video, Tensor weight) {
        int frames = Math.toIntExact(video.size(0));
        if (frames < 2) {
            throw ZoetropeException.badInput("%d frame: motion needs at least 2", frames);
        }
        try (Scope scope = Scope.noGrad()) {
            Tensor before = Ops.slice(video, 0, 0, frames - 1);
            Tensor after = Ops.slice(video, 0, 1, frames);
            Tensor all = weight.dim() == 2 ? weight.unsqueeze(0).expand_as(video) : weight;
            Tensor counted = inside(Ops.slice(all, 0, 1, frames));
            double[] least = new double[frames - 1];
            java.util.Arrays.fill(least, Double.POSITIVE_INFINITY);
            double[][] best = new double[frames - 1][2];
            Tensor columnShifts = shifts(video.size(2)).transpose(1, 2).unsqueeze(1); // [S,1,W,W]
            Tensor rowShifts = shifts(video.size(1)); // [S,H,H]
            int count = Math.toIntExact(rowShifts.size(0));
            for (int i = 0; i < count; i++) {
                float[] errors = errors(rowShifts.select(0, i).matmul(before), columnShifts, after, counted);
                for (int j = 0; j < count; j++) {
                    keepBest(errors, j, least, best, -most + STEP * j, -most + STEP * i);
                }
            }
            return best;
        }
    }

    /** @param errors of shift j of each pair of frames, [S][F-1] */
    private static void keepBest(float[] errors, int j, double[] least, double[][] best, double dx, double dy) {
        for (int f = 0; f < least.length; f++) {
            // Of equal ones the shorter shift: a picture without texture is at rest.
            double error = errors[j * least.length + f] + 1e-9 * Math.hypot(dx, dy);
            if (error < least[f]) {
                least[f] = error;
                best[f] = new double[] {dx, dy};
            }
        }
    }

    /** Mean squared errors of all shifts along the rows, [S][F-1]. */
    private static float[] errors(Tensor rowsMoved, Tensor columnShifts, Tensor after, Tensor weight) {
        try (Scope scope = Scope.noGrad()) {
            Tensor difference = rowsMoved.unsqueeze(0).matmul(columnShifts).sub(after); // [S,F-1,H,W]
            return Tensors.toFloats(difference.mul(difference).mul(weight).mean(2, 3));
        }
    }

    /** Mean velocity (right, down) over the clip, pixels a frame. */
    public double[] mean(Tensor video, Tensor weight) {
        double[][] flow = flow(video, weight);
        double[] mean = new double[2];
        for (double[] pair : flow) {
            mean[0] += pair[0] / flow.length;
            mean[1] += pair[1] / flow.length;
        }
        return mean;
    }

    /** Without the border that a shift may bring in, unless nothing would be left. */
    private Tensor inside(Tensor weight) {
        if (toroidal || weight.size(1) <= 2L * most || weight.size(2) <= 2L * most) {
            return weight;
        }
        Tensor inner = Ops.slice(Ops.slice(weight, 1, most, weight.size(1) - most), 2, most, weight.size(2) - most);
        Tensor padded = Ops.pad2d(inner, most, most, most, most);
        return Tensors.item(torch.amin(padded.sum(1, 2), new long[] {0}, false)) > 0 ? padded : weight;
    }

    /** The matrices of all shifts along an axis, [S,n,n]. */
    private Tensor shifts(long size) {
        List<Tensor> all = new ArrayList<>();
        for (double distance = -most; distance <= most; distance += STEP) {
            all.add(shift(size, distance));
        }
        return Ops.stack(0, all);
    }

    /** The matrix that moves the values along an axis of {@code size} forward by {@code distance}. */
    private Tensor shift(long size, double distance) {
        int n = Math.toIntExact(size);
        float[] matrix = new float[n * n];
        for (int to = 0; to < n; to++) {
            for (int from = 0; from < n; from++) {
                matrix[to * n + from] = (float) (toroidal ? fourier(n, to - from - distance) : 0);
            }
            if (!toroidal) {
                double source = Math.max(0, Math.min(n - 1, to - distance));
                int below = Math.min(n - 2, (int) source);
                matrix[to * n + below] += (float) (1 - (source - below));
                matrix[to * n + below + 1] += (float) (source - below);
            }
        }
        return Tensors.of(matrix, n, n);
    }

    /** The interpolating trigonometric kernel of a period of n samples. */
    private static double fourier(int n, double lag) {
        double sum = 1;
        for (int k = 1; k < (n + 1) / 2; k++) {
            sum += 2 * Math.cos(2 * Math.PI * k * lag / n);
        }
        if (n % 2 == 0) {
            sum += Math.cos(Math.PI * lag);
        }
        return sum / n;
    }
}
