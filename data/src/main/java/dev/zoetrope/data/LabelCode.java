package dev.zoetrope.data;

import java.util.ArrayList;
import java.util.List;

/**
 * Labels as numbers: one place for every word that a grammar knows for colour, shape, motion and background, 1 where the
 * label has that word, else 0. A part that is not said is all zeros.
 */
public final class LabelCode {
    private record Place(Labels.Part part, String word) {}

    private final List<Place> places = new ArrayList<>();

    public LabelCode(Grammar grammar) {
        grammar.colours().forEach(c -> places.add(new Place(Labels.Part.COLOUR, c.word())));
        grammar.shapes().forEach(s -> places.add(new Place(Labels.Part.SHAPE, s.word())));
        grammar.motions().forEach(m -> places.add(new Place(Labels.Part.MOTION, m.label())));
        grammar.backgrounds().forEach(b -> places.add(new Place(Labels.Part.BACKGROUND, b.word())));
    }

    /** Length of a code. */
    public int size() {
        return places.size();
    }

    /** The code of these labels, {@link #size()} numbers. */
    public float[] of(Labels labels) {
        float[] code = new float[places.size()];
        for (int i = 0; i < code.length; i++) {
            Place place = places.get(i);
            code[i] = labels.get(place.part()).equals(place.word()) ? 1 : 0;
        }
        return code;
    }
}
