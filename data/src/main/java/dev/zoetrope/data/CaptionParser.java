package dev.zoetrope.data;

import static java.util.stream.Collectors.toUnmodifiableMap;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Reads colour, shape, motion and background out of a prompt: the inverse of {@link Captions}, tolerant of capitals,
 * punctuation, word order and a few synonyms ("ball", "plus", "grey", "rises").
 */
public final class CaptionParser {
    private static final int LONGEST_PROMPT = 10_000;
    private static final Map<String, String> SYNONYMS = Map.ofEntries(
            Map.entry("ball", "circle"),
            Map.entry("disc", "circle"),
            Map.entry("disk", "circle"),
            Map.entry("box", "square"),
            Map.entry("plus", "cross"),
            Map.entry("grey", "gray"),
            Map.entry("violet", "purple"),
            Map.entry("magenta", "purple"),
            Map.entry("leftward", "left"),
            Map.entry("leftwards", "left"),
            Map.entry("rightward", "right"),
            Map.entry("rightwards", "right"),
            Map.entry("upward", "up"),
            Map.entry("upwards", "up"),
            Map.entry("rises", "up"),
            Map.entry("downward", "down"),
            Map.entry("downwards", "down"),
            Map.entry("falls", "down"));
    private static final Map<String, Motion> VERBS = Map.ofEntries(
            Map.entry("bounces", Motion.BOUNCE),
            Map.entry("bouncing", Motion.BOUNCE),
            Map.entry("rotates", Motion.ROTATE),
            Map.entry("rotating", Motion.ROTATE),
            Map.entry("spins", Motion.ROTATE),
            Map.entry("spinning", Motion.ROTATE),
            Map.entry("grows", Motion.GROW),
            Map.entry("growing", Motion.GROW),
            Map.entry("bigger", Motion.GROW),
            Map.entry("shrinks", Motion.SHRINK),
            Map.entry("shrinking", Motion.SHRINK),
            Map.entry("smaller", Motion.SHRINK),
            Map.entry("still", Motion.STILL),
            Map.entry("not", Motion.STILL));

    private static final Map<String, Shape> SHAPES = byWord(Shape.values(), Shape::word);
    private static final Map<String, Colour> COLOURS = byWord(Colour.values(), Colour::word);
    private static final Map<String, Background> BACKGROUNDS = byWord(Background.values(), Background::word);
    private static final Set<String> CAMERA = Set.of("camera", "while");

    private CaptionParser() {}

    private static <T> Map<String, T> byWord(T[] values, Function<T, String> word) {
        return Arrays.stream(values).collect(toUnmodifiableMap(word, v -> v));
    }

    /**
     * What a prompt asks for, in the words of the grammar.
     *
     * @return empty if no shape of the grammar is named; parts that are not said are {@link Labels#UNKNOWN}
     */
    public static Optional<Labels> parse(String prompt) {
        if (prompt.length() > LONGEST_PROMPT) {
            return Optional.empty();
        }
        List<String> words = Arrays.stream(prompt.toLowerCase(Locale.ROOT).split("[^a-z]+"))
                .map(w -> SYNONYMS.getOrDefault(w, w))
                .takeWhile(w -> !CAMERA.contains(w))
                .toList();
        int shapeAt = -1;
        for (int i = 0; i < words.size() && shapeAt < 0; i++) {
            shapeAt = SHAPES.containsKey(words.get(i)) ? i : -1;
        }
        if (shapeAt < 0) {
            return Optional.empty();
        }
        int colourAt = shapeAt - 1;
        while (colourAt >= 0 && !COLOURS.containsKey(words.get(colourAt))) {
            colourAt--;
        }
        return Optional.of(new Labels(
                colourAt < 0 ? Labels.UNKNOWN : words.get(colourAt),
                words.get(shapeAt),
                motion(words),
                background(words, shapeAt, colourAt)));
    }

    private static String background(List<String> words, int shapeAt, int colourAt) {
        List<String> after = words.subList(shapeAt + 1, words.size());
        List<String> before = words.subList(0, Math.max(0, colourAt));
        return after.stream()
                .filter(BACKGROUNDS::containsKey)
                .findFirst()
                .or(() -> before.stream().filter(BACKGROUNDS::containsKey).findFirst())
                .orElse(Labels.UNKNOWN);
    }

    private static String motion(List<String> words) {
        for (String word : words) {
            Motion verb = VERBS.get(word);
            if (verb != null) {
                return verb.label();
            }
        }
        int dx = sign(words, "left", "right");
        int dy = sign(words, "up", "down");
        return Arrays.stream(Motion.values())
                .filter(m -> m.isTranslation() && m.dx() == dx && m.dy() == dy)
                .map(Motion::label)
                .findFirst()
                .orElse(Labels.UNKNOWN);
    }

    private static int sign(List<String> words, String negative, String positive) {
        return (words.contains(positive) ? 1 : 0) - (words.contains(negative) ? 1 : 0);
    }
}
