package dev.zoetrope.data;

import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * Sentences for attributes, all lower case and without punctuation. The canonical form is "a red circle moves to the
 * right over a blue background"; six in ten captions are canonical, the others vary verb and preposition.
 */
public final class Captions {
    private static final double CANONICAL_SHARE = 0.6;

    /** What the object does; the canonical phrase first. */
    static final Map<Motion, List<String>> MOTIONS = Map.ofEntries(
            translation(Motion.LEFT, "to the left"),
            translation(Motion.RIGHT, "to the right"),
            translation(Motion.UP, "up"),
            translation(Motion.DOWN, "down"),
            translation(Motion.UP_LEFT, "up and to the left"),
            translation(Motion.UP_RIGHT, "up and to the right"),
            translation(Motion.DOWN_LEFT, "down and to the left"),
            translation(Motion.DOWN_RIGHT, "down and to the right"),
            Map.entry(Motion.STILL, List.of("stays still", "does not move")),
            Map.entry(Motion.BOUNCE, List.of("bounces", "bounces up and down")),
            Map.entry(Motion.ROTATE, List.of("rotates", "spins")),
            Map.entry(Motion.GROW, List.of("grows", "gets bigger")),
            Map.entry(Motion.SHRINK, List.of("shrinks", "gets smaller")));

    /** Where it does so; %s is "a blue background". The canonical phrase first. */
    static final List<String> PLACES = List.of("over %s", "in front of %s", "on %s");

    private Captions() {}

    private static Map.Entry<Motion, List<String>> translation(Motion motion, String where) {
        return Map.entry(motion, List.of("moves " + where, "slides " + where, "goes " + where));
    }

    /** The canonical caption. */
    public static String canonical(Attributes attributes) {
        return sentence(attributes, motions(attributes.motion()).get(0), PLACES.get(0), true);
    }

    /** A caption drawn by the generator. */
    static String draw(Attributes attributes, ClipRandom random) {
        if (random.chance(CANONICAL_SHARE)) {
            return canonical(attributes);
        }
        String motion = random.pick(motions(attributes.motion()));
        String place = random.pick(PLACES);
        // "on blue" is short for "on a blue background".
        boolean longForm = !place.startsWith("on ") || attributes.backgroundTexture() != Texture.PLAIN;
        return sentence(attributes, motion, place, longForm);
    }

    /** A caption without what it says of the object's motion: "a red circle over a blue background". */
    public static String withoutMotion(String caption) {
        return MOTIONS.values().stream()
                .flatMap(List::stream)
                .filter(phrase -> caption.contains(" " + phrase + " "))
                .max(Comparator.comparingInt(String::length)) // "moves up and to the left" contains "moves up"
                .map(phrase -> caption.replace(" " + phrase + " ", " "))
                .orElse(caption);
    }

    static List<String> motions(Motion motion) {
        return MOTIONS.getOrDefault(motion, List.of());
    }

    private static String sentence(Attributes a, String motion, String place, boolean longForm) {
        String object = withArticle(
                words(a.texture().word(), a.colour().word(), a.shape().word()));
        String ground = longForm
                ? withArticle(words(a.backgroundTexture().word(), a.background().word(), "background"))
                : a.background().word();
        String camera = a.camera() == Camera.STILL
                ? ""
                : "while the camera " + a.camera().phrase();
        return words(object, motion, place.formatted(ground), camera);
    }

    private static String withArticle(String noun) {
        return ("aeiou".indexOf(noun.charAt(0)) >= 0 ? "an " : "a ") + noun;
    }

    private static String words(String... parts) {
        return String.join(
                " ", List.of(parts).stream().filter(p -> !p.isEmpty()).toList());
    }
}
