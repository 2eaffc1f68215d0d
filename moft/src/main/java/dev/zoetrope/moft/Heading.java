package dev.zoetrope.moft;

import dev.zoetrope.tensor.ZoetropeException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** Where the content of the picture moves: right is towards larger x, down towards larger y. A camera goes the other way. */
public enum Heading {
    RIGHT(1, 0),
    LEFT(-1, 0),
    UP(0, -1),
    DOWN(0, 1),
    STILL(0, 0);

    private final int vx;
    private final int vy;

    Heading(int vx, int vy) {
        this.vx = vx;
        this.vy = vy;
    }

    /** Content velocity to the right: -1, 0 or 1. */
    public int vx() {
        return vx;
    }

    /** Content velocity downwards: -1, 0 or 1. */
    public int vy() {
        return vy;
    }

    /** The lower-case name. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Optional<Heading> find(String word) {
        return Arrays.stream(values())
                .filter(heading -> heading.word().equals(word))
                .findFirst();
    }

    /** @throws ZoetropeException BAD_INPUT listing the words */
    public static Heading of(String word) {
        return find(word.strip().toLowerCase(Locale.ROOT))
                .orElseThrow(() -> ZoetropeException.badInput(
                        "\"%s\" is no direction, expected one of %s",
                        word, Arrays.stream(values()).map(Heading::word).collect(Collectors.joining(", "))));
    }
}
