package dev.zoetrope.train;

import dev.zoetrope.tensor.Dtype;
import dev.zoetrope.tensor.Safetensors;
import dev.zoetrope.tensor.SafetensorsWriter;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.WeightEntry;
import dev.zoetrope.tensor.WeightSource;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.Tensor;

/**
 * One checkpoint: a safetensors file with {@code <kind>/<name>} for every tensor, where the kind is {@code weights},
 * {@code ema}, {@code buffers} or a state of the optimizer, and a small header in the metadata. The parts have the
 * names of the parameters, so that {@code source.prefixStripped("ema/unet.")} is a weight file of the network.
 *
 * <p>The file is written whole or not at all, and carries a CRC-32C of names and data.
 *
 * @param step completed steps
 * @param seconds wall-clock time so far
 * @param options {@link OptionsCheck#describe}
 */
record Checkpoint(long step, double seconds, String options) {
    private static final String FORMAT = "zoetrope-training-1";

    /** Writes a checkpoint of these tensors. */
    void write(Path file, SortedMap<String, Tensor> tensors) {
        Map<String, SafetensorsWriter.Content> contents = contents(tensors);
        CRC32C crc = new CRC32C();
        tensors.forEach((name, tensor) -> update(crc, name, nativeBytes(tensor)));
        Map<String, String> metadata = new HashMap<>();
        metadata.put("zoetrope.format", FORMAT);
        metadata.put("zoetrope.step", String.valueOf(step));
        metadata.put("zoetrope.seconds", String.valueOf(seconds));
        metadata.put("zoetrope.options", options);
        metadata.put("zoetrope.crc32c", Long.toHexString(crc.getValue()));
        SafetensorsWriter.write(file, contents, metadata);
    }

    static Map<String, SafetensorsWriter.Content> contents(Map<String, Tensor> tensors) {
        Map<String, SafetensorsWriter.Content> contents = new TreeMap<>();
        tensors.forEach((name, tensor) -> contents.put(
                name, new SafetensorsWriter.Content(Dtype.F32, Tensors.shape(tensor), () -> nativeBytes(tensor))));
        return contents;
    }

    /** The memory of a contiguous tensor, no copy; valid as long as the tensor. */
    private static ByteBuffer nativeBytes(Tensor tensor) {
        if (tensor.nbytes() == 0) {
            return ByteBuffer.allocate(0);
        }
        return new BytePointer(tensor.data_ptr()).capacity(tensor.nbytes()).asByteBuffer();
    }

    private static void update(CRC32C crc, String name, ByteBuffer data) {
        crc.update(name.getBytes(StandardCharsets.UTF_8));
        crc.update(data);
    }

    /**
     * Reads the header and checks that the file is complete and undamaged; reads all of it.
     *
     * @throws ZoetropeException CHECKPOINT_MISMATCH if not
     */
    static Checkpoint read(Path file) {
        try (WeightSource source = Safetensors.open(file)) {
            Map<String, String> metadata = source.metadata();
            if (!FORMAT.equals(metadata.get("zoetrope.format"))) {
                throw ZoetropeException.checkpoint("%s is not a training checkpoint", file);
            }
            CRC32C crc = new CRC32C();
            source.entries().keySet().forEach(name -> update(crc, name, source.bytes(name)));
            if (!Long.toHexString(crc.getValue()).equals(metadata.get("zoetrope.crc32c"))) {
                throw ZoetropeException.checkpoint("%s is damaged: its checksum is wrong", file);
            }
            return new Checkpoint(
                    Long.parseLong(metadata.getOrDefault("zoetrope.step", "")),
                    Double.parseDouble(metadata.getOrDefault("zoetrope.seconds", "")),
                    metadata.getOrDefault("zoetrope.options", ""));
        } catch (NumberFormatException e) {
            throw ZoetropeException.checkpoint("%s has a damaged header", file);
        }
    }

    /**
     * Copies the tensors of a checkpoint into these, in place.
     *
     * @throws ZoetropeException CHECKPOINT_MISMATCH if names or shapes differ; then nothing is copied
     */
    static void restore(Path file, SortedMap<String, Tensor> tensors) {
        try (WeightSource source = Safetensors.open(file)) {
            checkFits(file, source.entries(), tensors);
            tensors.forEach((name, tensor) -> {
                try (Scope scope = Scope.noGrad()) {
                    tensor.copy_(Tensors.read(source, name));
                }
            });
        }
    }

    private static void checkFits(Path file, SortedMap<String, WeightEntry> stored, SortedMap<String, Tensor> tensors) {
        tensors.forEach((name, tensor) -> {
            WeightEntry entry = stored.get(name);
            String wanted = java.util.Arrays.toString(Tensors.shape(tensor));
            if (entry == null || !entry.shape().toString().equals(wanted)) {
                throw differs(
                        file,
                        name + " should be " + wanted + " and is " + (entry == null ? "not there" : entry.shape()));
            }
        });
        stored.keySet().forEach(name -> {
            if (!tensors.containsKey(name)) {
                throw differs(file, name + " is not part of this model");
            }
        });
    }

    private static ZoetropeException differs(Path file, String what) {
        return ZoetropeException.checkpoint(
                "%s is of another model: %s; use the old configuration or another output folder", file, what);
    }
}
