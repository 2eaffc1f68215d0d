package dev.zoetrope.cli;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The experiments of every system. */
final class Experiments {
    private static final Map<String, List<Experiment>> SYSTEMS = new TreeMap<>(Map.of("backbone", List.of()));

    private Experiments() {}

    static Map<String, List<Experiment>> all() {
        return SYSTEMS;
    }
}
