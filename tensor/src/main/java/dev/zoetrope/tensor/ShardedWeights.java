package dev.zoetrope.tensor;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Weights spread over several files, tied together by an {@code *.index.json} of the form {@code {"metadata": {...},
 * "weight_map": {tensor: file}}}. Only the tensors the index lists are visible.
 */
public final class ShardedWeights implements WeightSource {
    private final Path index;
    private final SortedMap<String, String> weightMap;
    private final SortedMap<String, String> metadata;
    private final Map<String, WeightSource> shards = new LinkedHashMap<>();
    private final SortedMap<String, WeightEntry> entries;

    private ShardedWeights(Path index, SortedMap<String, String> weightMap, SortedMap<String, String> metadata) {
        this.index = index;
        this.weightMap = weightMap;
        this.metadata = metadata;
        try {
            this.entries = Collections.unmodifiableSortedMap(openShards());
        } catch (Throwable e) {
            close();
            throw e;
        }
    }

    /**
     * Opens the index and all shards it names.
     *
     * @throws ZoetropeException BAD_INPUT if there is no such file or it is no index; CHECKPOINT_MISMATCH, naming the
     *     shard, if a shard is missing or damaged, lacks a tensor, or lies outside the folder of the index
     */
    public static ShardedWeights open(Path index) {
        SortedMap<String, String> weightMap = new TreeMap<>();
        SortedMap<String, String> metadata = new TreeMap<>();
        try (MappedFile file = MappedFile.open(index)) {
            FileKind.refusePointer(file);
            if (file.size() > SafetensorsHeader.MAX_HEADER_BYTES) {
                throw ZoetropeException.badInput(
                        "%s: %d bytes are too many for an index of shards", index, file.size());
            }
            try (JsonParser json = HostileJson.parser(file.view(0, (int) file.size()))) {
                readIndex(json, weightMap, metadata);
            }
        } catch (IOException e) {
            throw ZoetropeException.checkpoint(
                    "%s: not a valid index of shards (%s); fetch it again", index, HostileJson.reason(e));
        }
        if (weightMap.isEmpty()) {
            throw ZoetropeException.badInput(
                    "%s: has no \"weight_map\", so it is not an index of weight files; give the weight file itself",
                    index);
        }
        return new ShardedWeights(index, weightMap, metadata);
    }

    private static void readIndex(JsonParser json, Map<String, String> weightMap, Map<String, String> metadata)
            throws IOException {
        expect(json, json.nextToken(), JsonToken.START_OBJECT, "the index");
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String field = json.currentName();
            JsonToken value = json.nextToken();
            if (field.equals("weight_map")) {
                readWeightMap(json, weightMap);
            } else if (field.equals("metadata") && value == JsonToken.START_OBJECT) {
                readMetadata(json, metadata);
            } else {
                json.skipChildren();
            }
        }
        if (json.nextToken() != null) {
            throw new JsonParseException(json, "text after the end of the JSON object");
        }
    }

    private static void readWeightMap(JsonParser json, Map<String, String> weightMap) throws IOException {
        expect(json, json.currentToken(), JsonToken.START_OBJECT, "weight_map");
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String tensor = json.currentName();
            expect(json, json.nextToken(), JsonToken.VALUE_STRING, "weight_map." + Messages.clip(tensor));
            weightMap.put(tensor, json.getText());
        }
    }

    private static void readMetadata(JsonParser json, Map<String, String> metadata) throws IOException {
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String key = json.currentName();
            if (json.nextToken().isScalarValue()) {
                metadata.put(key, json.getText());
            } else {
                json.skipChildren();
            }
        }
    }

    private static void expect(JsonParser json, JsonToken found, JsonToken wanted, String where) throws IOException {
        if (found != wanted) {
            throw new JsonParseException(json, where + ": expected " + wanted + ", found " + found);
        }
    }

    private SortedMap<String, WeightEntry> openShards() {
        SortedMap<String, WeightEntry> found = new TreeMap<>();
        weightMap.forEach((tensor, fileName) -> {
            WeightSource shard = shards.get(fileName);
            if (shard == null) {
                shard = openShard(tensor, fileName);
                shards.put(fileName, shard);
                shard.metadata().forEach(metadata::putIfAbsent);
            }
            WeightEntry entry = shard.entries().get(tensor);
            if (entry == null) {
                throw ZoetropeException.checkpoint(
                        "%s: promises tensor '%s' in %s, which does not have it; the files do not belong together",
                        index, Messages.clip(tensor), fileName);
            }
            found.put(tensor, entry);
        });
        return found;
    }

    private WeightSource openShard(String tensor, String fileName) {
        if (!isPlain(fileName)) {
            throw ZoetropeException.checkpoint(
                    "%s: tensor '%s' is in file '%s'; shards must be files beside the index",
                    index, Messages.clip(tensor), Messages.clip(fileName));
        }
        Path shard = index.resolveSibling(fileName);
        if (!Files.isRegularFile(shard)) {
            throw ZoetropeException.checkpoint(
                    "%s: the shard %s is missing (it has tensor '%s'); fetch it into the same folder",
                    index, fileName, Messages.clip(tensor));
        }
        return WeightFiles.openShard(shard);
    }

    /** A bare file name on every operating system, so that an index cannot reach outside its folder. */
    private static boolean isPlain(String fileName) {
        return !fileName.isBlank()
                && fileName.length() <= 255
                && !fileName.startsWith(".")
                && fileName.codePoints().noneMatch(c -> c < ' ' || c == '/' || c == '\\' || c == ':');
    }

    @Override
    public SortedMap<String, WeightEntry> entries() {
        return entries;
    }

    @Override
    public Map<String, String> metadata() {
        return Collections.unmodifiableMap(metadata);
    }

    @Override
    public String description() {
        return index.toString();
    }

    @Override
    public ByteBuffer bytes(String name) {
        return WeightRanges.whole(this, name);
    }

    @Override
    public ByteBuffer bytes(String name, long offset, int length) {
        entry(name);
        String fileName = Objects.requireNonNull(weightMap.get(name));
        return Objects.requireNonNull(shards.get(fileName)).bytes(name, offset, length);
    }

    @Override
    public void read(String name, long offset, ByteBuffer target) {
        entry(name);
        String fileName = Objects.requireNonNull(weightMap.get(name));
        Objects.requireNonNull(shards.get(fileName)).read(name, offset, target);
    }

    @Override
    public void close() {
        shards.values().forEach(WeightSource::close);
    }
}
