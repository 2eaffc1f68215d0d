package dev.zoetrope.tensor;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * Named tensors that can be read: a weight file, several shards of one, or a view with other names. Opening reads and
 * checks names, shapes and ranges only; data is read on demand. Safe for use by several threads.
 *
 * <p>{@link WeightFiles} opens files; {@link #map}, {@link #prefixStripped} and {@link #of} make views, which own their
 * sources: closing the view closes them.
 */
public interface WeightSource extends AutoCloseable {
    /** All readable tensors, sorted by name; unmodifiable. */
    SortedMap<String, WeightEntry> entries();

    /** The text metadata of the file; empty where the format has none. */
    Map<String, String> metadata();

    /** The file names, for messages. */
    String description();

    /**
     * All data of a tensor as stored: little endian, row-major and contiguous.
     *
     * @param name a key of {@link #entries()}
     * @return a direct, read-only, little-endian buffer from 0 to the tensor's byte size. A view of the mapped file
     *     where the tensor is contiguous there, else a copy. It stays valid after {@link #close()}; its address is not
     *     necessarily a multiple of the element size.
     * @throws ZoetropeException (CHECKPOINT_MISMATCH) if there is no such tensor, or if it has 2 GiB or more
     */
    ByteBuffer bytes(String name);

    /**
     * A range of the data of a tensor, otherwise as {@link #bytes(String)}; the way to read tensors of 2 GiB and more.
     *
     * @param offset first byte, from the start of the tensor
     * @param length bytes
     * @throws ZoetropeException (CHECKPOINT_MISMATCH) if there is no such tensor or range
     */
    default ByteBuffer bytes(String name, long offset, int length) {
        return WeightRanges.slice(this, name, offset, length);
    }

    /**
     * Fills {@code target} with the data of a tensor from byte {@code offset} on. Unlike {@link #bytes(String)} this does
     * not leave pages of the file in memory where the source can avoid it. Errors as {@link #bytes(String, long, int)}.
     */
    default void read(String name, long offset, ByteBuffer target) {
        target.put(bytes(name, offset, target.remaining()));
    }

    /**
     * The entry of one tensor.
     *
     * @throws ZoetropeException (CHECKPOINT_MISMATCH) if there is no such tensor
     */
    default WeightEntry entry(String name) {
        WeightEntry entry = entries().get(name);
        if (entry == null) {
            throw ZoetropeException.checkpoint(
                    "%s: no tensor '%s' among its %d; is this the file of another model? It starts with: %s",
                    description(),
                    Messages.clip(name),
                    entries().size(),
                    Messages.list(entries().keySet()));
        }
        return entry;
    }

    @Override
    void close();

    /**
     * A view under other names.
     *
     * @param rename new name of a tensor, or empty to leave it out
     * @throws ZoetropeException (CHECKPOINT_MISMATCH) if two tensors get the same name
     */
    default WeightSource map(Function<String, Optional<String>> rename) {
        return WeightView.renamed(this, rename);
    }

    /** A view with every tensor under another name; errors as {@link #map}. */
    default WeightSource renamed(UnaryOperator<String> rename) {
        return map(name -> Optional.of(rename.apply(name)));
    }

    /** A view of the tensors whose names start with {@code prefix}, without it; the others are left out. */
    default WeightSource prefixStripped(String prefix) {
        return map(name -> name.startsWith(prefix) ? Optional.of(name.substring(prefix.length())) : Optional.empty());
    }

    /**
     * A source put together from (parts of) tensors of other sources.
     *
     * @param description for messages
     * @param metadata what {@link #metadata()} returns
     * @param tensors by new name
     */
    static WeightSource of(String description, Map<String, String> metadata, Map<String, DerivedEntry> tensors) {
        return new WeightView(description, metadata, tensors);
    }

    /**
     * A contiguous part of a tensor, perhaps of another shape: a third of a fused projection, {@code [C,C,1,1]} read as
     * {@code [C,C]}.
     *
     * @param source where the tensor is
     * @param name its name there
     * @param shape shape of the part
     * @param byteOffset start of the part from the start of the tensor
     * @param byteLength bytes of the part: the product of {@code shape} times the element size
     */
    record DerivedEntry(WeightSource source, String name, List<Long> shape, long byteOffset, long byteLength) {
        /** @throws ZoetropeException (CHECKPOINT_MISMATCH) if the shape does not fit the length or the part the tensor */
        public DerivedEntry {
            shape = List.copyOf(shape);
            WeightEntry whole = source.entry(name);
            long needed = new WeightEntry(name, whole.dtype(), shape).byteSize();
            if (needed != byteLength || byteOffset < 0 || byteLength > whole.byteSize() - byteOffset) {
                throw ZoetropeException.checkpoint(
                        "%s: cannot read tensor '%s' of shape %s as shape %s at byte %d (%d bytes, shape needs %d)",
                        source.description(),
                        Messages.clip(name),
                        whole.shape(),
                        shape,
                        byteOffset,
                        byteLength,
                        needed);
            }
        }

        /** The whole tensor, unchanged. */
        public static DerivedEntry of(WeightSource source, String name) {
            WeightEntry whole = source.entry(name);
            return new DerivedEntry(source, name, whole.shape(), 0, whole.byteSize());
        }

        /** The same bytes as another shape with as many elements. */
        public DerivedEntry reshaped(List<Long> newShape) {
            return new DerivedEntry(source, name, newShape, byteOffset, byteLength);
        }

        /** Rows {@code from} (inclusive) to {@code to} (exclusive) along the first dimension. */
        public DerivedEntry rows(long from, long to) {
            if (shape.isEmpty() || from < 0 || to < from || to > shape.get(0)) {
                throw ZoetropeException.checkpoint(
                        "%s: tensor '%s' of shape %s has no rows %d to %d",
                        source.description(), Messages.clip(name), shape, from, to);
            }
            long rowBytes = shape.get(0) == 0 ? 0 : byteLength / shape.get(0);
            List<Long> part = new ArrayList<>(shape);
            part.set(0, to - from);
            return new DerivedEntry(source, name, part, byteOffset + from * rowBytes, (to - from) * rowBytes);
        }

        /** Name, type and shape of this part under a new name. */
        WeightEntry entry(String newName) {
            return new WeightEntry(newName, source.entry(name).dtype(), shape);
        }
    }
}
