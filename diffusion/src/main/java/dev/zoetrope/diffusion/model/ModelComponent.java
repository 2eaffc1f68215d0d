package dev.zoetrope.diffusion.model;

import dev.zoetrope.tensor.JsonFiles;
import dev.zoetrope.tensor.WeightFiles;
import dev.zoetrope.tensor.WeightSource;
import dev.zoetrope.tensor.ZoetropeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * A part of a model that has weights.
 *
 * @param name such as {@code unet}
 * @param className the published class, such as {@code UNet3DConditionModel}
 * @param parameters number of parameters, from the configuration; four bytes each once loaded
 * @param weightBytes size of the weight files
 * @param files the weight files
 */
public record ModelComponent(String name, String className, long parameters, long weightBytes, List<Path> files) {
    public ModelComponent {
        files = List.copyOf(files);
    }

    /** The published network this is, judged by its class and size; empty for any other. */
    public Optional<PublishedNetwork> published() {
        return PublishedNetwork.of(className, parameters);
    }

    /**
     * Looks at the weights of a component without reading their values.
     *
     * @throws ZoetropeException BAD_INPUT if they are missing or no weights at all (a Git-LFS pointer, say),
     *     CHECKPOINT_MISMATCH if they are damaged
     */
    static ModelComponent inspect(
            String name, String className, long parameters, Path folder, String baseName, Optional<String> variant) {
        try (WeightSource source = WeightFiles.openComponent(folder, baseName, variant)) {
            return of(name, className, parameters, files(Path.of(source.description())));
        }
    }

    /** A component whose weights are in given files. */
    static ModelComponent of(String name, String className, long parameters, List<Path> files) {
        return new ModelComponent(
                name,
                className,
                parameters,
                files.stream().mapToLong(ModelComponent::size).sum(),
                files);
    }

    /** The file itself, or the shards of an index. */
    private static List<Path> files(Path file) {
        if (!file.toString().endsWith(".json")) {
            return List.of(file);
        }
        TreeSet<String> shards = new TreeSet<>();
        JsonFiles.read(file).path("weight_map").forEach(shard -> shards.add(shard.asText()));
        return shards.stream().map(file::resolveSibling).toList();
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw ZoetropeException.io(e, "cannot read %s: %s", file, e.getMessage());
        }
    }
}
