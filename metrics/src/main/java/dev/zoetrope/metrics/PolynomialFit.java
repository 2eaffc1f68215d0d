package dev.zoetrope.metrics;

/**
 * The polynomial of degree 3 with the least squared error. The abscissa is mapped to [-1, 1] first, and the equations are
 * solved by modified Gram-Schmidt: the plain normal equations lose too many digits.
 */
final class PolynomialFit implements Interpolant {
    private static final int TERMS = 4;

    private final double centre;
    private final double scale;
    private final double[] coefficients;

    private PolynomialFit(double centre, double scale, double[] coefficients) {
        this.centre = centre;
        this.scale = scale;
        this.coefficients = coefficients;
    }

    static PolynomialFit cubic(double[] x, double[] y) {
        double centre = (x[0] + x[x.length - 1]) / 2;
        double scale = (x[x.length - 1] - x[0]) / 2;
        double[][] columns = new double[TERMS][x.length];
        for (int i = 0; i < x.length; i++) {
            for (int k = 0; k < TERMS; k++) {
                columns[k][i] = Math.pow((x[i] - centre) / scale, k);
            }
        }
        return new PolynomialFit(centre, scale, leastSquares(columns, y.clone()));
    }

    /** Coefficients c with the least |sum c_k column_k - y|; overwrites its arguments. */
    private static double[] leastSquares(double[][] columns, double[] y) {
        double[][] r = new double[TERMS][TERMS];
        double[] projections = new double[TERMS];
        for (int k = 0; k < TERMS; k++) {
            r[k][k] = Math.sqrt(dot(columns[k], columns[k]));
            addScaled(columns[k], columns[k], 1 / r[k][k] - 1);
            for (int j = k + 1; j < TERMS; j++) {
                r[k][j] = dot(columns[k], columns[j]);
                addScaled(columns[j], columns[k], -r[k][j]);
            }
            projections[k] = dot(columns[k], y);
            addScaled(y, columns[k], -projections[k]);
        }
        for (int k = TERMS - 1; k >= 0; k--) {
            for (int j = k + 1; j < TERMS; j++) {
                projections[k] -= r[k][j] * projections[j];
            }
            projections[k] /= r[k][k];
        }
        return projections;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    private static void addScaled(double[] target, double[] added, double factor) {
        for (int i = 0; i < target.length; i++) {
            target[i] += factor * added[i];
        }
    }

    @Override
    public double value(double x) {
        double u = (x - centre) / scale;
        double sum = 0;
        for (int k = TERMS - 1; k >= 0; k--) {
            sum = sum * u + coefficients[k];
        }
        return sum;
    }

    @Override
    public double integral(double low, double high) {
        return scale * (primitive((high - centre) / scale) - primitive((low - centre) / scale));
    }

    private double primitive(double u) {
        double sum = 0;
        for (int k = TERMS - 1; k >= 0; k--) {
            sum = sum * u + coefficients[k] / (k + 1);
        }
        return sum * u;
    }
}
