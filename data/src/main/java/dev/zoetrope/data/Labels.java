package dev.zoetrope.data;

/**
 * Colour, shape, motion and background as plain words: what a caption asks for or a detector sees. {@link #UNKNOWN}
 * stands for what is not said or not seen.
 */
public record Labels(String colour, String shape, String motion, String background) {
    /** Not said, or not seen. */
    public static final String UNKNOWN = "unknown";

    /** Nothing seen. */
    public static final Labels NONE = new Labels(UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN);

    /** One of the four parts. */
    public enum Part {
        COLOUR,
        SHAPE,
        MOTION,
        BACKGROUND
    }

    /** The labels of a scene. */
    public static Labels of(Attributes attributes) {
        return new Labels(
                attributes.colour().word(),
                attributes.shape().word(),
                attributes.motion().label(),
                attributes.background().word());
    }

    /** The word of one part. */
    public String get(Part part) {
        return switch (part) {
            case COLOUR -> colour;
            case SHAPE -> shape;
            case MOTION -> motion;
            case BACKGROUND -> background;
        };
    }
}
