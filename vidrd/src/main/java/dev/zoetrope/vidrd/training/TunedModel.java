package dev.zoetrope.vidrd.training;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.zoetrope.tensor.AtomicFiles;
import dev.zoetrope.tensor.Dtype;
import dev.zoetrope.tensor.JsonFiles;
import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.SafetensorsWriter;
import dev.zoetrope.tensor.SafetensorsWriter.Content;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A model folder that is another one with one part replaced.
 *
 * @param base folder of the other model
 * @param target new folder
 */
public record TunedModel(Path base, Path target) {
    private static final List<String> PARTS = List.of("unet", "vae", "text_encoder", "tokenizer", "scheduler");

    /** Writes the new part. */
    public void write(String part, ObjectNode json, Layer network) {
        Map<String, Content> contents = new TreeMap<>();
        network.parameters()
                .forEach((name, parameter) -> contents.put(
                        name,
                        new Content(
                                Dtype.F32,
                                parameter.shape(),
                                () -> ByteBuffer.wrap(Tensors.bytes(parameter.value(), Dtype.F32)))));
        SafetensorsWriter.write(
                target.resolve(part).resolve("diffusion_pytorch_model.safetensors"), contents, Map.of());
        JsonFiles.write(target.resolve(part).resolve("config.json"), json);
    }

    /**
     * Copies all other parts, and last the index.
     *
     * @return the folder
     */
    public Path finish(String replaced) {
        for (String part : PARTS) {
            if (!part.equals(replaced)) {
                copy(base.resolve(part), target.resolve(part));
            }
        }
        copyFile(base.resolve("model_index.json"), target.resolve("model_index.json"));
        return target;
    }

    private static void copy(Path from, Path to) {
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                copyFile(file, to.resolve(String.valueOf(file.getFileName())));
            }
        } catch (IOException e) {
            throw ZoetropeException.io(e, "cannot copy %s: %s", from, e.getMessage());
        }
    }

    private static void copyFile(Path from, Path to) {
        AtomicFiles.write(to, out -> Files.copy(from, out));
    }
}
