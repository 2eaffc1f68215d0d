package dev.zoetrope.diffusion.model;

import dev.zoetrope.tensor.JsonFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** The fixtures as models, and copies of them that a test may damage. */
final class TestModels {
    private static final Path GOLDEN = Path.of("src/test/resources/golden");
    static final Path TOKENIZER = GOLDEN.resolve("clip-tokenizer");
    static final Path MODEL_SCOPE = GOLDEN.resolve("pipeline-text-to-video/model");
    static final Path IMAGE = GOLDEN.resolve("pipeline-animatediff/model");
    static final Path ADAPTER = GOLDEN.resolve("pipeline-animatediff/motion_adapter");

    private TestModels() {}

    static VideoModel modelScope() {
        return VideoModel.open(MODEL_SCOPE, ModelOptions.DEFAULTS.withTokenizer(TOKENIZER));
    }

    static VideoModel animateDiff() {
        return VideoModel.open(IMAGE, new ModelOptions(Optional.empty(), Optional.of(ADAPTER), Optional.of(TOKENIZER)));
    }

    static VideoModel open(Path folder) {
        return VideoModel.open(folder, ModelOptions.DEFAULTS.withTokenizer(TOKENIZER));
    }

    static Path copy(Path from, Path to) {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
            return to;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    static void edit(Path json, Consumer<com.fasterxml.jackson.databind.node.ObjectNode> change) {
        var tree = (com.fasterxml.jackson.databind.node.ObjectNode) JsonFiles.read(json);
        change.accept(tree);
        JsonFiles.write(json, tree);
    }
}
