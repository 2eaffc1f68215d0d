package dev.zoetrope.data;

/** The pattern on the object or on the background: two tones of its colour. */
public enum Texture {
    PLAIN(""),
    STRIPES("striped"),
    CHECKER("checkered");

    private final String word;

    Texture(String word) {
        this.word = word;
    }

    /** The caption word, empty for plain. */
    public String word() {
        return word;
    }

    /**
     * Share of the second tone at a point of the pattern, 0 to 1, edges smoothed over one pixel.
     *
     * @param u across the stripes, in stripe widths
     * @param v along the stripes, in stripe widths
     * @param stripe width of a stripe in pixels
     */
    double secondTone(double u, double v, double stripe) {
        return switch (this) {
            case PLAIN -> 0;
            case STRIPES -> band(u, stripe);
            case CHECKER -> {
                double a = band(u, stripe);
                double b = band(v, stripe);
                yield a * b + (1 - a) * (1 - b);
            }
        };
    }

    private static double band(double u, double stripe) {
        double whole = Math.floor(u);
        double part = u - whole;
        double toEdge = Math.min(part, 1 - part) * stripe;
        double inside = Math.min(1, 0.5 + toEdge);
        return ((long) whole & 1) == 0 ? 1 - inside : inside;
    }
}
