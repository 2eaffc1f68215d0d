package dev.zoetrope.data.compose;

import dev.zoetrope.data.ClipRandom;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Decides how often each source is used: exact shares of the kinds, and within a kind every source equally often. */
final class Mixer {
    private Mixer() {}

    /** The {@code use}-th use of a source, from 0. */
    record Pick(Source source, int use) {
        /** Differs for every use. */
        String id() {
            return source.id() + "@" + use;
        }
    }

    /** The clips in the order of the manifest. */
    static List<Pick> mix(List<Source> sources, CompositionOptions options) {
        Map<SourceKind, List<Source>> byKind = new EnumMap<>(SourceKind.class);
        sources.forEach(source ->
                byKind.computeIfAbsent(source.kind(), kind -> new ArrayList<>()).add(source));
        Map<SourceKind, Double> weights = new EnumMap<>(SourceKind.class);
        byKind.forEach((kind, list) -> weights.put(kind, options.weights().getOrDefault(kind, (double) list.size())));
        int total = options.clips() == 0 ? sources.size() : options.clips();
        List<Pick> picks = new ArrayList<>();
        shares(weights, total).forEach((kind, count) -> {
            ClipRandom random = PseudoVideo.random(kind.word(), options.seed());
            List<Source> order = new ArrayList<>(byKind.getOrDefault(kind, List.of()));
            for (int i = 0; i < count; i++) {
                if (i % order.size() == 0) {
                    random.shuffle(order);
                }
                picks.add(new Pick(order.get(i % order.size()), i / order.size()));
            }
        });
        PseudoVideo.random("order", options.seed()).shuffle(picks);
        return picks;
    }

    /** Whole numbers by the largest remainders, so that they add up. */
    static Map<SourceKind, Integer> shares(Map<SourceKind, Double> weights, int total) {
        double sum = weights.values().stream().mapToDouble(w -> w).sum();
        if (!(sum > 0)) {
            throw ZoetropeException.badInput("all weights of the kinds are 0; give one above 0");
        }
        Map<SourceKind, Integer> shares = new EnumMap<>(SourceKind.class);
        Map<SourceKind, Double> rests = new EnumMap<>(SourceKind.class);
        int given = 0;
        for (Map.Entry<SourceKind, Double> weight : weights.entrySet()) {
            double exact = total * weight.getValue() / sum;
            shares.put(weight.getKey(), (int) exact);
            rests.put(weight.getKey(), exact - (int) exact);
            given += (int) exact;
        }
        List<SourceKind> byRest = new ArrayList<>(rests.keySet());
        byRest.sort((a, b) -> Double.compare(rests.getOrDefault(b, 0.0), rests.getOrDefault(a, 0.0)));
        for (int i = 0; i < total - given; i++) {
            shares.merge(byRest.get(i), 1, Integer::sum);
        }
        return shares;
    }
}
