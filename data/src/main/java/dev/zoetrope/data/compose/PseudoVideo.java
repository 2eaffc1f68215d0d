package dev.zoetrope.data.compose;

import dev.zoetrope.data.ClipRandom;
import dev.zoetrope.data.ClipSpec;
import dev.zoetrope.media.Frame;
import dev.zoetrope.media.Resize;
import dev.zoetrope.tensor.Sha256;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.ArrayList;
import java.util.List;

/**
 * A still as a video: a window moves over it and changes its size (random zooming and panning, Gu et al. 2023; the
 * distribution is that of the sheet, section 4.2). Both windows have the proportions of the clip; between them the size
 * runs geometrically and the centre linearly, so every window lies inside of the picture.
 *
 * @param start window of the first frame
 * @param end window of the last frame
 */
public record PseudoVideo(Window start, Window end) {
    /** A side of the picture must have at least this share of the clip's: less would be seen as blur. */
    private static final double LEAST_SIDE = 0.6;

    private static final double SMALLEST_WINDOW = 0.6;

    /** What the window does. */
    public enum Move {
        /** Its size changes, its centre stays. */
        ZOOM,
        /** Its centre moves, its size stays. */
        PAN,
        /** Both change. */
        BOTH
    }

    /** A rectangle on the picture in pixels, also parts of them. */
    public record Window(double centreX, double centreY, double width, double height) {
        double left() {
            return centreX - width / 2;
        }

        double top() {
            return centreY - height / 2;
        }
    }

    /**
     * Draws the windows: side u times the largest that fits, u uniform in 0.6 to 1, and a place uniform among those inside.
     *
     * @param id of the picture; the same id, seed and moves give the same windows
     * @param moves one of them is drawn
     * @throws ZoetropeException BAD_INPUT if the picture's shorter side is below 0.6 of the clip's
     */
    public static PseudoVideo draw(int width, int height, ClipSpec spec, List<Move> moves, String id, long seed) {
        int least = Math.min(spec.width(), spec.height());
        if (Math.min(width, height) < LEAST_SIDE * least) {
            throw ZoetropeException.badInput(
                    "has %dx%d pixels; clips of %dx%d need a shorter side of at least %d",
                    width, height, spec.width(), spec.height(), (int) Math.ceil(LEAST_SIDE * least));
        }
        ClipRandom random = random(id, seed);
        Move move = random.pick(moves);
        double largest = Math.min(width / (double) spec.width(), height / (double) spec.height());
        double first = largest * random.between(SMALLEST_WINDOW, 1);
        double second = move == Move.PAN ? first : largest * random.between(SMALLEST_WINDOW, 1);
        // A centre that both windows share must keep the larger one inside.
        double roomFor = move == Move.ZOOM ? Math.max(first, second) : first;
        Window start = place(width, height, spec, roomFor, random);
        Window end = move == Move.ZOOM ? start : place(width, height, spec, second, random);
        return new PseudoVideo(sized(start, spec, first), sized(end, spec, second));
    }

    /** The generator of one picture, or video, of a seed. */
    static ClipRandom random(String id, long seed) {
        return new ClipRandom(seed, Long.parseUnsignedLong(Sha256.of(id).substring(0, 16), 16));
    }

    private static Window place(int width, int height, ClipSpec spec, double scale, ClipRandom random) {
        double w = scale * spec.width();
        double h = scale * spec.height();
        return new Window(w / 2 + (width - w) * random.nextDouble(), h / 2 + (height - h) * random.nextDouble(), w, h);
    }

    private static Window sized(Window window, ClipSpec spec, double scale) {
        return new Window(window.centreX, window.centreY, scale * spec.width(), scale * spec.height());
    }

    /** The window at a part of the way, 0 the first to 1 the last. */
    public Window at(double s) {
        double ratio = end.width / start.width;
        double size = Math.pow(ratio, s);
        return new Window(
                (1 - s) * start.centreX + s * end.centreX,
                (1 - s) * start.centreY + s * end.centreY,
                s == 1 ? end.width : start.width * size,
                s == 1 ? end.height : start.height * size);
    }

    /**
     * The frames; a clip of one frame shows the first window.
     *
     * @param ease whether the window starts and stops gently, s*s*(3-2s), instead of moving evenly
     */
    public List<Frame> frames(Frame picture, ClipSpec spec, boolean ease) {
        List<Frame> frames = new ArrayList<>();
        for (int f = 0; f < spec.frames(); f++) {
            double s = spec.frames() == 1 ? 0 : f / (spec.frames() - 1.0);
            Window window = at(ease ? s * s * (3 - 2 * s) : s);
            frames.add(Resize.part(
                            picture,
                            window.left(),
                            window.top(),
                            window.width,
                            window.height,
                            spec.width(),
                            spec.height())
                    .at(f / spec.fps()));
        }
        return frames;
    }
}
