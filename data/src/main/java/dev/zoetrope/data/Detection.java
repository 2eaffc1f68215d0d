package dev.zoetrope.data;

import java.util.Map;

/**
 * What a detector saw in a clip.
 *
 * @param framesWithObject how many frames show an object
 * @param overlaps mean overlap (intersection over union) with each shape, 0 to 1; empty if nothing was found
 * @param dx displacement of the object from the first to the last frame, pixels, by a robust line fit
 * @param dy the same, positive downwards
 * @param colour mean colour of the object
 * @param backgroundColour mean colour of the background
 */
public record Detection(
        Labels labels,
        int framesWithObject,
        Map<Shape, Double> overlaps,
        double dx,
        double dy,
        Rgb colour,
        Rgb backgroundColour) {
    public Detection {
        overlaps = Map.copyOf(overlaps);
    }
}
