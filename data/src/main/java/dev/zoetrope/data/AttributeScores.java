package dev.zoetrope.data;

import dev.zoetrope.data.Labels.Part;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * How often what was seen is what was asked for, part by part. Pairs whose expected part is {@link Labels#UNKNOWN} do
 * not count; a detected UNKNOWN is a miss.
 */
public final class AttributeScores {
    private final List<Labels> expected;
    private final List<Labels> detected;

    private AttributeScores(List<Labels> expected, List<Labels> detected) {
        this.expected = List.copyOf(expected);
        this.detected = List.copyOf(detected);
    }

    /**
     * Scores pairs.
     *
     * @throws ZoetropeException BAD_INPUT if the lists are empty or differ in length
     */
    public static AttributeScores of(List<Labels> expected, List<Labels> detected) {
        if (expected.isEmpty() || expected.size() != detected.size()) {
            throw ZoetropeException.badInput(
                    "scores need as many detections (%d) as captions (%d), at least one",
                    detected.size(), expected.size());
        }
        return new AttributeScores(expected, detected);
    }

    /** Number of pairs. */
    public int size() {
        return expected.size();
    }

    /** Share of pairs with the part right, 0 to 1; NaN if no caption says it. */
    public double accuracy(Part part) {
        int counted = 0;
        int right = 0;
        for (int i = 0; i < expected.size(); i++) {
            String wanted = expected.get(i).get(part);
            if (!wanted.equals(Labels.UNKNOWN)) {
                counted++;
                right += wanted.equals(detected.get(i).get(part)) ? 1 : 0;
            }
        }
        return counted == 0 ? Double.NaN : (double) right / counted;
    }

    /** Share of pairs in which every part that the caption says is right. */
    public double allRight() {
        int right = 0;
        for (int i = 0; i < expected.size(); i++) {
            Labels wanted = expected.get(i);
            Labels seen = detected.get(i);
            boolean all = true;
            for (Part part : Part.values()) {
                all &= wanted.get(part).equals(Labels.UNKNOWN)
                        || wanted.get(part).equals(seen.get(part));
            }
            right += all ? 1 : 0;
        }
        return (double) right / expected.size();
    }

    /** Expected word to detected word to count, sorted. */
    public Map<String, Map<String, Integer>> confusion(Part part) {
        var table = new TreeMap<String, Map<String, Integer>>();
        for (int i = 0; i < expected.size(); i++) {
            table.computeIfAbsent(expected.get(i).get(part), w -> new TreeMap<>())
                    .merge(detected.get(i).get(part), 1, Integer::sum);
        }
        return table;
    }

    /** What independent captions and clips with the same frequencies would score: the sum of p_i q_i over the words. */
    public double chance(Part part) {
        Map<String, Integer> asked = new TreeMap<>();
        Map<String, Integer> seen = new TreeMap<>();
        int counted = 0;
        for (int i = 0; i < expected.size(); i++) {
            if (!expected.get(i).get(part).equals(Labels.UNKNOWN)) {
                counted++;
                asked.merge(expected.get(i).get(part), 1, Integer::sum);
                seen.merge(detected.get(i).get(part), 1, Integer::sum);
            }
        }
        double sum = 0;
        for (var word : asked.entrySet()) {
            sum += (double) word.getValue() * seen.getOrDefault(word.getKey(), 0);
        }
        return counted == 0 ? Double.NaN : sum / ((double) counted * counted);
    }

    /** The control: the same detections against captions put into random order. */
    public AttributeScores permuted(long seed) {
        var shuffled = new ArrayList<>(expected);
        var random = new ClipRandom(seed, shuffled.size());
        for (int i = shuffled.size() - 1; i > 0; i--) {
            int j = random.below(i + 1);
            Labels moved = shuffled.get(i);
            shuffled.set(i, shuffled.get(j));
            shuffled.set(j, moved);
        }
        return new AttributeScores(shuffled, detected);
    }

    /** A table: part, accuracy, accuracy with permuted captions (mean of 20 permutations), chance. */
    public String toTable(long seed) {
        var text = new StringBuilder(
                String.format(Locale.ROOT, "%-12s %8s %9s %8s%n", "part", "accuracy", "permuted", "chance"));
        int permutations = 20;
        for (Part part : Part.values()) {
            double control = 0;
            for (int k = 0; k < permutations; k++) {
                control += permuted(seed + k).accuracy(part) / permutations;
            }
            text.append(String.format(
                    Locale.ROOT,
                    "%-12s %8.3f %9.3f %8.3f%n",
                    part.name().toLowerCase(Locale.ROOT),
                    accuracy(part),
                    control,
                    chance(part)));
        }
        text.append(String.format(Locale.ROOT, "%-12s %8.3f   (n = %d)%n", "all", allRight(), size()));
        return text.toString();
    }
}
