package dev.zoetrope.moft;

import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Principal components of features (sheet 2.2): which channels carry the motion. Computed in float64 with a symmetric
 * eigen-solver.
 *
 * @param first first component, [C]; its sign means nothing
 * @param second second component, [C]
 * @param shares share of each component in the variance, descending, [C]
 */
public record MotionChannels(double[] first, double[] second, double[] shares) {
    /**
     * Components of the rows.
     *
     * @param rows [n,C], at least two
     * @param centred whether the mean row is subtracted first; a reference clip alone is taken as it is
     * @throws ZoetropeException BAD_INPUT for fewer rows or a single channel
     */
    public static MotionChannels fit(Tensor rows, boolean centred) {
        if (rows.size(0) < 2 || rows.size(1) < 2) {
            throw ZoetropeException.badInput(
                    "principal components need at least 2 places and 2 channels, got %d and %d",
                    rows.size(0), rows.size(1));
        }
        try (Scope scope = Scope.noGrad()) {
            Tensor a = rows.to(ScalarType.Double);
            if (centred) {
                a = a.sub(a.mean(0L));
            }
            Tensor covariance = Ops.mul(a.t().matmul(a), 1.0 / (rows.size(0) - 1));
            T_TensorTensor_T solved = torch.linalg_eigh(covariance);
            double[] ascending = doubles(new Tensor(solved.get0()));
            Tensor vectors = new Tensor(solved.get1()); // a column each
            int count = ascending.length;
            double total = 0;
            for (double value : ascending) {
                total += Math.max(0, value);
            }
            double[] shares = new double[count];
            for (int i = 0; i < count; i++) {
                shares[i] = total > 0 ? Math.max(0, ascending[count - 1 - i]) / total : 0;
            }
            return new MotionChannels(
                    doubles(vectors.select(1, count - 1)), doubles(vectors.select(1, count - 2)), shares);
        }
    }

    private static double[] doubles(Tensor tensor) {
        try (Scope scope = Scope.noGrad()) {
            Tensor plain = tensor.contiguous();
            double[] values = new double[Math.toIntExact(plain.numel())];
            plain.data_ptr_double().get(values, 0, values.length);
            return values;
        }
    }

    /**
     * Features of one frame inside a mask as rows.
     *
     * @param features [1,F,C,H,W]
     * @param mask [1,H,W]
     * @return [n,C]
     */
    public static Tensor rows(Tensor features, int frame, Tensor mask) {
        try (Scope scope = Scope.noGrad()) {
            Tensor places = features.select(0, 0).select(0, frame).flatten(1, 2).t(); // [(H W),C]
            return scope.keep(places.index_select(0, chosen(mask)));
        }
    }

    private static Tensor chosen(Tensor mask) {
        float[] values = Tensors.toFloats(mask);
        long[] indices = IntStream.range(0, values.length)
                .filter(i -> values[i] > 0.5)
                .asLongStream()
                .toArray();
        return Tensors.of(indices, indices.length);
    }

    /** The channels with the greatest weight in the first component, greatest first. */
    public long[] top(int count) {
        if (count < 1 || count > first.length) {
            throw ZoetropeException.badInput(
                    "%d motion channels of %d, expected 1 to %d", count, first.length, first.length);
        }
        List<Integer> order =
                new ArrayList<>(IntStream.range(0, first.length).boxed().toList());
        order.sort(
                Comparator.comparingDouble((Integer c) -> -Math.abs(first[c])).thenComparing(c -> c));
        return order.stream().limit(count).mapToLong(Integer::longValue).toArray();
    }

    /** Rows [n,C] on the two components, not centred: [n][2]. */
    public double[][] project(Tensor rows) {
        try (Scope scope = Scope.noGrad()) {
            Tensor plane = Moft.tensor(new double[][] {first, second});
            return Moft.rows(rows.matmul(plane.t()));
        }
    }
}
