package dev.zoetrope.data;

import dev.zoetrope.tensor.ZoetropeException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Prompts of combinations that never occur in training, for measuring whether a model follows its prompt. */
public final class HeldOutPrompts {
    private HeldOutPrompts() {}

    /**
     * A prompt and what it asks for.
     *
     * @param caption canonical
     */
    public record Prompt(String caption, Attributes attributes) {
        /** What a detector should see. */
        public Labels labels() {
            return Labels.of(attributes);
        }
    }

    /** Held-out prompts of the tiny grammar. */
    public static List<Prompt> balanced(int count, long seed) {
        return balanced(Grammar.tiny(), count, seed);
    }

    /**
     * Held-out prompts in random order. Each is the held-out combination whose shape, colour, motion and background
     * have been asked for least so far, so any beginning of the list is balanced too, and with permuted captions the
     * score is near chance.
     *
     * @param count 1 to 100,000
     */
    public static List<Prompt> balanced(Grammar grammar, int count, long seed) {
        if (count < 1 || count > 100_000) {
            throw ZoetropeException.badInput("%d prompts: must be 1 to 100000", count);
        }
        List<Attributes> all = grammar.combinations(Split.HELD_OUT);
        if (all.isEmpty()) {
            throw ZoetropeException.badInput("the grammar has no held-out combination");
        }
        var random = new ClipRandom(seed, 0);
        Map<Object, Integer> asked = new HashMap<>();
        var prompts = new ArrayList<Prompt>();
        while (prompts.size() < count) {
            Map<Attributes, Double> cost = new HashMap<>();
            all.forEach(a -> cost.put(a, uses(asked, a) + random.nextDouble()));
            Attributes next = all.stream()
                    .min(Comparator.comparingDouble(a -> cost.getOrDefault(a, 0.0)))
                    .orElseThrow();
            parts(next).forEach(p -> asked.merge(p, 1, Integer::sum));
            prompts.add(new Prompt(Captions.canonical(next), next));
        }
        return List.copyOf(prompts);
    }

    private static double uses(Map<Object, Integer> asked, Attributes a) {
        return parts(a).stream().mapToInt(p -> asked.getOrDefault(p, 0)).sum() + asked.getOrDefault(a, 0);
    }

    private static List<Object> parts(Attributes a) {
        return List.of(a.shape(), a.colour(), a.motion(), a.background(), a);
    }
}
