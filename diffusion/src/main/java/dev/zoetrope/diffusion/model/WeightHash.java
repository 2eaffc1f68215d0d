package dev.zoetrope.diffusion.model;

import dev.zoetrope.tensor.FileHash;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;

/**
 * SHA-256 over the weights of a model: of the lines {@code component sha256-of-file}, in the order of the components, and {@code lora
 * strength sha256-of-file}.
 */
final class WeightHash {
    private WeightHash() {}

    static String of(List<ModelComponent> components, List<ModelOptions.Lora> loras) {
        MessageDigest digest = FileHash.newDigest();
        for (ModelComponent component : components) {
            for (Path file : component.files()) {
                String line = component.name() + " " + ofFile(file) + "\n";
                digest.update(line.getBytes(StandardCharsets.UTF_8));
            }
        }
        for (ModelOptions.Lora lora : loras) {
            String line = "lora " + lora.strength() + " " + ofFile(lora.file()) + "\n";
            digest.update(line.getBytes(StandardCharsets.UTF_8));
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    static String ofFile(Path file) {
        return FileHash.sha256(file);
    }
}
