package dev.zoetrope.diffusion.model;

import dev.zoetrope.tensor.Sha256;
import java.nio.file.Path;
import java.util.List;

/**
 * SHA-256 over the weights of a model: of the lines {@code component sha256-of-file}, in the order of the components, and {@code lora
 * strength sha256-of-file}.
 */
final class WeightHash {
    private WeightHash() {}

    static String of(List<ModelComponent> components, List<ModelOptions.Lora> loras) {
        StringBuilder lines = new StringBuilder();
        for (ModelComponent component : components) {
            for (Path file : component.files()) {
                lines.append(component.name())
                        .append(' ')
                        .append(Sha256.of(file))
                        .append('\n');
            }
        }
        for (ModelOptions.Lora lora : loras) {
            lines.append("lora ")
                    .append(lora.strength())
                    .append(' ')
                    .append(Sha256.of(lora.file()))
                    .append('\n');
        }
        return Sha256.of(lines.toString());
    }
}
