package dev.zoetrope.data;

import java.util.List;

/**
 * The ground truth of a clip: what is in it and where, frame by frame. Pixel coordinates grow to the right and
 * downwards; the centre of the top left pixel is (0.5, 0.5).
 *
 * @param poses the object on screen, one a frame
 * @param views the camera, one a frame
 * @param stripe width of a background stripe, pixels at magnification 1
 */
public record Scene(Attributes attributes, List<Pose> poses, List<View> views, double stripe) {
    public Scene {
        poses = List.copyOf(poses);
        views = List.copyOf(views);
    }

    /**
     * Where the object is.
     *
     * @param x centre, pixels from the left edge
     * @param y centre, pixels from the top edge
     * @param radius nominal radius, pixels
     * @param angle turn, radians, clockwise on screen
     */
    public record Pose(double x, double y, double radius, double angle) {
        /** Signed distance from a pixel position to the outline, in pixels, negative inside. */
        double distance(Shape shape, double px, double py, double cos, double sin) {
            double dx = (px - x) / radius;
            double dy = (py - y) / radius;
            return radius * shape.distance(cos * dx + sin * dy, cos * dy - sin * dx);
        }
    }

    /**
     * Where the camera looks: a point p of the background is seen at {@code (p - centre - pan) * zoom + centre}.
     *
     * @param pan horizontal displacement of the camera, pixels, positive to the right
     * @param zoom magnification
     */
    public record View(double pan, double zoom) {}
}
