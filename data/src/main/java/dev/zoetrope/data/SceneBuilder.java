package dev.zoetrope.data;

import dev.zoetrope.data.Scene.Pose;
import dev.zoetrope.data.Scene.View;
import java.util.ArrayList;
import java.util.List;

/**
 * Draws sizes, speeds and places for given attributes so that the object stays inside every frame. The motion is first
 * laid out from the origin of the background; then the interval of starting points that keeps the outline in view of
 * the camera in all frames is computed, and the start drawn from it. If there is none the way is made shorter.
 */
final class SceneBuilder {
    private static final double MARGIN_PIXELS = 1;

    private final ClipSpec spec;
    private final Attributes attributes;
    private final double side;
    private final List<View> views = new ArrayList<>();
    private final double[] dx;
    private final double[] dy;
    private final double[] radius;
    private final double[] angle;

    private SceneBuilder(ClipSpec spec, Grammar grammar, Attributes attributes, ClipRandom random) {
        this.spec = spec;
        this.attributes = attributes;
        this.side = Math.min(spec.width(), spec.height());
        this.dx = new double[spec.frames()];
        this.dy = new double[spec.frames()];
        this.radius = new double[spec.frames()];
        this.angle = new double[spec.frames()];
        double size =
                side * random.between(grammar.radius().low(), grammar.radius().high());
        double way = side
                * random.between(
                        grammar.displacement().low(), grammar.displacement().high());
        double turn = StrictMath.toRadians(random.between(120, 300)) * (random.chance(0.5) ? 1 : -1);
        double pan = side * random.between(0.15, 0.25) * attributes.camera().pan();
        double zoom = random.between(1.25, 1.5);
        for (int f = 0; f < spec.frames(); f++) {
            double t = spec.frames() == 1 ? 0 : (double) f / (spec.frames() - 1);
            views.add(new View(t * pan, magnification(t, zoom)));
            move(f, t, size, way, turn);
        }
    }

    static Scene build(ClipSpec spec, Grammar grammar, Attributes attributes, ClipRandom random) {
        return new SceneBuilder(spec, grammar, attributes, random).place(random);
    }

    private double magnification(double t, double zoom) {
        return switch (attributes.camera().zoom()) {
            case 1 -> 1 + t * (zoom - 1);
            case -1 -> zoom - t * (zoom - 1);
            default -> 1;
        };
    }

    private void move(int f, double t, double size, double way, double turn) {
        Motion motion = attributes.motion();
        double each = motion.dx() != 0 && motion.dy() != 0 ? way * 0.7071 : way;
        dx[f] = motion.dx() * each * t;
        dy[f] = motion.dy() * each * t;
        radius[f] = size;
        switch (motion) {
            case BOUNCE -> {
                // Two hops, each a parabola.
                double hop = 2 * t - Math.floor(2 * t);
                dy[f] = -way * 4 * hop * (1 - hop);
            }
            case ROTATE -> angle[f] = turn * t;
            case GROW -> radius[f] = size * (0.6 + 0.7 * t);
            case SHRINK -> radius[f] = size * (1.3 - 0.7 * t);
            default -> {}
        }
    }

    private Scene place(ClipRandom random) {
        double[] x = start(dx, spec.width(), true);
        double[] y = start(dy, spec.height(), false);
        double x0 = random.between(x[0], x[1]);
        double y0 = random.between(y[0], y[1]);
        var poses = new ArrayList<Pose>();
        for (int f = 0; f < spec.frames(); f++) {
            View view = views.get(f);
            poses.add(new Pose(
                    (x0 + dx[f] - spec.width() / 2.0 - view.pan()) * view.zoom() + spec.width() / 2.0,
                    (y0 + dy[f] - spec.height() / 2.0) * view.zoom() + spec.height() / 2.0,
                    radius[f] * view.zoom(),
                    angle[f]));
        }
        return new Scene(attributes, poses, views, side / 6);
    }

    /** The lowest and highest starting point; shortens {@code way} in place until there is one. */
    private double[] start(double[] way, double length, boolean horizontal) {
        for (int attempt = 0; ; attempt++) {
            double low = Double.NEGATIVE_INFINITY;
            double high = Double.POSITIVE_INFINITY;
            for (int f = 0; f < way.length; f++) {
                View view = views.get(f);
                double pan = horizontal ? view.pan() : 0;
                double half = (length / 2 - MARGIN_PIXELS) / view.zoom();
                low = Math.max(low, length / 2 + pan - half + before(horizontal) * radius[f] - way[f]);
                high = Math.min(high, length / 2 + pan + half - after(horizontal) * radius[f] - way[f]);
            }
            if (low <= high || attempt == 200) {
                return low <= high ? new double[] {low, high} : new double[] {(low + high) / 2, (low + high) / 2};
            }
            for (int f = 0; f < way.length; f++) {
                way[f] *= 0.98;
            }
        }
    }

    private double before(boolean horizontal) {
        Shape shape = attributes.shape();
        if (attributes.motion() == Motion.ROTATE) {
            return shape.reach();
        }
        return horizontal ? shape.extent().side() : shape.extent().up();
    }

    private double after(boolean horizontal) {
        Shape shape = attributes.shape();
        if (attributes.motion() == Motion.ROTATE) {
            return shape.reach();
        }
        return horizontal ? shape.extent().side() : shape.extent().down();
    }
}
