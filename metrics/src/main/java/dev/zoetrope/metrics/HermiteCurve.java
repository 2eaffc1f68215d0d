package dev.zoetrope.metrics;

import java.util.Arrays;

/**
 * Piecewise cubic through points (x_i, y_i) with slopes d_i: on [x_i, x_i+1], with s = Δy/h and τ = x - x_i, y = y_i + d_i τ
 * + (3s - 2d_i - d_i+1)/h τ² + (d_i + d_i+1 - 2s)/h² τ³.
 */
final class HermiteCurve implements Interpolant {
    /** Weights of Akima's mean that are smaller than this, relative to the largest, count as 0. */
    private static final double AKIMA_FLAT = 1e-9;

    private final double[] x;
    private final double[] y;
    private final double[] slopes;

    private HermiteCurve(double[] x, double[] y, double[] slopes) {
        this.x = x.clone();
        this.y = y.clone();
        this.slopes = slopes;
    }

    /** Akima 1970. Two points give a straight line. */
    static HermiteCurve akima(double[] x, double[] y) {
        int n = x.length;
        double[] m = segmentSlopes(x, y);
        if (n == 2) {
            return new HermiteCurve(x, y, new double[] {m[0], m[0]});
        }
        // Two more slopes on each side, so that e[i + 2] is the slope right of point i.
        double[] e = new double[n + 3];
        System.arraycopy(m, 0, e, 2, n - 1);
        e[1] = 2 * e[2] - e[3];
        e[0] = 2 * e[1] - e[2];
        e[n + 1] = 2 * e[n] - e[n - 1];
        e[n + 2] = 2 * e[n + 1] - e[n];
        double largest = 0;
        for (int i = 0; i < n; i++) {
            largest = Math.max(largest, Math.abs(e[i + 3] - e[i + 2]) + Math.abs(e[i + 1] - e[i]));
        }
        double[] slopes = new double[n];
        for (int i = 0; i < n; i++) {
            double right = Math.abs(e[i + 3] - e[i + 2]);
            double left = Math.abs(e[i + 1] - e[i]);
            slopes[i] = right + left > AKIMA_FLAT * largest
                    ? (right * e[i + 1] + left * e[i + 2]) / (right + left)
                    : (e[i] + e[i + 3]) / 2;
        }
        return new HermiteCurve(x, y, slopes);
    }

    /** Fritsch and Butland 1984: monotone where the points are. */
    static HermiteCurve pchip(double[] x, double[] y) {
        int n = x.length;
        double[] m = segmentSlopes(x, y);
        double[] slopes = new double[n];
        if (n == 2) {
            Arrays.fill(slopes, m[0]);
            return new HermiteCurve(x, y, slopes);
        }
        for (int i = 1; i < n - 1; i++) {
            double before = x[i] - x[i - 1];
            double after = x[i + 1] - x[i];
            double w1 = 2 * after + before;
            double w2 = after + 2 * before;
            slopes[i] = m[i - 1] * m[i] <= 0 ? 0 : (w1 + w2) / (w1 / m[i - 1] + w2 / m[i]);
        }
        slopes[0] = endSlope(x[1] - x[0], x[2] - x[1], m[0], m[1]);
        slopes[n - 1] = endSlope(x[n - 1] - x[n - 2], x[n - 2] - x[n - 3], m[n - 2], m[n - 3]);
        return new HermiteCurve(x, y, slopes);
    }

    private static double endSlope(double h0, double h1, double m0, double m1) {
        double slope = ((2 * h0 + h1) * m0 - h0 * m1) / (h0 + h1);
        if (Math.signum(slope) != Math.signum(m0)) {
            return 0;
        }
        boolean overshoots = Math.signum(m0) != Math.signum(m1) && Math.abs(slope) > 3 * Math.abs(m0);
        return overshoots ? 3 * m0 : slope;
    }

    private static double[] segmentSlopes(double[] x, double[] y) {
        double[] m = new double[x.length - 1];
        for (int i = 0; i < m.length; i++) {
            m[i] = (y[i + 1] - y[i]) / (x[i + 1] - x[i]);
        }
        return m;
    }

    @Override
    public double value(double at) {
        int i = segment(at);
        double[] c = cubic(i);
        double t = at - x[i];
        return y[i] + t * (c[0] + t * (c[1] + t * c[2]));
    }

    @Override
    public double integral(double low, double high) {
        return primitive(high) - primitive(low);
    }

    /** The integral from the first point to {@code at}. */
    private double primitive(double at) {
        int last = segment(at);
        double sum = 0;
        for (int i = 0; i <= last; i++) {
            double[] c = cubic(i);
            double t = (i == last ? at : x[i + 1]) - x[i];
            sum += t * (y[i] + t * (c[0] / 2 + t * (c[1] / 3 + t * c[2] / 4)));
        }
        return sum;
    }

    private int segment(double at) {
        int i = 0;
        while (i < x.length - 2 && at >= x[i + 1]) {
            i++;
        }
        return i;
    }

    private double[] cubic(int i) {
        double h = x[i + 1] - x[i];
        double s = (y[i + 1] - y[i]) / h;
        return new double[] {
            slopes[i], (3 * s - 2 * slopes[i] - slopes[i + 1]) / h, (slopes[i] + slopes[i + 1] - 2 * s) / (h * h)
        };
    }
}
