package dev.zoetrope.diffusion.scheduler;

import java.util.Arrays;

/**
 * The weights rho of one UniPC step: Zhao et al., arXiv:2302.04867, theorem 3.1 and equations 5 to 10.
 *
 * <pre>
 *   R[i][k] = r_k^i,  b[i] = phi_{i+1} (i+1)! / B,  phi_1 = e^h - 1,  phi_{k+1} = phi_k/h - 1/k!     (i, k from 0)
 *   corrector: R rho = b with r = (r_1, .., r_{p-1}, 1);  predictor: the same without the last row and column
 * </pre>
 */
final class UniPcStep {
    private final double[] ratios;
    private final double[] weights;
    private final double scale;

    private UniPcStep(double[] ratios, double[] weights, double scale) {
        this.ratios = ratios;
        this.weights = weights;
        this.scale = scale;
    }

    /**
     * Weights of the outputs of the steps before.
     *
     * @param ratios r_1..r_{p-1}
     * @param h signed step
     */
    static UniPcStep predictor(double[] ratios, double h, UniPcScheduler.SolverType type) {
        double scale = scale(h, type);
        // With one output before this one, 1/2 is used in place of the solution.
        double[] weights = ratios.length == 1 ? new double[] {0.5} : solve(ratios, h, scale);
        return new UniPcStep(ratios, weights, scale);
    }

    /** Weights of the outputs of the steps before, and last of the new output. */
    static UniPcStep corrector(double[] ratios, double h, UniPcScheduler.SolverType type) {
        double scale = scale(h, type);
        double[] all = Arrays.copyOf(ratios, ratios.length + 1);
        all[ratios.length] = 1;
        return new UniPcStep(ratios, all.length == 1 ? new double[] {0.5} : solve(all, h, scale), scale);
    }

    private static double scale(double h, UniPcScheduler.SolverType type) {
        return type == UniPcScheduler.SolverType.BH1 ? h : Math.expm1(h);
    }

    double ratio(int k) {
        return ratios[k];
    }

    double weight(int k) {
        return weights[k];
    }

    /** B(h). */
    double scale() {
        return scale;
    }

    /** Solves the Vandermonde system by Gaussian elimination with pivoting. */
    private static double[] solve(double[] r, double h, double scale) {
        int n = r.length;
        double[][] rows = new double[n][n + 1];
        double phi = Math.expm1(h) / h - 1;
        double factorial = 1;
        for (int i = 0; i < n; i++) {
            for (int k = 0; k < n; k++) {
                rows[i][k] = Math.pow(r[k], i);
            }
            rows[i][n] = phi * factorial / scale;
            factorial *= i + 2;
            phi = phi / h - 1 / factorial;
        }
        for (int column = 0; column < n; column++) {
            eliminate(rows, column);
        }
        double[] solution = new double[n];
        Arrays.setAll(solution, i -> rows[i][n] / rows[i][i]);
        return solution;
    }

    private static void eliminate(double[][] rows, int column) {
        int pivot = column;
        for (int i = column + 1; i < rows.length; i++) {
            pivot = Math.abs(rows[i][column]) > Math.abs(rows[pivot][column]) ? i : pivot;
        }
        double[] row = rows[pivot];
        rows[pivot] = rows[column];
        rows[column] = row;
        for (int i = 0; i < rows.length; i++) {
            if (i != column) {
                double factor = rows[i][column] / row[column];
                for (int k = column; k <= rows.length; k++) {
                    rows[i][k] -= factor * row[k];
                }
            }
        }
    }
}
