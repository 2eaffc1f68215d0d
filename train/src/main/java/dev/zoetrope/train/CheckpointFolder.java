package dev.zoetrope.train;

import dev.zoetrope.tensor.ZoetropeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The checkpoints of a run: {@code checkpoints/step-00001234.safetensors}. */
final class CheckpointFolder {
    private static final Logger LOG = LoggerFactory.getLogger(CheckpointFolder.class);
    private static final Pattern NAME = Pattern.compile("step-(\\d{1,10})\\.safetensors");

    private final Path folder;

    CheckpointFolder(Path folder) {
        this.folder = folder;
    }

    /** A checkpoint that was found. */
    record Found(Path file, Checkpoint checkpoint) {}

    Path file(long step) {
        return folder.resolve(String.format("step-%08d.safetensors", step));
    }

    /**
     * The newest checkpoint that is undamaged.
     *
     * @throws ZoetropeException CHECKPOINT_MISMATCH if there are some but all are damaged: starting over without a word
     *     would be worse
     */
    Optional<Found> latest() {
        List<Path> newestFirst = List.copyOf(files().descendingMap().values());
        for (Path file : newestFirst) {
            try {
                return Optional.of(new Found(file, Checkpoint.read(file)));
            } catch (ZoetropeException e) {
                LOG.warn("skipping a checkpoint that cannot be read: {}", e.getMessage());
            }
        }
        if (!newestFirst.isEmpty()) {
            throw ZoetropeException.checkpoint(
                    "none of the %d checkpoints in %s can be read; delete the folder to start over",
                    newestFirst.size(), folder);
        }
        return Optional.empty();
    }

    /** Deletes all but the newest {@code keep}. */
    void prune(int keep) {
        NavigableMap<Long, Path> files = files();
        while (files.size() > keep) {
            Path oldest = files.pollFirstEntry().getValue();
            try {
                Files.deleteIfExists(oldest);
            } catch (IOException e) {
                LOG.warn("cannot delete the old checkpoint {}: {}", oldest, e.getMessage());
            }
        }
    }

    private NavigableMap<Long, Path> files() {
        NavigableMap<Long, Path> files = new TreeMap<>();
        if (!Files.isDirectory(folder)) {
            return files;
        }
        try (Stream<Path> entries = Files.list(folder)) {
            entries.forEach(entry -> {
                Matcher name = NAME.matcher(String.valueOf(entry.getFileName()));
                if (name.matches()) {
                    files.put(Long.parseLong(name.group(1)), entry);
                }
            });
        } catch (IOException e) {
            throw ZoetropeException.io(e, "cannot list %s: %s", folder, e.getMessage());
        }
        return files;
    }
}
