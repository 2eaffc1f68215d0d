package dev.zoetrope.metrics;

import dev.zoetrope.tensor.ZoetropeException;

/**
 * Bjøntegaard deltas: how much one rate-distortion curve saves over another, as the mean gap between the curves on the
 * interval that both cover (VCEG-M33; sheet section 11).
 */
public final class BjontegaardDelta {
    /** How a curve is drawn through its points. Numbers of different methods must not be mixed. */
    public enum Method {
        /** Akima's piecewise cubic: the most stable; the default. */
        AKIMA(2),
        /** Monotone piecewise cubic, as in the spreadsheets of JCT-VC and JVET. */
        PCHIP(2),
        /** One polynomial of degree 3 by least squares, the original method; it is not monotone and fails with many points. */
        CUBIC(4);

        private final int minimumPoints;

        Method(int minimumPoints) {
            this.minimumPoints = minimumPoints;
        }

        /** @throws ZoetropeException BAD_INPUT for too few points */
        Interpolant through(double[] x, double[] y) {
            if (x.length < minimumPoints) {
                throw ZoetropeException.badInput(
                        "the method %s needs at least %d points, got %d; use akima", this, minimumPoints, x.length);
            }
            return switch (this) {
                case AKIMA -> HermiteCurve.akima(x, y);
                case PCHIP -> HermiteCurve.pchip(x, y);
                case CUBIC -> PolynomialFit.cubic(x, y);
            };
        }
    }

    /**
     * A delta.
     *
     * @param value percent of rate (negative: the test saves rate) or units of quality (positive: the test is better);
     *     NaN without a common interval
     * @param overlap length of the common interval over that of both together, 0 to 1; below 0.75 the value says little
     */
    public record Delta(double value, double overlap) {
        /** Whether the curves share so little that the value should not be quoted. */
        public boolean doubtful() {
            return !(overlap >= 0.75);
        }
    }

    private BjontegaardDelta() {}

    /** Rate at equal quality, percent. */
    public static Delta rate(RateCurve anchor, RateCurve test, Method method) {
        Delta gap = meanGap(anchor.qualities(), anchor.logRates(), test.qualities(), test.logRates(), method);
        return new Delta(100 * (Math.pow(10, gap.value()) - 1), gap.overlap());
    }

    /** Quality at equal rate, in units of the quality. */
    public static Delta quality(RateCurve anchor, RateCurve test, Method method) {
        return meanGap(anchor.logRates(), anchor.qualities(), test.logRates(), test.qualities(), method);
    }

    /** log10 of the rate at equally spaced qualities, from the lowest of the curve to its highest. */
    public static double[] logRatesOverQuality(RateCurve curve, Method method, int points) {
        return sampled(curve.qualities(), curve.logRates(), method, points);
    }

    /** The quality at equally spaced values of log10 rate, from the lowest of the curve to its highest. */
    public static double[] qualitiesOverLogRate(RateCurve curve, Method method, int points) {
        return sampled(curve.logRates(), curve.qualities(), method, points);
    }

    private static double[] sampled(double[] x, double[] y, Method method, int points) {
        Interpolant curve = method.through(x, y);
        double step = (x[x.length - 1] - x[0]) / (points - 1);
        double[] values = new double[points];
        java.util.Arrays.setAll(values, i -> curve.value(i == points - 1 ? x[x.length - 1] : x[0] + i * step));
        return values;
    }

    /**
     * As many points in both curves, which a fair comparison has.
     *
     * @throws ZoetropeException BAD_INPUT otherwise
     */
    public static void requireEqualCounts(RateCurve anchor, RateCurve test) {
        if (anchor.points() != test.points()) {
            throw ZoetropeException.badInput(
                    "the anchor has %d points and the test %d; measure both at as many, or allow unequal counts",
                    anchor.points(), test.points());
        }
    }

    private static Delta meanGap(double[] x1, double[] y1, double[] x2, double[] y2, Method method) {
        Interpolant anchor = method.through(x1, y1);
        Interpolant test = method.through(x2, y2);
        double low = Math.max(x1[0], x2[0]);
        double high = Math.min(x1[x1.length - 1], x2[x2.length - 1]);
        double union = Math.max(x1[x1.length - 1], x2[x2.length - 1]) - Math.min(x1[0], x2[0]);
        if (!(high > low)) {
            return new Delta(Double.NaN, 0);
        }
        double gap = (test.integral(low, high) - anchor.integral(low, high)) / (high - low);
        return new Delta(gap, (high - low) / union);
    }
}
