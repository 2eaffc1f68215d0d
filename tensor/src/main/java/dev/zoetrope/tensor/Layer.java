package dev.zoetrope.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A network or a part of one: a tree of named parameters whose dotted names are those of the published checkpoints.
 * Subclasses have a {@code forward} of their own; there is no common one.
 *
 * <p>A layer is built without values. {@link #load} takes them from a file, {@link #initialise} from a seed.
 */
public abstract class Layer implements AutoCloseable {
    private final Map<String, Parameter> parameters = new LinkedHashMap<>();
    private final Map<String, Layer> children = new LinkedHashMap<>();
    private @Nullable Layer parent;
    private String name = "";

    /** Declares a parameter. */
    protected final Parameter parameter(String parameterName, Init init, long... shape) {
        Parameter parameter = new Parameter(init, shape);
        parameters.put(parameterName, parameter);
        return parameter;
    }

    /** Declares a part; {@code childName} may be dotted, such as {@code "resnets.0"}. */
    protected final <L extends Layer> L child(String childName, L layer) {
        Layer part = layer;
        part.parent = this;
        part.name = childName;
        children.put(childName, layer);
        return layer;
    }

    /** The dotted name from the root, {@code ""} for the root itself. */
    public final String path() {
        Layer above = parent;
        if (above == null) {
            return name;
        }
        String prefix = above.path();
        return prefix.isEmpty() ? name : prefix + "." + name;
    }

    /** All parameters of the tree by dotted name relative to this layer. */
    public final SortedMap<String, Parameter> parameters() {
        SortedMap<String, Parameter> all = new TreeMap<>();
        visit("", all::put);
        return all;
    }

    private void visit(String prefix, BiConsumer<String, Parameter> visitor) {
        parameters.forEach((key, parameter) -> visitor.accept(prefix + key, parameter));
        children.forEach((key, layer) -> layer.visit(prefix + key + ".", visitor));
    }

    /** The dotted names of all layers of the tree, this one first as {@code ""}. */
    public final List<String> paths() {
        List<String> all = new ArrayList<>();
        collectPaths("", all);
        return all;
    }

    private void collectPaths(String prefix, List<String> all) {
        all.add(prefix);
        children.forEach((key, layer) -> layer.collectPaths(prefix.isEmpty() ? key : prefix + "." + key, all));
    }

    /** Number of scalar parameters of each direct child. */
    public final Map<String, Long> countsByChild() {
        Map<String, Long> counts = new LinkedHashMap<>();
        children.forEach((key, layer) -> counts.put(key, layer.parameterCount()));
        return counts;
    }

    /** Number of scalar parameters. */
    public final long parameterCount() {
        return parameters().values().stream().mapToLong(Parameter::elements).sum();
    }

    /** Fresh values for every parameter, in the order of the names, from one generator. */
    public final void initialise(long seed) {
        try (SeededGenerator generator = new SeededGenerator(seed)) {
            parameters().values().forEach(parameter -> parameter.initialise(generator));
        }
    }

    /**
     * Takes all values from a weight file. Names and shapes must match exactly; nothing is loaded otherwise.
     *
     * @throws ZoetropeException CHECKPOINT_MISMATCH with up to ten keys of each kind of difference
     */
    public final void load(WeightSource source) {
        SortedMap<String, Parameter> wanted = parameters();
        checkMatches(wanted, source);
        for (Map.Entry<String, Parameter> entry : wanted.entrySet()) {
            try (Scope scope = Scope.noGrad()) {
                entry.getValue().set(Tensors.read(source, entry.getKey()));
            }
        }
    }

    private static void checkMatches(SortedMap<String, Parameter> wanted, WeightSource source) {
        Map<String, WeightEntry> given = source.entries();
        List<String> missing = new ArrayList<>();
        List<String> misshapen = new ArrayList<>();
        wanted.forEach((key, parameter) -> {
            WeightEntry entry = given.get(key);
            if (entry == null) {
                missing.add(key + " " + Arrays.toString(parameter.shape()));
            } else if (!entry.shape()
                    .equals(Arrays.stream(parameter.shape()).boxed().toList())) {
                misshapen.add(key + " is " + entry.shape() + ", expected " + Arrays.toString(parameter.shape()));
            }
        });
        List<String> unexpected = given.values().stream()
                .filter(entry -> !wanted.containsKey(entry.name()))
                .map(entry -> entry.name() + " " + entry.shape())
                .toList();
        if (!missing.isEmpty() || !misshapen.isEmpty() || !unexpected.isEmpty()) {
            throw ZoetropeException.checkpoint(
                    "%s",
                    source.description() + " does not fit its configuration"
                            + report("missing", missing)
                            + report("unexpected", unexpected)
                            + report("wrong shape", misshapen)
                            + "\n  check that the weights and config.json come from the same model");
        }
    }

    private static String report(String kind, List<String> keys) {
        if (keys.isEmpty()) {
            return "";
        }
        String more = keys.size() > 10 ? "\n    and " + (keys.size() - 10) + " more" : "";
        return "\n  " + kind + " (" + keys.size() + "):"
                + keys.stream().limit(10).map(key -> "\n    " + key).collect(Collectors.joining()) + more;
    }

    /** Gradients for all parameters on or off. */
    public final void requireGradients(boolean required) {
        // The setter answers with the same handle, which must not be closed.
        parameters().values().forEach(parameter -> parameter.value().requires_grad_(required));
    }

    /** Frees the values. */
    @Override
    public void close() {
        parameters().values().forEach(Parameter::close);
    }
}
