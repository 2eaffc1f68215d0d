package dev.zoetrope.moft;

import dev.zoetrope.tensor.ZoetropeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A motion to synthesise: how the content moves between each pair of frames, and how fast as a part of full speed.
 *
 * <p>Accepted texts: {@code left}, {@code right}, {@code up}, {@code down}, {@code still}; an angle in degrees, 0 to the
 * right and 90 up; one velocity {@code vx,vy} for all frames or one for each pair of frames joined by {@code ;}, each at
 * most 1 in size, y downwards; a sequence such as {@code right*7,left*8}, whose counts of frame intervals are stretched to
 * the clip.
 *
 * @param text as it was given
 * @param pieces in order; empty only inside the parser
 * @param perFrame whether each piece is one interval of a velocity list, whose displacement adds up; the pieces of words
 *     and angles each run over the whole range of the channels, as the release's curves do
 */
public record Direction(String text, List<Piece> pieces, boolean perFrame) {
    private static final Pattern PART = Pattern.compile("([a-z]+)(?:\\*(\\d{1,4}))?");
    private static final Pattern ANGLE = Pattern.compile("[-+]?\\d{1,4}(?:\\.\\d{1,6})?(?:deg)?");
    private static final Pattern VELOCITY =
            Pattern.compile("([-+]?\\d{0,3}(?:\\.\\d{1,9})?)\\s*,\\s*([-+]?\\d{0,3}(?:\\.\\d{1,9})?)");

    /**
     * A stretch of steady motion.
     *
     * @param weight frame intervals, or shares of them, above 0
     * @param vx to the right, -1 to 1
     * @param vy downwards, -1 to 1
     */
    public record Piece(double weight, double vx, double vy) {
        double along(Axis axis) {
            return axis == Axis.HORIZONTAL ? vx : vy;
        }
    }

    /** The pieces laid on a clip: piece p covers the frames from borders[p] to borders[p + 1]. */
    record Layout(int[] borders) {}

    public Direction {
        pieces = List.copyOf(pieces);
    }

    /** One heading for the whole clip. */
    public static Direction of(Heading heading) {
        return new Direction(heading.word(), List.of(new Piece(1, heading.vx(), heading.vy())), false);
    }

    /** A velocity for each pair of frames. */
    public static Direction ofVelocities(double[] vx, double[] vy) {
        List<Piece> pieces = new ArrayList<>();
        for (int i = 0; i < vx.length; i++) {
            pieces.add(checked(new Piece(1, vx[i], vy[i]), "velocity " + i));
        }
        return new Direction("velocities", pieces, true);
    }

    /**
     * Reads a text.
     *
     * @throws ZoetropeException BAD_INPUT with the accepted forms
     */
    public static Direction parse(String text) {
        String plain = text.strip().toLowerCase(Locale.ROOT);
        if (ANGLE.matcher(plain).matches()) {
            double degrees = Double.parseDouble(plain.replace("deg", ""));
            double radians = Math.toRadians(degrees);
            return new Direction(text, List.of(new Piece(1, Math.cos(radians), -Math.sin(radians))), false);
        }
        if (plain.contains(";") || VELOCITY.matcher(plain).matches()) {
            return velocities(text, plain);
        }
        return words(text, plain);
    }

    private static Direction velocities(String text, String plain) {
        List<Piece> pieces = new ArrayList<>();
        for (String part : plain.split(";")) {
            Matcher matcher = VELOCITY.matcher(part.strip());
            if (!matcher.matches()) {
                throw refused(text);
            }
            pieces.add(checked(new Piece(1, number(matcher.group(1), text), number(matcher.group(2), text)), text));
        }
        return new Direction(text, pieces, true);
    }

    private static double number(String digits, String text) {
        try {
            return Double.parseDouble(digits);
        } catch (NumberFormatException e) {
            throw refused(text);
        }
    }

    private static Direction words(String text, String plain) {
        List<Piece> pieces = new ArrayList<>();
        for (String part : plain.split(",")) {
            Matcher matcher = PART.matcher(part.strip());
            if (!matcher.matches()) {
                throw refused(text);
            }
            Heading heading = Heading.find(matcher.group(1)).orElseThrow(() -> refused(text));
            String count = matcher.group(2);
            int intervals = count == null ? 1 : Integer.parseInt(count);
            if (intervals == 0) {
                throw refused(text);
            }
            pieces.add(new Piece(intervals, heading.vx(), heading.vy()));
        }
        return new Direction(text, pieces, false);
    }

    private static Piece checked(Piece piece, String text) {
        if (!(Math.hypot(piece.vx(), piece.vy()) <= 1 + 1e-9)) {
            throw ZoetropeException.badInput(
                    "%s: velocity (%s, %s) is faster than 1, which is full speed; use smaller numbers",
                    text, piece.vx(), piece.vy());
        }
        return piece;
    }

    private static ZoetropeException refused(String text) {
        return ZoetropeException.badInput(
                "direction \"%s\": expected left, right, up, down or still, an angle in degrees (90 is up), velocities"
                        + " vx,vy joined by ';', or a sequence such as right*7,left*8",
                text);
    }

    /** The same motion as seen when the camera, not the content, moves this way. */
    public Direction ofCamera() {
        List<Piece> turned = pieces.stream()
                .map(piece -> new Piece(piece.weight(), -piece.vx(), -piece.vy()))
                .toList();
        return new Direction("camera " + text, turned, perFrame);
    }

    /** Whether nothing moves at all. */
    public boolean isStill() {
        return pieces.stream().allMatch(piece -> piece.vx() == 0 && piece.vy() == 0);
    }

    /** Whether anything moves along an axis; the numerical dust of angles does not count. */
    public boolean moves(Axis axis) {
        return pieces.stream().anyMatch(piece -> Math.abs(piece.along(axis)) > 1e-9);
    }

    /** Mean content velocity as a part of full speed, (right, down). */
    public double[] mean() {
        double weight = pieces.stream().mapToDouble(Piece::weight).sum();
        double x = pieces.stream()
                .mapToDouble(piece -> piece.weight() * piece.vx())
                .sum();
        double y = pieces.stream()
                .mapToDouble(piece -> piece.weight() * piece.vy())
                .sum();
        return new double[] {x / weight, y / weight};
    }

    /**
     * Where the pieces begin and end in a clip.
     *
     * @throws ZoetropeException BAD_INPUT if the clip is too short for them, or a velocity list does not fit it
     */
    Layout layout(int frames) {
        int intervals = frames - 1;
        if (perFrame && pieces.size() != 1 && pieces.size() != intervals) {
            throw ZoetropeException.badInput(
                    "%d velocities for %d frames: expected one for all or %d, one for each pair of frames",
                    pieces.size(), frames, intervals);
        }
        if (pieces.size() > intervals) {
            throw ZoetropeException.badInput(
                    "direction \"%s\" has %d pieces, a clip of %d frames has only %d intervals",
                    text, pieces.size(), frames, intervals);
        }
        double total = pieces.stream().mapToDouble(Piece::weight).sum();
        int[] borders = new int[pieces.size() + 1];
        double sum = 0;
        for (int p = 0; p < pieces.size(); p++) {
            sum += pieces.get(p).weight();
            int left = pieces.size() - 1 - p;
            int wanted = (int) Math.round(sum / total * intervals);
            borders[p + 1] = Math.min(intervals - left, Math.max(borders[p] + 1, wanted));
        }
        return new Layout(borders);
    }
}
