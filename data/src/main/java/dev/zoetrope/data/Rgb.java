package dev.zoetrope.data;

import com.google.errorprone.annotations.Immutable;

/** A colour, each channel 0 to 255 (not rounded when it is a measurement). */
@Immutable
public record Rgb(double red, double green, double blue) {
    /** Euclidean distance, 0 to 442. */
    public double distance(Rgb other) {
        double r = red - other.red;
        double g = green - other.green;
        double b = blue - other.blue;
        return Math.sqrt(r * r + g * g + b * b);
    }

    /** {@code (1 - amount) * this + amount * other}. */
    public Rgb mix(Rgb other, double amount) {
        return new Rgb(
                red + amount * (other.red - red),
                green + amount * (other.green - green),
                blue + amount * (other.blue - blue));
    }
}
