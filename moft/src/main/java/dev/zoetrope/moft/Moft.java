package dev.zoetrope.moft;

import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.Arrays;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The motion feature itself: "Video Diffusion Models are Training-free Motion Interpreter and Controller",
 * arXiv:2405.14864, equations 1 and 2. All functions are linear and differentiable.
 *
 * <p>Legend: B clips, F frames, C channels of a tap, d chosen channels, H W rows and columns of the feature grid. Features
 * are [B,F,C,H,W], frames before channels, which is how a tap comes out of the network.
 */
public final class Moft {
    private static final int FRAMES = 1;
    private static final int CHANNELS = 2;

    private Moft() {}

    /**
     * A tap as the network computes it, sorted by clip and frame.
     *
     * @param tap [(B F),C,H,W]
     * @return [B,F,C,H,W], a view
     */
    public static Tensor unfold(Tensor tap, long clips) {
        return tap.unflatten(0, clips, tap.size(0) / clips);
    }

    /** Equation 1: minus the mean over the frames, for each clip, channel and place. */
    public static Tensor removeContent(Tensor features) {
        return Ops.minusMean(features, FRAMES);
    }

    /**
     * Equation 2: the motion channels.
     *
     * @param channels int64 [d]
     * @return [B,F,d,H,W]
     */
    public static Tensor choose(Tensor features, Tensor channels) {
        return features.index_select(CHANNELS, channels);
    }

    /** Each frame resized, bilinear with half-pixel centres: [B,F,C,H,W] to [B,F,C,rows,columns]. */
    public static Tensor resize(Tensor features, long rows, long columns) {
        if (features.size(3) == rows && features.size(4) == columns) {
            return features;
        }
        try (Scope scope = Scope.open()) {
            Tensor flat = features.flatten(0, 1);
            Tensor resized = bilinear(flat, rows, columns);
            return scope.keep(resized.unflatten(0, features.size(0), features.size(1)));
        }
    }

    /** [N,C,H,W] to [N,C,rows,columns]. */
    static Tensor bilinear(Tensor x, long rows, long columns) {
        return torch.upsample_bilinear2d(
                x, new long[] {rows, columns}, false, new DoubleOptional(), new DoubleOptional());
    }

    /**
     * The mean over a region.
     *
     * @param features [B,F,C,H,W]
     * @param mask 0 or 1, [F,H,W], or [1,H,W] for all frames; at least one place in every frame
     * @return [B,F,C]
     */
    public static Tensor pool(Tensor features, Tensor mask) {
        checkGrid(features, mask);
        try (Scope scope = Scope.open()) {
            Tensor weights = mask.div(mask.sum(new long[] {1, 2}, true, new org.bytedeco.pytorch.ScalarTypeOptional()));
            Tensor weighted = features.mul(weights.unsqueeze(0).unsqueeze(CHANNELS)); // [B,F,C,H,W]
            return scope.keep(weighted.sum(3, 4));
        }
    }

    static void checkGrid(Tensor features, Tensor mask) {
        boolean frames = mask.size(0) == 1 || mask.size(0) == features.size(FRAMES);
        if (!frames || mask.size(1) != features.size(3) || mask.size(2) != features.size(4)) {
            throw ZoetropeException.badInput(
                    "a mask of %s does not fit features of %s; bring it to their grid first",
                    Arrays.toString(Tensors.shape(mask)), Arrays.toString(Tensors.shape(features)));
        }
    }

    /**
     * The centre of a feature grid, a quarter of its sides: rows and columns 24 to 39 of 64.
     *
     * @return mask [1,H,W]
     */
    public static Tensor centre(int rows, int columns) {
        float[] mask = new float[rows * columns];
        int height = Math.max(1, Math.round(rows / 4f));
        int width = Math.max(1, Math.round(columns / 4f));
        int top = (rows - height) / 2;
        int left = (columns - width) / 2;
        for (int y = top; y < top + height; y++) {
            Arrays.fill(mask, y * columns + left, y * columns + left + width, 1);
        }
        return Tensors.of(mask, 1, rows, columns);
    }

    /** The motion trace of a clip: content removed, then the mean over a region: [B,F,C,H,W] to [B,F,C]. */
    public static Tensor trace(Tensor features, Tensor mask) {
        try (Scope scope = Scope.open()) {
            return scope.keep(removeContent(pool(features, mask)));
        }
    }

    /** Root of the mean square of each clip, [B,...] to [B,1,...]. */
    static Tensor rms(Tensor x) {
        try (Scope scope = Scope.open()) {
            long[] axes = new long[Math.toIntExact(x.dim()) - 1];
            Arrays.setAll(axes, i -> i + 1L);
            return scope.keep(torch.sqrt(x.mul(x).mean(axes, true, new org.bytedeco.pytorch.ScalarTypeOptional())));
        }
    }

    /** Values of a constant tensor as rows. */
    static double[][] rows(Tensor matrix) {
        float[] values = Tensors.toFloats(matrix);
        int columns = Math.toIntExact(matrix.size(1));
        double[][] rows = new double[Math.toIntExact(matrix.size(0))][columns];
        for (int i = 0; i < values.length; i++) {
            rows[i / columns][i % columns] = values[i];
        }
        return rows;
    }

    /** A matrix as a float32 tensor. */
    static Tensor tensor(double[][] rows) {
        float[] values = new float[rows.length * rows[0].length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) rows[i / rows[0].length][i % rows[0].length];
        }
        return Tensors.of(values, rows.length, rows[0].length);
    }

    /** The part [start, end) of the frames. */
    static Tensor frames(Tensor features, long start, long end) {
        return Ops.slice(features, FRAMES, start, end);
    }
}
