package dev.zoetrope.data;

/** Colours of the object: saturated and well apart, from each other and from every {@link Background} of another name. */
public enum Colour {
    RED("red", 220, 40, 40),
    GREEN("green", 40, 180, 60),
    BLUE("blue", 50, 90, 235),
    YELLOW("yellow", 245, 215, 40),
    PURPLE("purple", 165, 50, 200),
    ORANGE("orange", 245, 130, 20),
    CYAN("cyan", 50, 205, 225),
    WHITE("white", 250, 250, 250);

    private final String word;
    private final Rgb rgb;

    Colour(String word, int red, int green, int blue) {
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
}
