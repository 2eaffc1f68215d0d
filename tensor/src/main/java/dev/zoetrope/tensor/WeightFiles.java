package dev.zoetrope.tensor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens weight files of any supported kind, told apart by content and not by name. */
public final class WeightFiles {
    private static final Logger log = LoggerFactory.getLogger(WeightFiles.class);
    private static final List<String> SUFFIXES = List.of(".safetensors", ".pt", ".pth", ".bin", ".ckpt");
    private static final List<String> BASE_NAMES = List.of("diffusion_pytorch_model", "model");

    private WeightFiles() {}

    /**
     * Opens a safetensors file, a {@code torch.save} file, an {@code *.index.json} with its
     * shards, or a folder with one of these.
     *
     * @throws ZoetropeException BAD_INPUT, with advice, for files of another kind; CHECKPOINT_MISMATCH for damaged
     *     ones; IO if the file cannot be read
     */
    public static WeightSource open(Path fileOrFolder) {
        if (Files.isDirectory(fileOrFolder)) {
            return openFolder(fileOrFolder);
        }
        FileKind kind;
        try (MappedFile file = MappedFile.open(fileOrFolder)) {
            kind = FileKind.of(file);
        }
        return kind == FileKind.JSON ? ShardedWeights.open(fileOrFolder) : openShard(fileOrFolder);
    }

    /**
     * Opens the weights of one component of a model folder, such as {@code unet/}. Looks for {@code
     * base.safetensors}, {@code base.safetensors.index.json}, {@code base.bin} and {@code base.bin.index.json}; first
     * with the variant in the name if one is given, then without.
     *
     * @param folder folder of the component
     * @param baseName {@code diffusion_pytorch_model}, or {@code model} (text encoders, whose {@code .bin} is called
     *     {@code pytorch_model})
     * @param variant such as {@code fp16}
     * @throws ZoetropeException BAD_INPUT if the variant is no plain word, or listing what was looked for if
     *     there is none; else as {@link #open}
     */
    public static WeightSource openComponent(Path folder, String baseName, Optional<String> variant) {
        return findComponent(folder, baseName, variant).map(WeightFiles::open).orElseThrow(() -> {
            List<String> wanted = new ArrayList<>();
            variant.ifPresent(v -> wanted.addAll(candidates(baseName, v)));
            wanted.addAll(candidates(baseName));
            return ZoetropeException.badInput(
                    "%s: no weights found; looked for %s%s", folder, String.join(", ", wanted), present(folder));
        });
    }

    private static Optional<Path> findComponent(Path folder, String baseName, Optional<String> variant) {
        if (variant.isPresent()) {
            if (!variant.get().matches("[A-Za-z0-9_-]+")) {
                throw ZoetropeException.badInput(
                        "'%s' is no variant; expected letters and digits, such as fp16", Messages.clip(variant.get()));
            }
            Optional<Path> found = firstFile(folder, candidates(baseName, variant.get()));
            if (found.isPresent()) {
                return found;
            }
            log.info("{}: no weights of variant {}, taking the default ones", folder, variant.get());
        }
        return firstFile(folder, candidates(baseName));
    }

    private static Optional<Path> firstFile(Path folder, List<String> names) {
        return names.stream().map(folder::resolve).filter(Files::isRegularFile).findFirst();
    }

    private static List<String> candidates(String base) {
        String bin = binBase(base);
        return List.of(base + ".safetensors", base + ".safetensors.index.json", bin + ".bin", bin + ".bin.index.json");
    }

    /** Tools put the variant of an index at three different places. */
    private static List<String> candidates(String base, String variant) {
        String bin = binBase(base);
        String v = "." + variant;
        return List.of(
                base + v + ".safetensors",
                base + ".safetensors.index" + v + ".json",
                base + ".safetensors" + v + ".index.json",
                base + v + ".safetensors.index.json",
                bin + v + ".bin",
                bin + ".bin.index" + v + ".json",
                bin + ".bin" + v + ".index.json",
                bin + v + ".bin.index.json");
    }

    private static String binBase(String base) {
        return base.equals("model") ? "pytorch_model" : base;
    }

    private static WeightSource openFolder(Path folder) {
        for (String base : BASE_NAMES) {
            Optional<Path> found = findComponent(folder, base, Optional.empty());
            if (found.isPresent()) {
                return open(found.get());
            }
        }
        List<Path> files = weightFiles(folder);
        if (files.size() != 1) {
            throw ZoetropeException.badInput(
                    "%s: cannot tell which file holds the weights%s; give the file", folder, present(folder));
        }
        return open(files.get(0));
    }

    /** Opens a single file; an index is refused here, so that shards cannot be nested. */
    static WeightSource openShard(Path path) {
        try (MappedFile file = MappedFile.open(path)) {
            FileKind kind = FileKind.of(file);
            // A damaged header hides the kind; the reader of that kind says best what is wrong.
            boolean damaged = kind == FileKind.UNKNOWN && path.toString().endsWith(".safetensors");
            if (kind == FileKind.SAFETENSORS || damaged) {
                return Safetensors.open(path);
            }
            if (kind == FileKind.TORCH_ZIP || kind == FileKind.TORCH_LEGACY) {
                return PytorchFile.open(path);
            }
            throw kind.refusal(file);
        }
    }

    private static String present(Path folder) {
        List<String> names = weightFiles(folder).stream()
                .map(file -> String.valueOf(file.getFileName()))
                .toList();
        return names.isEmpty() ? "; the folder has no weight files" : "; the folder has " + Messages.list(names);
    }

    private static List<Path> weightFiles(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> SUFFIXES.stream().anyMatch(file.toString()::endsWith))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw ZoetropeException.io(e, "%s: cannot be listed: %s", folder, e.getMessage());
        }
    }
}
