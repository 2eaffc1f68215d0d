package dev.zoetrope.vidrd.model;

import dev.zoetrope.tensor.Dtype;
import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.Parameter;
import dev.zoetrope.tensor.SafetensorsWriter;
import dev.zoetrope.tensor.SafetensorsWriter.Content;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.WeightSource;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Writes the weights of a network: those that are given, and fresh ones for temporal layers.
 *
 * @param seed of fresh weights
 * @param freshTemporal whether all temporal layers may be missing
 * @param lenient whether tensors the network does not have are ignored
 */
record CheckpointMerge(long seed, boolean freshTemporal, boolean lenient) {
    private static final int LISTED = 10;

    /** @throws ZoetropeException CHECKPOINT_MISMATCH listing the first tensors that are missing or not expected */
    void write(Layer network, WeightSource weights, Path file) {
        SortedMap<String, Parameter> wanted = network.parameters();
        List<String> missing = wanted.keySet().stream()
                .filter(name -> !weights.entries().containsKey(name))
                .toList();
        List<String> unexpected = weights.entries().keySet().stream()
                .filter(name -> !wanted.containsKey(name))
                .sorted()
                .toList();
        check(weights, missing, unexpected);
        if (!missing.isEmpty()) {
            network.initialise(seed);
        }
        Map<String, Content> contents = new TreeMap<>();
        wanted.forEach((name, parameter) ->
                contents.put(name, missing.contains(name) ? fresh(parameter) : given(weights, name, parameter)));
        SafetensorsWriter.write(file, contents, Map.of());
    }

    private void check(WeightSource weights, List<String> missing, List<String> unexpected) {
        List<String> spatial =
                missing.stream().filter(name -> !name.contains("temp_")).toList();
        if (!spatial.isEmpty()) {
            throw ZoetropeException.checkpoint(
                    "%s lacks %d tensors: %s; it belongs to another network",
                    weights.description(), spatial.size(), first(spatial));
        }
        if (!missing.isEmpty() && !freshTemporal) {
            throw ZoetropeException.checkpoint(
                    "%s lacks %d tensors of temporal layers: %s; if it is meant to be untrained, allow that",
                    weights.description(), missing.size(), first(missing));
        }
        if (!unexpected.isEmpty() && !lenient) {
            throw ZoetropeException.checkpoint(
                    "%s has %d tensors that the network does not have: %s; ignore them with lenient reading",
                    weights.description(), unexpected.size(), first(unexpected));
        }
    }

    private static String first(List<String> names) {
        return String.join(", ", names.subList(0, Math.min(LISTED, names.size())))
                + (names.size() > LISTED ? ", ..." : "");
    }

    private static Content fresh(Parameter parameter) {
        return new Content(
                Dtype.F32, parameter.shape(), () -> ByteBuffer.wrap(Tensors.bytes(parameter.value(), Dtype.F32)));
    }

    private static Content given(WeightSource weights, String name, Parameter parameter) {
        Content content = Content.of(weights, name);
        if (!java.util.Arrays.equals(content.shape(), parameter.shape())) {
            throw ZoetropeException.checkpoint(
                    "%s: %s has shape %s, expected %s",
                    weights.description(),
                    name,
                    java.util.Arrays.toString(content.shape()),
                    java.util.Arrays.toString(parameter.shape()));
        }
        return content;
    }
}
