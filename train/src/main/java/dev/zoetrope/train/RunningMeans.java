package dev.zoetrope.train;

import java.util.SortedMap;
import java.util.TreeMap;

/** Means of named numbers over the steps between two rows of the log. */
final class RunningMeans {
    private record Sum(double total, long count) {
        Sum plus(Sum other) {
            return new Sum(total + other.total, count + other.count);
        }
    }

    private final SortedMap<String, Sum> sums = new TreeMap<>();

    void add(String name, double value) {
        sums.merge(name, new Sum(value, 1), Sum::plus);
    }

    /** The means so far; starts anew. */
    SortedMap<String, Double> take() {
        SortedMap<String, Double> means = new TreeMap<>();
        sums.forEach((name, sum) -> means.put(name, sum.total / sum.count));
        sums.clear();
        return means;
    }
}
