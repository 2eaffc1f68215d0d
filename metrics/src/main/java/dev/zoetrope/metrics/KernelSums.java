package dev.zoetrope.metrics;

import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * The kernel of {@link KernelDistance} summed over the rows of every two videos, so that the distance of a re-sample of
 * videos is a weighted sum: with V videos of f rows it costs V² additions, where the first computation costs (V f)²
 * kernels. Each video once gives the unbiased estimate from all rows.
 *
 * <p>Two draws of one video are no pair: a row beside itself would raise the estimate.
 */
public final class KernelSums {
    private final List<List<double[]>> generated;
    private final List<List<double[]>> real;
    private final double[][] withinGenerated;
    private final double[][] withinReal;
    private final double[][] across;

    /**
     * Computes all sums.
     *
     * @param generated the rows of each video
     * @param real the rows of each video
     */
    public KernelSums(List<List<double[]>> generated, List<List<double[]>> real) {
        this.generated = List.copyOf(generated);
        this.real = List.copyOf(real);
        this.withinGenerated = sums(generated, generated, true);
        this.withinReal = sums(real, real, true);
        this.across = sums(generated, real, false);
    }

    /** One row of kernels with all videos at a time: memory is that of the features and of one video's kernels. */
    private static double[][] sums(List<List<double[]>> first, List<List<double[]>> second, boolean same) {
        double[][] sums = new double[first.size()][second.size()];
        try (Scope scope = Scope.noGrad()) {
            Tensor all =
                    KernelDistance.matrix(second.stream().flatMap(List::stream).toList());
            for (int i = 0; i < first.size(); i++) {
                sums[i] = sums(first.get(i), second, all, same ? i : -1);
            }
        }
        return sums;
    }

    /** @param own the video among the second that {@code rows} are, whose rows are no pair with themselves, or -1 */
    private static double[] sums(List<double[]> rows, List<List<double[]>> videos, Tensor all, int own) {
        try (Scope scope = Scope.noGrad()) {
            Tensor kernel = KernelDistance.kernel(KernelDistance.matrix(rows), all);
            double[] columns = Tensors.toDoubles(kernel.sum(0));
            double[] sums = new double[videos.size()];
            int column = 0;
            for (int video = 0; video < sums.length; video++) {
                int start = column;
                for (int row = 0; row < videos.get(video).size(); row++) {
                    sums[video] += columns[column++];
                }
                if (video == own) {
                    sums[video] -=
                            Tensors.item(kernel.narrow(1, start, rows.size()).trace());
                }
            }
            return sums;
        }
    }

    /**
     * The distance of a re-sample.
     *
     * @param generatedDraw numbers of the generated videos
     * @param realDraw numbers of the real videos
     */
    public double of(int[] generatedDraw, int[] realDraw) {
        int[] w = multiplicities(generatedDraw, generated.size());
        int[] v = multiplicities(realDraw, real.size());
        double sum = 0;
        double pairs = 0;
        for (int i = 0; i < w.length; i++) {
            for (int j = 0; j < v.length; j++) {
                sum += (double) w[i] * v[j] * across[i][j];
                pairs += (double) w[i]
                        * v[j]
                        * generated.get(i).size()
                        * real.get(j).size();
            }
        }
        return within(withinGenerated, generated, w) + within(withinReal, real, v) - 2 * sum / pairs;
    }

    private static double within(double[][] sums, List<List<double[]>> videos, int... draws) {
        double sum = 0;
        double pairs = 0;
        for (int i = 0; i < draws.length; i++) {
            int rows = videos.get(i).size();
            sum += draws[i] * sums[i][i];
            pairs += (double) draws[i] * rows * (rows - 1);
            for (int j = i + 1; j < draws.length && draws[i] > 0; j++) {
                double both = 2.0 * draws[i] * draws[j];
                sum += both * sums[i][j];
                pairs += both * rows * videos.get(j).size();
            }
        }
        return sum / pairs;
    }

    private static int[] multiplicities(int[] draw, int size) {
        int[] counts = new int[size];
        for (int item : draw) {
            counts[item]++;
        }
        return counts;
    }
}
