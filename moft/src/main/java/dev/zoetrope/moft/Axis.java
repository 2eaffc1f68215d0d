package dev.zoetrope.moft;

/** An axis of the image, with a set of motion channels of its own. */
public enum Axis {
    /** Positive to the right. */
    HORIZONTAL(Heading.RIGHT, Heading.LEFT, "h"),
    /** Positive downwards. */
    VERTICAL(Heading.DOWN, Heading.UP, "v");

    private final Heading positive;
    private final Heading negative;
    private final String suffix;

    Axis(Heading positive, Heading negative, String suffix) {
        this.positive = positive;
        this.negative = negative;
        this.suffix = suffix;
    }

    public Heading positive() {
        return positive;
    }

    public Heading negative() {
        return negative;
    }

    /** {@code h} or {@code v}, as in the names of the tensors of a profile. */
    String suffix() {
        return suffix;
    }
}
