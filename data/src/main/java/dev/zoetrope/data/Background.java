package dev.zoetrope.data;

/** Colours behind the object: muted, so that a name shared with a {@link Colour} is still another pixel value. */
public enum Background {
    BLACK("black", 16, 16, 20),
    GRAY("gray", 120, 120, 124),
    WHITE("white", 228, 228, 228),
    BLUE("blue", 25, 40, 110),
    GREEN("green", 25, 85, 45),
    BROWN("brown", 95, 60, 35);

    private final String word;
    private final Rgb rgb;

    Background(String word, int red, int green, int blue) {
        this.word = word;
        this.rgb = new Rgb(red, green, blue);
    }

    /** The caption word. */
    public String word() {
        return word;
    }

    /** The pixel value. */
    public Rgb rgb() {
        return rgb;
    }

    /** Whether a caption may put an object of this colour here: never one of the same name. */
    public boolean suits(Colour colour) {
        return !word.equals(colour.word());
    }
}
