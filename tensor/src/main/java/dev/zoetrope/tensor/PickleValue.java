package dev.zoetrope.tensor;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the restricted pickle machine can make: texts, integers, lists, dictionaries, tensors without data; everything
 * else is {@link Inert}. The containers can hold themselves in a hostile file, so they have identity equality and no
 * {@code toString}, and nothing walks them without a bound.
 */
sealed interface PickleValue {
    /** A text. */
    record Text(String value) implements PickleValue {}

    /** An integer that fits 64 bits. */
    record Int(long value) implements PickleValue {}

    /** Something without meaning for us, which takes part in any operation and stays what it is. */
    record Inert(String type) implements PickleValue {}

    /** A name of a Python class or function; only {@link PickleGlobals} gives some a meaning. */
    record Global(String name) implements PickleValue {}

    /** A list, tuple or set. */
    final class Items implements PickleValue {
        final List<PickleValue> values;

        Items(List<PickleValue> values) {
            this.values = values;
        }

        /** The integers, or empty if something else is among them. */
        Optional<List<Long>> integers() {
            List<Long> integers = new ArrayList<>();
            for (PickleValue value : values) {
                if (!(value instanceof Int integer) || integers.size() == WeightEntry.MAX_DIMENSIONS) {
                    return Optional.empty();
                }
                integers.add(integer.value);
            }
            return Optional.of(integers);
        }
    }

    /** A dictionary; only values under texts and integers are kept, an integer key as its decimal text. */
    final class Dict implements PickleValue {
        final Map<String, PickleValue> values = new LinkedHashMap<>();

        void put(PickleValue key, PickleValue value) {
            if (key instanceof Text text) {
                values.put(text.value, value);
            } else if (key instanceof Int integer) {
                values.put(Long.toString(integer.value), value);
            }
        }
    }

    /**
     * Data of one or more tensors, a member {@code data/<key>} of the archive.
     *
     * @param type Python name of its type
     * @param dtype element type, if supported
     * @param key name of the member
     * @param elements number of elements
     */
    record Storage(String type, Optional<Dtype> dtype, String key, long elements) implements PickleValue {}

    /**
     * A tensor as a window onto a storage.
     *
     * @param storage its data
     * @param offset first element
     * @param size shape
     * @param stride distance of neighbours along each dimension, elements
     */
    record TensorRef(Storage storage, long offset, List<Long> size, List<Long> stride) implements PickleValue {}
}
