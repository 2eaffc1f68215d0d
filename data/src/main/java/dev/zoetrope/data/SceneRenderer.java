package dev.zoetrope.data;

import dev.zoetrope.data.Scene.Pose;
import dev.zoetrope.data.Scene.View;

/**
 * Pixels, masks and flow of a scene. Edges are smoothed analytically: the coverage of a pixel is one half minus the
 * signed distance from its centre to the outline, in pixels, clamped to 0 .. 1.
 */
final class SceneRenderer {
    private final ClipSpec spec;
    private final Scene scene;
    private final Attributes attributes;
    private final Rgb[] object;
    private final Rgb[] behind;

    SceneRenderer(ClipSpec spec, Scene scene) {
        this.spec = spec;
        this.scene = scene;
        this.attributes = scene.attributes();
        Rgb colour = attributes.colour().rgb();
        Rgb ground = attributes.background().rgb();
        boolean dark = ground.red() + ground.green() + ground.blue() < 384;
        Rgb far = dark ? new Rgb(255, 255, 255) : new Rgb(0, 0, 0);
        this.object = new Rgb[] {colour, colour.mix(new Rgb(0, 0, 0), 0.5)};
        this.behind = new Rgb[] {ground, ground.mix(far, 0.2)};
    }

    byte[][] frames() {
        var frames = new byte[spec.frames()][];
        boolean fixed = attributes.backgroundTexture() == Texture.PLAIN || attributes.camera() == Camera.STILL;
        byte[] empty = background(0);
        for (int f = 0; f < frames.length; f++) {
            frames[f] = fixed ? empty.clone() : background(f);
            paintObject(frames[f], f);
        }
        return frames;
    }

    private byte[] background(int f) {
        var pixels = new byte[spec.width() * spec.height() * 3];
        View view = scene.views().get(f);
        double stripe = scene.stripe();
        int at = 0;
        for (int y = 0; y < spec.height(); y++) {
            double v = ((y + 0.5 - spec.height() / 2.0) / view.zoom() + spec.height() / 2.0) / stripe;
            for (int x = 0; x < spec.width(); x++, at += 3) {
                double u = ((x + 0.5 - spec.width() / 2.0) / view.zoom() + spec.width() / 2.0 + view.pan()) / stripe;
                double second = attributes.backgroundTexture().secondTone(u, v, stripe * view.zoom());
                put(pixels, at, tone(behind, second), 1);
            }
        }
        return pixels;
    }

    private void paintObject(byte[] pixels, int f) {
        Pose pose = scene.poses().get(f);
        double cos = StrictMath.cos(pose.angle());
        double sin = StrictMath.sin(pose.angle());
        double stripe = pose.radius() * 0.4;
        int[] box = box(f);
        for (int y = box[1]; y < box[3]; y++) {
            for (int x = box[0]; x < box[2]; x++) {
                double coverage = 0.5 - pose.distance(attributes.shape(), x + 0.5, y + 0.5, cos, sin);
                if (coverage <= 0) {
                    continue;
                }
                Rgb colour = object[0];
                if (attributes.texture() != Texture.PLAIN) {
                    double u = (x + 0.5 - pose.x()) / stripe;
                    double v = (y + 0.5 - pose.y()) / stripe;
                    double second = attributes.texture().secondTone(cos * u + sin * v, cos * v - sin * u, stripe);
                    colour = tone(object, second);
                }
                put(pixels, (y * spec.width() + x) * 3, colour, Math.min(1, coverage));
            }
        }
    }

    private static Rgb tone(Rgb[] tones, double second) {
        return second == 0 ? tones[0] : tones[0].mix(tones[1], second);
    }

    private static void put(byte[] pixels, int at, Rgb colour, double coverage) {
        pixels[at] = blend(pixels[at], colour.red(), coverage);
        pixels[at + 1] = blend(pixels[at + 1], colour.green(), coverage);
        pixels[at + 2] = blend(pixels[at + 2], colour.blue(), coverage);
    }

    private static byte blend(byte under, double over, double coverage) {
        double below = under & 0xFF;
        return (byte) (int) (below + coverage * (over - below) + 0.5);
    }

    /** Left, top, right and bottom (exclusive) of the pixels the object can touch in frame {@code f}. */
    private int[] box(int f) {
        Pose pose = scene.poses().get(f);
        double reach = attributes.shape().reach() * pose.radius() + 2;
        return new int[] {
            (int) Math.max(0, Math.floor(pose.x() - reach)),
            (int) Math.max(0, Math.floor(pose.y() - reach)),
            (int) Math.min(spec.width(), Math.ceil(pose.x() + reach)),
            (int) Math.min(spec.height(), Math.ceil(pose.y() + reach))
        };
    }

    /** Object coverage of one frame, [H * W], 0 to 1. */
    float[] mask(int f) {
        var mask = new float[spec.width() * spec.height()];
        Pose pose = scene.poses().get(f);
        double cos = StrictMath.cos(pose.angle());
        double sin = StrictMath.sin(pose.angle());
        int[] box = box(f);
        for (int y = box[1]; y < box[3]; y++) {
            for (int x = box[0]; x < box[2]; x++) {
                double coverage = 0.5 - pose.distance(attributes.shape(), x + 0.5, y + 0.5, cos, sin);
                mask[y * spec.width() + x] = (float) Math.min(1, Math.max(0, coverage));
            }
        }
        return mask;
    }

    /**
     * How far the object has come since frame 0, spread over the pixels it covers, [2 * H * W], horizontal first: the way
     * of its centre times the coverage. The background counts as at rest.
     */
    float[] displacement(int f) {
        float[] mask = mask(f);
        Pose start = scene.poses().get(0);
        Pose now = scene.poses().get(f);
        var displacement = new float[2 * mask.length];
        for (int i = 0; i < mask.length; i++) {
            displacement[i] = mask[i] * (float) (now.x() - start.x());
            displacement[mask.length + i] = mask[i] * (float) (now.y() - start.y());
        }
        return displacement;
    }

    /** Displacement from frame {@code f} to the next of what each pixel shows, [2 * H * W], horizontal first. */
    float[] flow(int f) {
        int area = spec.width() * spec.height();
        var flow = new float[2 * area];
        float[] mask = mask(f);
        Pose a = scene.poses().get(f);
        Pose b = scene.poses().get(f + 1);
        View from = scene.views().get(f);
        View to = scene.views().get(f + 1);
        double scale = b.radius() / a.radius();
        double cos = StrictMath.cos(b.angle() - a.angle()) * scale;
        double sin = StrictMath.sin(b.angle() - a.angle()) * scale;
        double zoom = to.zoom() / from.zoom();
        for (int i = 0; i < area; i++) {
            int column = i % spec.width();
            int row = i / spec.width();
            double x = column + 0.5;
            double y = row + 0.5;
            if (mask[i] >= 0.5f) {
                flow[i] = (float) (b.x() + cos * (x - a.x()) - sin * (y - a.y()) - x);
                flow[area + i] = (float) (b.y() + sin * (x - a.x()) + cos * (y - a.y()) - y);
            } else {
                double cx = x - spec.width() / 2.0;
                double cy = y - spec.height() / 2.0;
                flow[i] = (float) (cx * zoom - (to.pan() - from.pan()) * to.zoom() - cx);
                flow[area + i] = (float) (cy * zoom - cy);
            }
        }
        return flow;
    }
}
