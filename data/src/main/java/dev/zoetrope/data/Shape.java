package dev.zoetrope.data;

import com.google.errorprone.annotations.Immutable;

/**
 * The outline of the object, around a centre that is its centroid, in units of its nominal radius. {@code u} points
 * right and {@code v} points down, as on screen. Areas are close enough that size tells nothing about the shape.
 */
public enum Shape {
    CIRCLE("circle", Math.PI, new Extent(1, 1, 1), 1, 360) {
        @Override
        double distance(double u, double v) {
            return Math.sqrt(u * u + v * v) - 1;
        }
    },
    SQUARE("square", 4 * 0.886 * 0.886, new Extent(0.886, 0.886, 0.886), 1.253, 90) {
        @Override
        double distance(double u, double v) {
            return Math.max(Math.abs(u), Math.abs(v)) - 0.886;
        }
    },
    /** Equilateral, apex up, circumradius 1.25. */
    TRIANGLE("triangle", 2.0297, new Extent(1.0825, 1.25, 0.625), 1.25, 120) {
        @Override
        double distance(double u, double v) {
            return Math.max(v, 0.8660254 * Math.abs(u) - 0.5 * v) - 0.625;
        }
    },
    /** An upright plus sign. */
    CROSS("cross", 8 * 1.05 * 0.37 - 4 * 0.37 * 0.37, new Extent(1.05, 1.05, 1.05), 1.1133, 90) {
        @Override
        double distance(double u, double v) {
            double a = Math.abs(u);
            double b = Math.abs(v);
            return Math.max(Math.max(a, b) - 1.05, Math.min(a, b) - 0.37);
        }
    };

    /** How far the upright shape reaches sideways, up and down from its centre, in radii. */
    @Immutable
    record Extent(double side, double up, double down) {}

    private final String word;
    private final double area;
    private final Extent extent;
    private final double reach;
    private final int symmetryDegrees;

    Shape(String word, double area, Extent extent, double reach, int symmetryDegrees) {
        this.word = word;
        this.area = area;
        this.extent = extent;
        this.reach = reach;
        this.symmetryDegrees = symmetryDegrees;
    }

    /** The caption word. */
    public String word() {
        return word;
    }

    /** Area in squared radii. */
    public double area() {
        return area;
    }

    /** The smallest turn that maps the shape onto itself; 360 for the circle, whose turns cannot be seen. */
    public int symmetryDegrees() {
        return symmetryDegrees;
    }

    /** Distance from (u, v) to the outline in radii, negative inside; exact along the edges. */
    abstract double distance(double u, double v);

    Extent extent() {
        return extent;
    }

    /** The largest distance of the outline from the centre, in radii. */
    double reach() {
        return reach;
    }
}
