package dev.zoetrope.tensor;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Writes safetensors files, whole or not at all. Same tensors and metadata, same bytes: tensors go in the order of the
 * reference writer (element types by falling alignment, then names), metadata is sorted.
 */
public final class SafetensorsWriter {
    private static final int CHUNK_BYTES = 1 << 20;

    private SafetensorsWriter() {}

    /**
     * What to write for one tensor.
     *
     * @param dtype element type
     * @param shape sizes, outermost first
     * @param bytes asked once, when it is the tensor's turn; little-endian, row-major data from the position to the
     *     limit of the buffer
     */
    public record Content(Dtype dtype, long[] shape, Supplier<ByteBuffer> bytes) {
        /** A tensor of another source, as stored there. */
        public static Content of(WeightSource source, String name) {
            WeightEntry entry = source.entry(name);
            return new Content(
                    entry.dtype(),
                    entry.shape().stream().mapToLong(Long::longValue).toArray(),
                    () -> source.bytes(name));
        }

        /** Numbers in float64. */
        public static Content of(double[] values, long... shape) {
            return new Content(Dtype.F64, shape, () -> {
                ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(Double.BYTES, values.length))
                        .order(ByteOrder.LITTLE_ENDIAN);
                bytes.asDoubleBuffer().put(values);
                return bytes;
            });
        }
    }

    /**
     * Writes a file. One tensor's data is held at a time.
     *
     * @param target replaced if it exists
     * @param tensors by name, in any order; {@code __metadata__} cannot be a name
     * @param metadata free text; {@code format=pt} is added, because other readers want it
     * @throws ZoetropeException CHECKPOINT_MISMATCH if the data of a tensor does not fit its shape; IO if the file
     *     cannot be written
     */
    public static void write(Path target, Map<String, Content> tensors, Map<String, String> metadata) {
        List<WeightEntry> order = order(target, tensors);
        byte[] header = header(target, order, metadata);
        AtomicFiles.write(target, out -> {
            out.write(header);
            byte[] chunk = new byte[CHUNK_BYTES];
            for (WeightEntry entry : order) {
                Content content = tensors.get(entry.name());
                if (content != null) {
                    writeData(out, target, entry, content.bytes().get(), chunk);
                }
            }
        });
    }

    /** Writes all tensors and the metadata of {@code source}, for example to convert a torch.save file. */
    public static void copy(WeightSource source, Path target) {
        Map<String, Content> tensors = new LinkedHashMap<>();
        source.entries().keySet().forEach(name -> tensors.put(name, Content.of(source, name)));
        write(target, tensors, source.metadata());
    }

    private static List<WeightEntry> order(Path target, Map<String, Content> tensors) {
        if (tensors.containsKey("__metadata__")) {
            throw ZoetropeException.badInput("%s: a tensor cannot be named __metadata__; rename it", target);
        }
        List<WeightEntry> order = new ArrayList<>();
        tensors.forEach((name, content) -> order.add(new WeightEntry(
                name, content.dtype(), Arrays.stream(content.shape()).boxed().toList())));
        order.sort(Comparator.comparing(WeightEntry::dtype)
                .reversed()
                .thenComparing(entry -> entry.name().getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned));
        return order;
    }

    /** Length, JSON, and spaces up to a multiple of 8, so that the data is aligned when the file is mapped. */
    private static byte[] header(Path target, List<WeightEntry> order, Map<String, String> metadata) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = new JsonFactory().createGenerator(bytes)) {
            writeHeader(json, order, metadata);
        } catch (IOException e) {
            throw ZoetropeException.io(e, "%s: cannot write the header: %s", target, e.getMessage());
        }
        while (bytes.size() % 8 != 0) {
            bytes.write(' ');
        }
        if (bytes.size() > SafetensorsHeader.MAX_HEADER_BYTES) {
            throw ZoetropeException.badInput(
                    "%s: the header would have %d bytes, the format allows %d; shorten the metadata",
                    target, bytes.size(), SafetensorsHeader.MAX_HEADER_BYTES);
        }
        return ByteBuffer.allocate(SafetensorsHeader.LENGTH_BYTES + bytes.size())
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(bytes.size())
                .put(bytes.toByteArray())
                .array();
    }

    private static void writeHeader(JsonGenerator json, List<WeightEntry> order, Map<String, String> metadata)
            throws IOException {
        TreeMap<String, String> sorted = new TreeMap<>(metadata);
        sorted.putIfAbsent("format", "pt");
        json.writeStartObject();
        json.writeObjectFieldStart("__metadata__");
        for (Map.Entry<String, String> entry : sorted.entrySet()) {
            json.writeStringField(entry.getKey(), entry.getValue());
        }
        json.writeEndObject();
        long position = 0;
        for (WeightEntry entry : order) {
            long end = Math.addExact(position, entry.byteSize());
            writeEntry(json, entry, position, end);
            position = end;
        }
        json.writeEndObject();
    }

    private static void writeEntry(JsonGenerator json, WeightEntry entry, long begin, long end) throws IOException {
        json.writeObjectFieldStart(entry.name());
        json.writeStringField("dtype", entry.dtype().name());
        json.writeArrayFieldStart("shape");
        for (long size : entry.shape()) {
            json.writeNumber(size);
        }
        json.writeEndArray();
        json.writeArrayFieldStart("data_offsets");
        json.writeNumber(begin);
        json.writeNumber(end);
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void writeData(OutputStream out, Path target, WeightEntry entry, ByteBuffer data, byte[] chunk)
            throws IOException {
        if (data.remaining() != entry.byteSize()) {
            throw ZoetropeException.checkpoint(
                    "%s: tensor '%s' (%s %s) needs %d bytes but %d were given",
                    target,
                    Messages.clip(entry.name()),
                    entry.dtype(),
                    entry.shape(),
                    entry.byteSize(),
                    data.remaining());
        }
        ByteBuffer rest = data.duplicate();
        while (rest.hasRemaining()) {
            int count = Math.min(rest.remaining(), chunk.length);
            rest.get(chunk, 0, count);
            out.write(chunk, 0, count);
        }
    }
}
