package dev.zoetrope.data;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** The words captions are made of. */
public final class Vocabulary {
    private Vocabulary() {}

    /** Every word of every caption, sorted. */
    public static List<String> words() {
        return words(Grammar.full());
    }

    /** Every word that captions of a grammar can have, sorted. */
    public static List<String> words(Grammar grammar) {
        var words = new TreeSet<String>();
        add(words, "a background over in front of on");
        grammar.colours().forEach(c -> add(words, c.word()));
        if (grammar.colours().contains(Colour.ORANGE) && grammar.textures().contains(Texture.PLAIN)) {
            add(words, "an");
        }
        grammar.shapes().forEach(s -> add(words, s.word()));
        grammar.backgrounds().forEach(b -> add(words, b.word()));
        grammar.textures().forEach(t -> add(words, t.word()));
        grammar.backgroundTextures().forEach(t -> add(words, t.word()));
        grammar.motions().forEach(m -> Captions.motions(m).forEach(p -> add(words, p)));
        grammar.cameras().stream()
                .filter(c -> c != Camera.STILL)
                .forEach(c -> add(words, "while the camera " + c.phrase()));
        return List.copyOf(words);
    }

    private static void add(Set<String> words, String phrase) {
        for (String word : phrase.split(" ")) {
            if (!word.isEmpty()) {
                words.add(word);
            }
        }
    }
}
