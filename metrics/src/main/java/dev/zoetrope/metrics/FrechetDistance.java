package dev.zoetrope.metrics;

import dev.zoetrope.metrics.FeatureStatistics.Normaliser;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.SeededGenerator;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Squared Fréchet distance of two Gaussians, |μ1 - μ2|² + Tr(Σ1 + Σ2 - 2 (Σ1 Σ2)^½): the core of FID and FVD.
 *
 * <p>With Σ1 = V diag(λ) V^T, negative λ set to 0, and A = V diag(√λ) V^T, the trace of the root is Σ √max(eig(A Σ2 A), 0).
 * Everything stays symmetric, so singular covariances need no added diagonal. Cost D³, in float64.
 */
public final class FrechetDistance {
    /** A negative result larger than this part of the traces is not rounding. */
    private static final double ROUNDING = 1e-6;

    private FrechetDistance() {}

    /** The distance of the Gaussians fitted to two sets. */
    public static double of(FeatureStatistics first, FeatureStatistics second, Normaliser normaliser) {
        return of(first.mean(), first.covariance(normaliser), second.mean(), second.covariance(normaliser));
    }

    /**
     * What the distance would be with endless samples.
     *
     * @param value the constant a of the fit d² = a + b / n
     * @param standardError of the constant
     */
    public record Extrapolation(double value, double standardError) {}

    private static final int SUBSETS = 5;

    /**
     * Extrapolates to endless samples: fits d² = a + b / n to n, n/2 and n/4 samples of each set, five random subsets each.
     * The finite sample biases the distance upwards by about D²/2n + 2D/n for unit covariances.
     *
     * @param seed of the subsets
     * @throws ZoetropeException BAD_INPUT for fewer than 16 samples
     */
    public static Extrapolation extrapolated(
            List<double[]> first, List<double[]> second, Normaliser normaliser, long seed) {
        int samples = Math.min(first.size(), second.size());
        if (samples < 16) {
            throw ZoetropeException.badInput("an extrapolation needs at least 16 samples of each set, got %d", samples);
        }
        List<double[]> points = new ArrayList<>();
        try (SeededGenerator generator = new SeededGenerator(seed)) {
            for (int size : new int[] {samples, samples / 2, samples / 4}) {
                for (int i = 0; i < SUBSETS; i++) {
                    double distance = of(subset(first, size, generator), subset(second, size, generator), normaliser);
                    points.add(new double[] {1.0 / size, distance});
                }
            }
        }
        return intercept(points);
    }

    private static FeatureStatistics subset(List<double[]> rows, int size, SeededGenerator generator) {
        FeatureStatistics statistics = new FeatureStatistics(rows.get(0).length);
        try (Scope scope = Scope.noGrad()) {
            long[] order = Tensors.toLongs(generator.permutation(rows.size()));
            for (int i = 0; i < size; i++) {
                statistics.add(rows.get((int) order[i]));
            }
        }
        return statistics;
    }

    /** The constant of a straight line by least squares. */
    private static Extrapolation intercept(List<double[]> points) {
        int n = points.size();
        double meanX = points.stream().mapToDouble(point -> point[0]).average().orElseThrow();
        double meanY = points.stream().mapToDouble(point -> point[1]).average().orElseThrow();
        double xx = points.stream()
                .mapToDouble(point -> (point[0] - meanX) * (point[0] - meanX))
                .sum();
        double xy = points.stream()
                .mapToDouble(point -> (point[0] - meanX) * (point[1] - meanY))
                .sum();
        double slope = xy / xx;
        double constant = meanY - slope * meanX;
        double residual = points.stream()
                .mapToDouble(point -> Math.pow(point[1] - constant - slope * point[0], 2))
                .sum();
        return new Extrapolation(constant, Math.sqrt(residual / (n - 2) * (1.0 / n + meanX * meanX / xx)));
    }

    /**
     * The distance of two Gaussians.
     *
     * @param covariance1 row-major, symmetric
     * @param covariance2 row-major, symmetric
     * @throws ZoetropeException BAD_INPUT if the sizes differ or a value is not finite
     */
    public static double of(double[] mean1, double[] covariance1, double[] mean2, double[] covariance2) {
        int n = mean1.length;
        long square = (long) n * n;
        if (mean2.length != n || covariance1.length != square || covariance2.length != square) {
            throw ZoetropeException.badInput(
                    "a Fréchet distance of features with %d and %d values; both sets need the same network",
                    n, mean2.length);
        }
        double meanTerm = 0;
        double traces = 0;
        for (int i = 0; i < n; i++) {
            meanTerm += (mean1[i] - mean2[i]) * (mean1[i] - mean2[i]);
            traces += covariance1[i * n + i] + covariance2[i * n + i];
        }
        double distance = meanTerm + traces - 2 * traceOfRoot(covariance1, covariance2, n);
        if (distance < -ROUNDING * traces || Double.isNaN(distance)) {
            throw ZoetropeException.badInput(
                    "the Fréchet distance comes out as %s; the covariances are not valid", distance);
        }
        return Math.max(0, distance);
    }

    private static double traceOfRoot(double[] covariance1, double[] covariance2, int n) {
        try (Scope scope = Scope.noGrad()) {
            T_TensorTensor_T eigen = torch.linalg_eigh(Tensors.of(covariance1, n, n), "L");
            Tensor roots =
                    eigen.get0().clamp_min(new org.bytedeco.pytorch.Scalar(0.0)).sqrt();
            Tensor vectors = eigen.get1();
            Tensor root = vectors.mul(roots).matmul(vectors.t());
            Tensor product = root.matmul(Tensors.of(covariance2, n, n)).matmul(root);
            Tensor symmetric = product.add(product.t()).div(new org.bytedeco.pytorch.Scalar(2.0));
            double sum = 0;
            for (double eigenvalue : Tensors.toDoubles(torch.linalg_eigvalsh(symmetric, "L"))) {
                sum += Math.sqrt(Math.max(0, eigenvalue));
            }
            return sum;
        }
    }
}
