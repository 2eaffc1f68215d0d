package dev.zoetrope.tensor;

import dev.zoetrope.tensor.PickleValue.Dict;
import dev.zoetrope.tensor.PickleValue.Global;
import dev.zoetrope.tensor.PickleValue.Inert;
import dev.zoetrope.tensor.PickleValue.Int;
import dev.zoetrope.tensor.PickleValue.Items;
import dev.zoetrope.tensor.PickleValue.TensorRef;
import dev.zoetrope.tensor.PickleValue.Text;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Finds the dictionary of tensors in what a training program saved.
 *
 * @param path keys that lead to it, joined by dots; empty for the whole file
 * @param tensors by name; names of nested dictionaries are joined by dots
 * @param others type names of the values that are no tensors
 */
record StateDict(String path, SortedMap<String, TensorRef> tensors, SortedMap<String, String> others) {
    /** Where the weights are when they are not alone, the likeliest first. */
    private static final List<String> USUAL_KEYS =
            List.of("state_dict", "model_state_dict", "model", "module", "params_ema", "params", "ema", "model_ema");

    /** The name of a tensor that was saved alone, without a dictionary. */
    private static final String ALONE = "tensor";

    private static final int MAX_NESTING = 16;
    /** A hostile file can refer to one dictionary from many places; this bounds walking all of them. */
    private static final int MAX_VISITS = 500_000;

    /** @throws ZoetropeException (BAD_INPUT) if there are no tensors, or several dictionaries of them */
    static StateDict find(PickleValue root, String file) {
        if (root instanceof TensorRef alone) {
            return new StateDict("", new TreeMap<>(Map.of(ALONE, alone)), new TreeMap<>());
        }
        Dict dict = dict(root, file, "");
        StringBuilder path = new StringBuilder();
        for (int depth = 0; depth < MAX_NESTING; depth++) {
            String key = nestedKey(dict, file, path.toString());
            if (key.isEmpty()) {
                return flatten(dict, file, path.toString());
            }
            path.append(path.isEmpty() ? "" : ".").append(key);
            dict = dict(dict.values.get(key), file, path.toString());
        }
        throw tooDeep(file);
    }

    /** @throws ZoetropeException (BAD_INPUT) if {@code path} does not lead to a dictionary with tensors */
    static StateDict at(PickleValue root, String path, String file) {
        Dict dict = dict(root, file, "");
        String rest = path;
        for (int depth = 0; !rest.isEmpty(); depth++) {
            String key = longestKey(dict, rest, file, path);
            rest = rest.length() == key.length() ? "" : rest.substring(key.length() + 1);
            dict = dict(dict.values.get(key), file, path);
            if (depth == MAX_NESTING) {
                throw tooDeep(file);
            }
        }
        return flatten(dict, file, path);
    }

    /** The key to go on with, or an empty text if the tensors are here. */
    private static String nestedKey(Dict dict, String file, String path) {
        List<String> nested = new ArrayList<>();
        boolean tensorsHere = false;
        for (Map.Entry<String, PickleValue> entry : dict.values.entrySet()) {
            boolean optimizer = entry.getKey().startsWith("optim");
            if (entry.getValue() instanceof Dict inner
                    && !optimizer
                    && !entry.getKey().isEmpty()
                    && hasTensors(inner)) {
                nested.add(entry.getKey());
            }
            tensorsHere |= entry.getValue() instanceof TensorRef;
        }
        for (String usual : USUAL_KEYS) {
            if (nested.contains(usual)) {
                return usual;
            }
        }
        if (tensorsHere || nested.isEmpty()) {
            return "";
        }
        if (nested.size() > 1) {
            throw ZoetropeException.badInput(
                    "%s%s: holds several dictionaries of tensors (%s); say which one to read",
                    file, under(path), Messages.list(nested));
        }
        return nested.get(0);
    }

    private static boolean hasTensors(Dict start) {
        Set<Dict> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        List<Dict> waiting = new ArrayList<>(List.of(start));
        while (!waiting.isEmpty()) {
            Dict dict = waiting.remove(waiting.size() - 1);
            if (!seen.add(dict)) {
                continue;
            }
            for (PickleValue value : dict.values.values()) {
                if (value instanceof TensorRef) {
                    return true;
                }
                if (value instanceof Dict inner) {
                    waiting.add(inner);
                }
            }
        }
        return false;
    }

    private static StateDict flatten(Dict dict, String file, String path) {
        StateDict result = new StateDict(path, new TreeMap<>(), new TreeMap<>());
        result.collect(dict, "", file, 0, new int[1]);
        if (result.tensors.isEmpty()) {
            throw ZoetropeException.badInput(
                    "%s%s: no tensors found; it holds: %s", file, under(path), Messages.list(dict.values.keySet()));
        }
        return result;
    }

    private void collect(Dict dict, String prefix, String file, int depth, int[] visits) {
        for (Map.Entry<String, PickleValue> entry : dict.values.entrySet()) {
            if (++visits[0] > MAX_VISITS || depth > MAX_NESTING) {
                throw tooDeep(file);
            }
            String name = prefix + entry.getKey();
            if (entry.getValue() instanceof Dict inner) {
                collect(inner, name + ".", file, depth + 1, visits);
            } else if (!(entry.getValue() instanceof TensorRef tensor)) {
                others.put(name, typeName(entry.getValue()));
            } else if (tensors.put(name, tensor) != null) {
                throw ZoetropeException.checkpoint(
                        "%s%s: has two tensors named '%s'; say which dictionary to read",
                        file, under(path), Messages.clip(name));
            }
        }
    }

    /** Keys may contain dots themselves, so the longest one that fits is taken. */
    private static String longestKey(Dict dict, String rest, String file, String path) {
        for (int end = rest.length(); end > 0; end = rest.lastIndexOf('.', end - 1)) {
            String key = rest.substring(0, end);
            if (dict.values.containsKey(key)) {
                return key;
            }
        }
        throw ZoetropeException.badInput(
                "%s: has no dictionary '%s'; at '%s' it holds: %s",
                file, path, rest, Messages.list(dict.values.keySet()));
    }

    private static Dict dict(@Nullable PickleValue value, String file, String path) {
        if (value instanceof Dict dict) {
            return dict;
        }
        throw ZoetropeException.badInput(
                "%s%s: expected a dictionary of tensors, found %s; in Python save model.state_dict() instead",
                file, under(path), value == null ? "nothing" : Messages.clip(typeName(value)));
    }

    private static String typeName(PickleValue value) {
        if (value instanceof Inert inert) {
            return inert.type();
        }
        if (value instanceof Global global) {
            return global.name();
        }
        return value instanceof Int
                ? "int"
                : value instanceof Text ? "str" : value instanceof Items ? "list or tuple" : "tensor";
    }

    private static String under(String path) {
        return path.isEmpty() ? "" : " [" + Messages.clip(path) + "]";
    }

    private static ZoetropeException tooDeep(String file) {
        return ZoetropeException.checkpoint(
                "%s: its dictionaries are nested too deeply or in themselves; the file is damaged", file);
    }
}
