package dev.zoetrope.metrics;

/** A curve through points. */
interface Interpolant {
    double value(double x);

    /** The integral from {@code low} to {@code high}, in closed form. */
    double integral(double low, double high);
}
