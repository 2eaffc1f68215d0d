package dev.zoetrope.tensor;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The checked header of a safetensors file.
 *
 * @param entries tensors by name
 * @param starts where the data of each tensor starts in the file, bytes
 * @param metadata the {@code __metadata__} object, sorted by key
 */
record SafetensorsHeader(
        SortedMap<String, WeightEntry> entries, Map<String, Long> starts, SortedMap<String, String> metadata) {
    /** Limit of the reference implementation. */
    static final long MAX_HEADER_BYTES = 100_000_000;

    static final int LENGTH_BYTES = 8;
    /** Ten times what the largest published mixture of experts has; bounds what a hostile header can make us keep. */
    private static final int MAX_TENSORS = 250_000;

    static SafetensorsHeader read(MappedFile file) {
        FileKind.refusePointer(file);
        long length = headerLength(file);
        ByteBuffer json = file.view(LENGTH_BYTES, (int) length);
        try (JsonParser parser = HostileJson.parser(json)) {
            return new Reader(file, LENGTH_BYTES + length).read(parser);
        } catch (IOException e) {
            throw ZoetropeException.checkpoint(
                    "%s: the safetensors header is not valid JSON (%s); the file is damaged, fetch it again",
                    file.path(), HostileJson.reason(e));
        }
    }

    private static long headerLength(MappedFile file) {
        if (file.size() < LENGTH_BYTES) {
            throw ZoetropeException.checkpoint(
                    "%s: %d bytes are too few for a safetensors file; fetch it again", file.path(), file.size());
        }
        long length = file.view(0, LENGTH_BYTES).getLong();
        if (length < 0 || length > MAX_HEADER_BYTES) {
            throw ZoetropeException.checkpoint(
                    "%s: header length %s is over the limit of %d bytes; not a safetensors file, or damaged",
                    file.path(), Long.toUnsignedString(length), MAX_HEADER_BYTES);
        }
        if (length > file.size() - LENGTH_BYTES) {
            throw ZoetropeException.checkpoint(
                    "%s: the header should have %d bytes but the file ends after %d; it is cut short, fetch it again",
                    file.path(), length, file.size() - LENGTH_BYTES);
        }
        return length;
    }

    /** A tensor and its data range in the file. */
    private record Located(WeightEntry entry, long begin, long end) {}

    /** Parses one header. The position in the JSON is the parser's; every method leaves it on its last token. */
    private static final class Reader {
        private final MappedFile file;
        private final long dataStart;
        private final List<Located> tensors = new ArrayList<>();
        private final SortedMap<String, String> metadata = new TreeMap<>();

        Reader(MappedFile file, long dataStart) {
            this.file = file;
            this.dataStart = dataStart;
        }

        SafetensorsHeader read(JsonParser json) throws IOException {
            expect(json, json.nextToken(), JsonToken.START_OBJECT, "the header");
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                if (name.equals("__metadata__")) {
                    readMetadata(json);
                } else if (tensors.size() == MAX_TENSORS) {
                    throw damaged(String.format("more than %d tensors", MAX_TENSORS));
                } else {
                    tensors.add(readTensor(json, name));
                }
            }
            if (json.nextToken() != null) {
                throw damaged("text after the end of the header's JSON object");
            }
            checkCoverage();
            return result();
        }

        private void readMetadata(JsonParser json) throws IOException {
            if (json.nextToken() == JsonToken.VALUE_NULL) {
                return;
            }
            expect(json, json.currentToken(), JsonToken.START_OBJECT, "__metadata__");
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String key = json.currentName();
                expect(json, json.nextToken(), JsonToken.VALUE_STRING, "__metadata__." + Messages.clip(key));
                metadata.put(key, json.getText());
            }
        }

        private Located readTensor(JsonParser json, String name) throws IOException {
            String where = "tensor '" + Messages.clip(name) + "'";
            String dtype = null;
            List<Long> shape = null;
            List<Long> offsets = null;
            expect(json, json.nextToken(), JsonToken.START_OBJECT, where);
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String field = json.currentName();
                json.nextToken();
                switch (field) {
                    case "dtype" -> dtype = readText(json, where + ".dtype");
                    case "shape" -> shape = readNumbers(json, where + ".shape");
                    case "data_offsets" -> offsets = readNumbers(json, where + ".data_offsets");
                    default -> json.skipChildren(); // as the reference does: room for later versions
                }
            }
            return located(name, dtype, shape, offsets);
        }

        private Located located(
                String name, @Nullable String dtype, @Nullable List<Long> shape, @Nullable List<Long> offsets) {
            if (dtype == null || shape == null || offsets == null || offsets.size() != 2) {
                throw damaged(String.format(
                        "tensor '%s' lacks its dtype, shape or pair of data_offsets", Messages.clip(name)));
            }
            WeightEntry entry = entry(name, dtype, shape);
            long begin = offsets.get(0);
            long end = offsets.get(1);
            if (begin < 0 || end < begin || end > file.size() - dataStart) {
                throw damaged(String.format(
                        "tensor '%s' has data offsets %d to %d, outside the %d data bytes of the file",
                        Messages.clip(name), begin, end, file.size() - dataStart));
            }
            if (end - begin != entry.byteSize()) {
                throw damaged(String.format(
                        "tensor '%s' (%s %s) needs %d bytes but has %d",
                        Messages.clip(name), dtype, shape, entry.byteSize(), end - begin));
            }
            return new Located(entry, begin, end);
        }

        private WeightEntry entry(String name, String dtype, List<Long> shape) {
            Dtype type = Dtype.named(dtype)
                    .orElseThrow(() -> ZoetropeException.checkpoint(
                            "%s: tensor '%s' has element type %s; supported are %s, save it as one of these",
                            file.path(), Messages.clip(name), Messages.clip(dtype), Arrays.toString(Dtype.values())));
            try {
                return new WeightEntry(name, type, shape);
            } catch (ZoetropeException e) {
                throw ZoetropeException.checkpoint("%s: %s", file.path(), e.getMessage());
            }
        }

        /** Overlapping tensors or bytes that belong to none are signs of a tampered file, as in the reference. */
        private void checkCoverage() {
            tensors.sort(Comparator.comparingLong(Located::begin).thenComparingLong(Located::end));
            long position = 0;
            for (Located tensor : tensors) {
                if (tensor.begin != position) {
                    throw damaged(String.format(
                            "tensor '%s' starts at data byte %d, %s byte %d",
                            Messages.clip(tensor.entry.name()),
                            tensor.begin,
                            tensor.begin < position ? "inside another one that ends at" : "leaving a hole from",
                            position));
                }
                position = tensor.end;
            }
            if (position != file.size() - dataStart) {
                throw damaged(String.format(
                        "the tensors cover %d data bytes but the file has %d", position, file.size() - dataStart));
            }
        }

        private SafetensorsHeader result() {
            SortedMap<String, WeightEntry> entries = new TreeMap<>();
            Map<String, Long> starts = new HashMap<>();
            for (Located tensor : tensors) {
                entries.put(tensor.entry.name(), tensor.entry);
                starts.put(tensor.entry.name(), dataStart + tensor.begin);
            }
            return new SafetensorsHeader(
                    Collections.unmodifiableSortedMap(entries),
                    Collections.unmodifiableMap(starts),
                    Collections.unmodifiableSortedMap(metadata));
        }

        private String readText(JsonParser json, String where) throws IOException {
            expect(json, json.currentToken(), JsonToken.VALUE_STRING, where);
            return json.getText();
        }

        private List<Long> readNumbers(JsonParser json, String where) throws IOException {
            expect(json, json.currentToken(), JsonToken.START_ARRAY, where);
            List<Long> numbers = new ArrayList<>();
            while (json.nextToken() != JsonToken.END_ARRAY) {
                expect(json, json.currentToken(), JsonToken.VALUE_NUMBER_INT, where);
                if (numbers.size() > WeightEntry.MAX_DIMENSIONS) {
                    throw damaged(String.format("%s has more than %d numbers", where, WeightEntry.MAX_DIMENSIONS));
                }
                numbers.add(json.getLongValue());
            }
            return numbers;
        }

        private static void expect(JsonParser json, @Nullable JsonToken found, JsonToken wanted, String where)
                throws IOException {
            if (found != wanted) {
                throw new JsonParseException(json, where + ": expected " + wanted + ", found " + found);
            }
        }

        private ZoetropeException damaged(String what) {
            return ZoetropeException.checkpoint("%s: %s; the file is damaged, fetch it again", file.path(), what);
        }
    }
}
