package dev.zoetrope.tensor;

import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/** Tensors of other sources under new names, whole or in part. Owns the sources. */
final class WeightView implements WeightSource {
    private final String description;
    private final Map<String, String> metadata;
    private final Map<String, DerivedEntry> tensors;
    private final SortedMap<String, WeightEntry> entries;
    private final Set<WeightSource> sources;

    WeightView(String description, Map<String, String> metadata, Map<String, DerivedEntry> tensors) {
        this.description = description;
        this.metadata = Map.copyOf(metadata);
        this.tensors = Map.copyOf(tensors);
        TreeMap<String, WeightEntry> named = new TreeMap<>();
        tensors.forEach((name, part) -> named.put(name, part.entry(name)));
        this.entries = Collections.unmodifiableSortedMap(named);
        this.sources = new LinkedHashSet<>();
        tensors.values().forEach(part -> sources.add(part.source()));
    }

    /** See {@link WeightSource#map}. */
    static WeightSource renamed(WeightSource source, Function<String, Optional<String>> rename) {
        TreeMap<String, DerivedEntry> tensors = new TreeMap<>();
        for (String oldName : source.entries().keySet()) {
            Optional<String> newName = rename.apply(oldName);
            if (newName.isEmpty()) {
                continue;
            }
            DerivedEntry earlier = tensors.put(newName.get(), DerivedEntry.of(source, oldName));
            if (earlier != null) {
                throw ZoetropeException.checkpoint(
                        "%s: tensors '%s' and '%s' would both be named '%s'; the file mixes two layouts",
                        source.description(),
                        Messages.clip(earlier.name()),
                        Messages.clip(oldName),
                        Messages.clip(newName.get()));
            }
        }
        WeightView view = new WeightView(source.description(), source.metadata(), tensors);
        view.sources.add(source); // also when every tensor is left out
        return view;
    }

    @Override
    public SortedMap<String, WeightEntry> entries() {
        return entries;
    }

    @Override
    public Map<String, String> metadata() {
        return metadata;
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public ByteBuffer bytes(String name) {
        return WeightRanges.whole(this, name);
    }

    @Override
    public ByteBuffer bytes(String name, long offset, int length) {
        WeightRanges.check(this, entry(name), offset, length);
        DerivedEntry part = Objects.requireNonNull(tensors.get(name));
        return part.source().bytes(part.name(), part.byteOffset() + offset, length);
    }

    @Override
    public void read(String name, long offset, ByteBuffer target) {
        WeightRanges.check(this, entry(name), offset, target.remaining());
        DerivedEntry part = Objects.requireNonNull(tensors.get(name));
        part.source().read(part.name(), part.byteOffset() + offset, target);
    }

    @Override
    public void close() {
        sources.forEach(WeightSource::close);
    }
}
