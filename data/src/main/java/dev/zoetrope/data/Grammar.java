package dev.zoetrope.data;

import dev.zoetrope.tensor.ZoetropeException;
import java.util.ArrayList;
import java.util.List;

/**
 * The choices clips are drawn from.
 *
 * @param textures of the object
 * @param cameras any but still asks for a texture on the background, or the move could not be seen
 * @param radius nominal radius of the object, in units of the shorter side of the frame
 * @param displacement way of a translation from the first to the last frame, in units of the shorter side
 */
public record Grammar(
        List<Shape> shapes,
        List<Colour> colours,
        List<Background> backgrounds,
        List<Texture> textures,
        List<Texture> backgroundTextures,
        List<Motion> motions,
        List<Camera> cameras,
        Range radius,
        Range displacement) {

    /** Uniform between two values, 0 to 0.5 the shorter side. */
    public record Range(double low, double high) {
        public Range {
            if (!(low > 0 && low <= high && high <= 0.5)) {
                throw ZoetropeException.badInput("range %s to %s: must be within 0 to 0.5, lowest first", low, high);
            }
        }
    }

    public Grammar {
        shapes = List.copyOf(shapes);
        colours = List.copyOf(colours);
        backgrounds = List.copyOf(backgrounds);
        textures = List.copyOf(textures);
        backgroundTextures = List.copyOf(backgroundTextures);
        motions = List.copyOf(motions);
        cameras = List.copyOf(cameras);
        for (List<?> choices : List.of(shapes, colours, backgrounds, textures, backgroundTextures, motions, cameras)) {
            if (choices.isEmpty()) {
                throw ZoetropeException.badInput("a grammar needs at least one choice of everything");
            }
        }
        for (Colour colour : colours) {
            if (backgrounds.stream().noneMatch(b -> b.suits(colour))) {
                throw ZoetropeException.badInput("no background of the grammar suits a %s object", colour.word());
            }
        }
        boolean patterned = backgroundTextures.stream().anyMatch(t -> t != Texture.PLAIN);
        if (!patterned && !cameras.equals(List.of(Camera.STILL))) {
            throw ZoetropeException.badInput("a moving camera needs a background texture, or its move cannot be seen");
        }
    }

    /**
     * What the shipped tiny model learns: large plain objects (diameter 20 to 28 pixels in a frame of 64) over plain
     * backgrounds, moving 20 to 32 pixels or standing still.
     */
    public static Grammar tiny() {
        return new Grammar(
                List.of(Shape.CIRCLE, Shape.SQUARE, Shape.TRIANGLE, Shape.CROSS),
                List.of(Colour.RED, Colour.GREEN, Colour.BLUE, Colour.YELLOW),
                List.of(Background.BLACK, Background.GRAY, Background.WHITE, Background.BLUE),
                List.of(Texture.PLAIN),
                List.of(Texture.PLAIN),
                List.of(Motion.LEFT, Motion.RIGHT, Motion.UP, Motion.DOWN, Motion.STILL),
                List.of(Camera.STILL),
                new Range(20.0 / 128, 28.0 / 128),
                new Range(20.0 / 64, 32.0 / 64));
    }

    /** Every colour, background and motion, without textures and with a still camera. */
    public static Grammar plain() {
        return new Grammar(
                List.of(Shape.values()),
                List.of(Colour.values()),
                List.of(Background.values()),
                List.of(Texture.PLAIN),
                List.of(Texture.PLAIN),
                List.of(Motion.values()),
                List.of(Camera.STILL),
                new Range(0.13, 0.2),
                new Range(0.3, 0.5));
    }

    /** Everything. */
    public static Grammar full() {
        Grammar plain = plain();
        return new Grammar(
                plain.shapes,
                plain.colours,
                plain.backgrounds,
                List.of(Texture.values()),
                List.of(Texture.values()),
                plain.motions,
                List.of(Camera.values()),
                plain.radius,
                plain.displacement);
    }

    /** Every (shape, colour, motion, background) of a split, plain, in the order of the enums. */
    public List<Attributes> combinations(Split split) {
        var all = new ArrayList<Attributes>();
        for (Shape shape : shapes) {
            for (Colour colour : colours) {
                for (Motion motion : motions) {
                    if (Split.of(shape, colour, motion) == split) {
                        backgrounds.stream()
                                .filter(b -> b.suits(colour))
                                .forEach(b -> all.add(Attributes.plain(colour, shape, motion, b)));
                    }
                }
            }
        }
        return all;
    }

    /**
     * Draws one combination. In training motion and colour are drawn first and the shape among those that are not held
     * out with them, which leaves every value of each of the three equally frequent.
     */
    Attributes draw(ClipRandom random, Split split) {
        Motion motion;
        Colour colour;
        Shape shape;
        List<Shape> allowed;
        do {
            motion = random.pick(motions);
            colour = random.pick(colours);
            allowed = shapesOf(colour, motion, split);
        } while (allowed.isEmpty());
        shape = random.pick(allowed);
        Background background = drawBackground(random, colour);
        Camera camera = random.pick(cameras);
        Texture texture = random.pick(textures);
        Texture behind = random.pick(backgroundTextures);
        if (motion == Motion.ROTATE && shape == Shape.CIRCLE && texture == Texture.PLAIN) {
            // A plain circle is seen to turn by nothing.
            texture = Texture.STRIPES;
        }
        if (camera != Camera.STILL && behind == Texture.PLAIN) {
            behind = backgroundTextures.contains(Texture.CHECKER) ? Texture.CHECKER : Texture.STRIPES;
        }
        return new Attributes(shape, colour, texture, background, behind, motion, camera);
    }

    private List<Shape> shapesOf(Colour colour, Motion motion, Split split) {
        return shapes.stream().filter(s -> Split.of(s, colour, motion) == split).toList();
    }

    /** Backgrounds that suit fewer colours are drawn more often where they do, so that all come near equal. */
    private Background drawBackground(ClipRandom random, Colour colour) {
        List<Background> allowed =
                backgrounds.stream().filter(b -> b.suits(colour)).toList();
        double total = allowed.stream().mapToDouble(this::rarity).sum();
        double left = random.nextDouble() * total;
        for (Background background : allowed) {
            left -= rarity(background);
            if (left < 0) {
                return background;
            }
        }
        return allowed.get(allowed.size() - 1);
    }

    private double rarity(Background background) {
        return (double) colours.size()
                / Math.max(1, colours.stream().filter(background::suits).count());
    }
}
