package dev.zoetrope.vidrd;

import dev.zoetrope.tensor.Dtype;
import dev.zoetrope.tensor.JsonFiles;
import dev.zoetrope.tensor.SafetensorsWriter;
import dev.zoetrope.tensor.SafetensorsWriter.Content;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.WeightFiles;
import dev.zoetrope.tensor.WeightSource;
import dev.zoetrope.tensor.ZoetropeException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;

/**
 * The finished clips of a long video and what is needed to continue it:
 *
 * <pre>
 *   job.json                  which video this is
 *   clip-000000.png, ...      finished clips, without loss (animated PNG)
 *   clip-000003.safetensors   latents of the last clip, what the next one takes over, and the random generator
 * </pre>
 *
 * <p>Every file appears whole. The tensors of a clip come before its pictures, and those of the clip before go only after
 * them, so whenever a run is killed, the last tensors here continue it.
 */
final class WorkFolder {
    private static final String JOB = "job";
    private static final String GENERATOR = "generator";

    private final Path folder;
    private final String job;

    /** @throws ZoetropeException BAD_INPUT if the folder holds another video */
    WorkFolder(Path folder, String job) {
        this.folder = folder;
        this.job = job;
        Path file = folder.resolve("job.json");
        if (!Files.exists(file)) {
            JsonFiles.write(file, Map.of(JOB, job));
        } else if (!JsonFiles.read(file).path(JOB).asText().equals(job)) {
            throw ZoetropeException.badInput(
                    "%s holds clips of another video (other prompt, options, seed or model); delete it, or give another"
                            + " name",
                    folder);
        }
    }

    Path clip(int index) {
        return folder.resolve(String.format("clip-%06d.png", index));
    }

    private Path tensors(int index) {
        return folder.resolve(String.format("clip-%06d.safetensors", index));
    }

    /** Stores the tensors of a clip that was just sampled. */
    void store(int index, Map<String, Tensor> tensors, Tensor generator) {
        Map<String, Content> contents = new TreeMap<>();
        tensors.forEach((name, tensor) -> contents.put(name, content(tensor, Dtype.F32)));
        contents.put(GENERATOR, content(generator, Dtype.U8));
        SafetensorsWriter.write(tensors(index), contents, Map.of(JOB, job));
    }

    private static Content content(Tensor tensor, Dtype type) {
        return new Content(type, Tensors.shape(tensor), () -> ByteBuffer.wrap(Tensors.bytes(tensor, type)));
    }

    /** The generator's state is stored as bytes, which come back as int64. */
    static Tensor generator(Map<String, Tensor> stored) {
        Tensor state = stored.get(GENERATOR);
        if (state == null) {
            throw ZoetropeException.checkpoint("the stored clip lacks the state of its random generator");
        }
        return state.to(org.bytedeco.pytorch.global.torch.ScalarType.Byte);
    }

    /** What was stored of a clip, in the caller's scope. */
    Map<String, Tensor> read(int index) {
        Map<String, Tensor> all = new TreeMap<>();
        try (WeightSource source = WeightFiles.open(tensors(index))) {
            for (String name : source.entries().keySet()) {
                all.put(name, Tensors.read(source, name));
            }
        }
        return all;
    }

    /** The last clip that was sampled and before which none is missing; empty to begin anew. */
    OptionalInt last() {
        int last = -1;
        for (Path file : list(folder)) {
            String name = String.valueOf(file.getFileName());
            if (name.matches("clip-\\d{6}\\.safetensors")) {
                last = Math.max(last, Integer.parseInt(name.substring(5, 11)));
            }
        }
        for (int i = 0; i < last; i++) {
            if (!Files.exists(clip(i))) {
                return OptionalInt.empty();
            }
        }
        return last < 0 ? OptionalInt.empty() : OptionalInt.of(last);
    }

    /** After the pictures of clip {@code index} are there, the tensors of the one before are no longer needed. */
    void forgetBefore(int index) {
        if (index > 0) {
            delete(tensors(index - 1));
        }
    }

    /** Deletes the folder. */
    void remove() {
        // The job last: what is left by a run killed here still says what it is.
        list(folder).stream()
                .sorted(Comparator.comparing((Path file) -> file.endsWith("job.json")))
                .forEach(WorkFolder::delete);
        delete(folder);
    }

    private static List<Path> list(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        } catch (IOException e) {
            throw ZoetropeException.io(e, "cannot read the folder %s: %s", folder, e.getMessage());
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw ZoetropeException.io(e, "cannot delete %s: %s", file, e.getMessage());
        }
    }
}
