package dev.zoetrope.diffusion.model;

import dev.zoetrope.tensor.Dtype;
import dev.zoetrope.tensor.JsonFiles;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Parameter;
import dev.zoetrope.tensor.SafetensorsWriter;
import dev.zoetrope.tensor.SafetensorsWriter.Content;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.SeededGenerator;
import dev.zoetrope.tensor.Tensors;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * Writes random float16 weights: matrices and convolutions uniform in +-1/sqrt(fan in), which keeps activations bounded,
 * scales of norms 1, everything else 0. Each tensor has a seed of its own, from its name.
 */
record RandomWeights(long seed, long maxShardBytes) {
    private static final int BYTES = 2;

    /** {@code base.safetensors}, or shards and an index if it would be too large. */
    void write(Path folder, String baseName, Map<String, Parameter> parameters) {
        List<Map<String, Parameter>> shards = shards(parameters);
        if (shards.size() == 1) {
            writeFile(folder.resolve(baseName + ".safetensors"), parameters);
            return;
        }
        Map<String, String> weightMap = new LinkedHashMap<>();
        long total = 0;
        for (int i = 0; i < shards.size(); i++) {
            String name = String.format("%s-%05d-of-%05d.safetensors", baseName, i + 1, shards.size());
            writeFile(folder.resolve(name), shards.get(i));
            shards.get(i).keySet().forEach(tensor -> weightMap.put(tensor, name));
            total += shards.get(i).values().stream()
                    .mapToLong(parameter -> BYTES * parameter.elements())
                    .sum();
        }
        Map<String, Object> index = new LinkedHashMap<>();
        index.put("metadata", Map.of("total_size", total));
        index.put("weight_map", weightMap);
        JsonFiles.write(folder.resolve(baseName + ".safetensors.index.json"), index);
    }

    private List<Map<String, Parameter>> shards(Map<String, Parameter> parameters) {
        List<Map<String, Parameter>> shards = new ArrayList<>();
        Map<String, Parameter> shard = new LinkedHashMap<>();
        shards.add(shard);
        long bytes = 0;
        for (Map.Entry<String, Parameter> entry : parameters.entrySet()) {
            long size = BYTES * entry.getValue().elements();
            if (!shard.isEmpty() && bytes + size > maxShardBytes) {
                shard = new LinkedHashMap<>();
                shards.add(shard);
                bytes = 0;
            }
            shard.put(entry.getKey(), entry.getValue());
            bytes += size;
        }
        return shards;
    }

    private void writeFile(Path file, Map<String, Parameter> parameters) {
        Map<String, Content> contents = new LinkedHashMap<>();
        parameters.forEach((name, parameter) -> {
            long[] shape = parameter.shape();
            contents.put(name, new Content(Dtype.F16, shape, () -> ByteBuffer.wrap(values(name, shape))));
        });
        SafetensorsWriter.write(file, contents, Map.of("format", "pt"));
    }

    private byte[] values(String name, long[] shape) {
        try (Scope scope = Scope.noGrad();
                SeededGenerator generator = new SeededGenerator(seed * 31 + name.hashCode())) {
            return Tensors.bytes(values(name, shape, generator), Dtype.F16);
        }
    }

    private static Tensor values(String name, long[] shape, SeededGenerator generator) {
        if (shape.length < 2) {
            return Tensors.full(name.endsWith(".weight") ? 1 : 0, shape);
        }
        double bound = 1 / Math.sqrt((double) Tensors.elements(shape) / shape[0]);
        return Ops.add(Ops.mul(generator.uniform(shape), 2 * bound), -bound);
    }
}
