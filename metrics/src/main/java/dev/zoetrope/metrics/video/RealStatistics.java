package dev.zoetrope.metrics.video;

import dev.zoetrope.metrics.FeatureStatistics;
import dev.zoetrope.tensor.SafetensorsWriter;
import dev.zoetrope.tensor.SafetensorsWriter.Content;
import dev.zoetrope.tensor.Sha256;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.WeightFiles;
import dev.zoetrope.tensor.WeightSource;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the measures need of a folder of real videos, in a safetensors file, so that the videos are read once for many
 * comparisons. The metadata says how the windows were taken and how each measure looked at them; both must be as now.
 */
final class RealStatistics implements AutoCloseable {
    /** Of statistics files. */
    static final String SUFFIX = ".safetensors";

    private static final String WINDOWS = "zoetrope.windows.";
    private static final String MEASURE = "zoetrope.measure.";

    private final Path file;
    private final WeightSource source;

    private RealStatistics(Path file, WeightSource source) {
        this.file = file;
        this.source = source;
    }

    /** Statistics that are not written yet. */
    static final class Draft {
        private final Map<String, Content> contents = new TreeMap<>();
        private final Map<String, String> metadata = new TreeMap<>();

        /** @param method how the measure makes its features: network, weights, preprocessing */
        void features(String measure, String method, String part, FeatureStatistics statistics) {
            contents.putAll(statistics.contents(begin(measure, method) + part + "."));
        }

        /** A number of each video. */
        void values(String measure, String method, List<Double> values) {
            double[] all = values.stream().mapToDouble(Double::doubleValue).toArray();
            contents.put(begin(measure, method) + "values", Content.of(all, all.length));
        }

        private String begin(String measure, String method) {
            metadata.put(MEASURE + key(measure, method), method);
            return key(measure, method) + ".";
        }

        /** @param windows how the videos were looked at, and what they are */
        void write(Path target, Map<String, String> windows) {
            windows.forEach((field, value) -> metadata.put(WINDOWS + field, value));
            SafetensorsWriter.write(target, contents, metadata);
        }
    }

    /** Several networks may serve one measure. */
    private static String key(String measure, String method) {
        return measure + "." + Sha256.of(method).substring(0, 12);
    }

    /** @throws ZoetropeException BAD_INPUT or CHECKPOINT_MISMATCH if the file is no statistics file */
    static RealStatistics open(Path file) {
        RealStatistics statistics = new RealStatistics(file, WeightFiles.open(file));
        if (!statistics.source.metadata().containsKey(WINDOWS + "n_real")) {
            statistics.close();
            throw ZoetropeException.badInput(
                    "%s holds no statistics of real videos; give a file that --save-stats wrote, or a folder of videos",
                    file);
        }
        return statistics;
    }

    /** @throws ZoetropeException BAD_INPUT naming the first field in which the windows were taken in another way */
    void check(Map<String, String> windows) {
        windows.forEach((field, wanted) -> {
            if (!wanted.equals(field(field))) {
                throw ZoetropeException.badInput(
                        "%s was made with %s \"%s\", asked for is \"%s\"; such values do not compare: ask for the same, or"
                                + " save the statistics again",
                        file, field, field(field), wanted);
            }
        });
    }

    /** What is said of the windows; empty if nothing. */
    String field(String name) {
        return source.metadata().getOrDefault(WINDOWS + name, "");
    }

    /** The windows that the statistics are of. */
    long windows() {
        try {
            return Long.parseLong(field("n_real"));
        } catch (NumberFormatException e) {
            throw ZoetropeException.badInput(
                    "%s: \"%s\" real videos; save the statistics again", file, field("n_real"));
        }
    }

    /** The features of a part of the videos. */
    FeatureStatistics features(String measure, String method, String part) {
        return FeatureStatistics.read(source, find(measure, method) + part + ".");
    }

    /** The number of each video. */
    List<Double> values(String measure, String method) {
        List<Double> values = new ArrayList<>();
        for (double value : Tensors.readDoubles(source, find(measure, method) + "values")) {
            if (!Double.isFinite(value)) {
                throw ZoetropeException.badInput(
                        "%s: a value of %s is %s; save the statistics again", file, measure, value);
            }
            values.add(value);
        }
        return values;
    }

    /** @throws ZoetropeException BAD_INPUT if the measure is not there, or was made by another network, or other weights */
    private String find(String measure, String method) {
        String key = key(measure, method);
        Map<String, String> metadata = source.metadata();
        if (metadata.containsKey(MEASURE + key)) {
            return key + ".";
        }
        List<String> others = metadata.keySet().stream()
                .filter(name -> name.startsWith(MEASURE + measure + "."))
                .sorted()
                .map(metadata::get)
                .toList();
        throw others.isEmpty()
                ? ZoetropeException.badInput(
                        "%s has no statistics of %s; save them again with that measure, or give the folder",
                        file, measure)
                : ZoetropeException.badInput(
                        "%s: its %s was made by \"%s\", asked for is \"%s\"; save the statistics again",
                        file, measure, others.get(0), method);
    }

    @Override
    public void close() {
        source.close();
    }
}
