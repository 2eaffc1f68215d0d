package dev.zoetrope.cli;

import dev.zoetrope.tensor.Dtype;
import dev.zoetrope.tensor.SafetensorsWriter;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.WeightFiles;
import dev.zoetrope.tensor.WeightSource;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/** Latents [B,C,F,h,w] as a safetensors file with the one tensor {@value #NAME}, written whole or not at all. */
final class LatentFile {
    private static final String NAME = "latents";

    private LatentFile() {}

    static void write(Path file, Tensor latents, Map<String, String> metadata) {
        ByteBuffer bytes = ByteBuffer.wrap(Tensors.bytes(latents, Dtype.F32));
        SafetensorsWriter.write(
                file,
                Map.of(NAME, new SafetensorsWriter.Content(Dtype.F32, Tensors.shape(latents), bytes::duplicate)),
                metadata);
    }

    /** The latents, in the caller's scope. */
    static Tensor read(Path file) {
        try (WeightSource source = WeightFiles.open(file)) {
            if (!source.entries().containsKey(NAME)) {
                throw ZoetropeException.badInput(
                        "%s: expected a tensor named %s, found %s",
                        file, NAME, source.entries().keySet());
            }
            try (Scope scope = Scope.noGrad()) {
                return scope.keep(Tensors.read(source, NAME));
            }
        }
    }

    /** The shape, without LibTorch. */
    static long[] shape(Path file) {
        try (WeightSource source = WeightFiles.open(file)) {
            return source.entry(NAME).shape().stream()
                    .mapToLong(Long::longValue)
                    .toArray();
        }
    }

    /** @throws ZoetropeException BAD_INPUT unless the file holds latents of this shape */
    static void check(Path file, long[] shape) {
        Check.file("latents", file);
        long[] found = shape(file);
        Check.that(
                Arrays.equals(found, shape),
                "%s holds latents of shape %s, this run needs %s (clips, channels, frames, rows, columns)",
                file,
                Arrays.toString(found),
                Arrays.toString(shape));
    }

    /** The finished latents of a job that was killed before its clip was written. */
    static Optional<Tensor> pending(ClipJob job) {
        Path file = job.pendingLatents();
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try (WeightSource source = WeightFiles.open(file)) {
            return job.id().equals(source.metadata().get(ClipJob.ID)) ? Optional.of(read(file)) : Optional.empty();
        } catch (ZoetropeException e) {
            return Optional.empty(); // of another program or damaged: sampled again and replaced
        }
    }
}
