package dev.zoetrope.data;

import dev.zoetrope.tensor.ZoetropeException;

/**
 * Everything a caption says about a clip.
 *
 * @param background never of the same name as {@code colour}
 */
public record Attributes(
        Shape shape,
        Colour colour,
        Texture texture,
        Background background,
        Texture backgroundTexture,
        Motion motion,
        Camera camera) {
    public Attributes {
        if (!background.suits(colour)) {
            throw ZoetropeException.badInput(
                    "a %s object cannot be told from a %s background: choose two colours",
                    colour.word(), background.word());
        }
    }

    /** A plain object over a plain background, seen by a still camera. */
    public static Attributes plain(Colour colour, Shape shape, Motion motion, Background background) {
        return new Attributes(shape, colour, Texture.PLAIN, background, Texture.PLAIN, motion, Camera.STILL);
    }
}
