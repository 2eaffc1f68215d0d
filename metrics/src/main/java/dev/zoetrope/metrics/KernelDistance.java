package dev.zoetrope.metrics;

import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.SeededGenerator;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Kernel distance (KID of pictures, KVD of videos; Bińkowski et al. 2018): the unbiased squared maximum mean discrepancy
 * with the kernel (x·y/D + 1)³, averaged over random subsets. Has no bias by sample size, so it may be negative, and is to
 * be preferred below 10,000 samples. Needs all features in memory. Some code multiplies it by 1000; this does not.
 */
public final class KernelDistance {
    private KernelDistance() {}

    /**
     * The mean over subsets drawn without repetition, for each first the generated rows and then the real ones.
     *
     * @param generated one row a sample
     * @param real one row a sample
     * @param subsets how many subsets, at least 1; 100 is usual
     * @param subsetSize rows of each, cut to the smaller set; 1000 is usual
     * @param seed of the drawing
     * @throws ZoetropeException BAD_INPUT for fewer than two rows, or rows of different lengths
     */
    public static double of(List<double[]> generated, List<double[]> real, int subsets, int subsetSize, long seed) {
        int size = Math.min(subsetSize, Math.min(generated.size(), real.size()));
        if (subsets < 1) {
            throw ZoetropeException.badInput("the kernel distance needs at least 1 subset, got %d", subsets);
        }
        double sum = 0;
        try (SeededGenerator generator = new SeededGenerator(seed)) {
            for (int i = 0; i < subsets; i++) {
                sum += ofSubset(
                        rows(generated, draw(generator, generated.size(), size)),
                        rows(real, draw(generator, real.size(), size)));
            }
        }
        return sum / subsets;
    }

    private static long[] draw(SeededGenerator generator, int from, int size) {
        try (Scope scope = Scope.noGrad()) {
            return java.util.Arrays.copyOf(Tensors.toLongs(generator.permutation(from)), size);
        }
    }

    private static List<double[]> rows(List<double[]> features, long[] which) {
        return java.util.Arrays.stream(which)
                .mapToObj(i -> features.get((int) i))
                .toList();
    }

    /** The estimate from two sets of equally many rows, all of them. */
    public static double ofSubset(List<double[]> generated, List<double[]> real) {
        int m = generated.size();
        if (m < 2 || real.size() != m) {
            throw ZoetropeException.badInput(
                    "the kernel distance needs at least 2 samples in each set, got %d and %d; add videos",
                    m, real.size());
        }
        try (Scope scope = Scope.noGrad()) {
            Tensor x = matrix(generated);
            Tensor y = matrix(real);
            Tensor within = kernel(x, x).add(kernel(y, y));
            double pairs = Tensors.item(within.sum()) - Tensors.item(within.trace());
            double across = Tensors.item(kernel(x, y).sum());
            return pairs / ((double) m * (m - 1)) - 2 * across / ((double) m * m);
        }
    }

    static Tensor kernel(Tensor x, Tensor y) {
        return x.matmul(y.t())
                .div(new Scalar((double) x.size(1)))
                .add(new Scalar(1.0))
                .pow(new Scalar(3.0));
    }

    static Tensor matrix(List<double[]> rows) {
        int width = rows.get(0).length;
        double[] values = new double[Math.multiplyExact(rows.size(), width)];
        for (int i = 0; i < rows.size(); i++) {
            if (rows.get(i).length != width) {
                throw ZoetropeException.badInput(
                        "features of %d and of %d values in one set", width, rows.get(i).length);
            }
            System.arraycopy(rows.get(i), 0, values, i * width, width);
        }
        return Tensors.of(values, rows.size(), width);
    }
}
