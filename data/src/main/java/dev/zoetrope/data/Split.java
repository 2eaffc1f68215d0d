package dev.zoetrope.data;

import java.util.List;

/**
 * Which combinations of shape, colour and direction a model trains on, and which it must put together by itself.
 *
 * <p>Of the four directions of every shape and colour exactly one is held out: those with {@code (shape + colour +
 * direction) mod 4 = 0}, numbered as in the lists of this file. This is a Latin square: every pair (shape, colour),
 * (shape, direction) and (colour, direction) still occurs in training, equally often. Other motions are never held out.
 */
public enum Split {
    TRAIN,
    HELD_OUT;

    // The order is part of the split and so of what shipped models were trained on; append only.
    private static final List<Shape> SHAPES = List.of(Shape.CIRCLE, Shape.SQUARE, Shape.TRIANGLE, Shape.CROSS);
    private static final List<Colour> COLOURS = List.of(
            Colour.RED,
            Colour.GREEN,
            Colour.BLUE,
            Colour.YELLOW,
            Colour.PURPLE,
            Colour.ORANGE,
            Colour.CYAN,
            Colour.WHITE);
    private static final List<Motion> DIRECTIONS = List.of(Motion.LEFT, Motion.RIGHT, Motion.UP, Motion.DOWN);

    /** The split of a combination. */
    public static Split of(Shape shape, Colour colour, Motion motion) {
        if (!motion.isAxisAligned()) {
            return TRAIN;
        }
        int cell = SHAPES.indexOf(shape) + COLOURS.indexOf(colour) + DIRECTIONS.indexOf(motion);
        return cell % 4 == 0 ? HELD_OUT : TRAIN;
    }

    /** The split of a clip. */
    public static Split of(Attributes attributes) {
        return of(attributes.shape(), attributes.colour(), attributes.motion());
    }
}
