package dev.zoetrope.diffusion.unet;

import com.fasterxml.jackson.databind.JsonNode;
import dev.zoetrope.diffusion.unet.UNetConfig.Motion;
import dev.zoetrope.tensor.JsonFiles;
import dev.zoetrope.tensor.WeightFiles;
import dev.zoetrope.tensor.WeightSource;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Makes U-Nets from published weights: a U-Net alone, or an image U-Net together with a motion adapter. */
public final class UNetLoader {
    /** File name of the weights in a published folder, without its ending. */
    public static final String BASE_NAME = "diffusion_pytorch_model";

    private static final String POSITION_BUFFER = "pos_embed.pe";

    private UNetLoader() {}

    /**
     * A U-Net from a folder with config.json and weights.
     *
     * @param variant such as {@code fp16}, tried first
     */
    public static UNet load(Path folder, Optional<String> variant) {
        JsonNode config = JsonFiles.read(folder.resolve("config.json"));
        return load(config, WeightFiles.openComponent(folder, BASE_NAME, variant));
    }

    /** A U-Net from its configuration and weights; closes the weights. */
    public static UNet load(JsonNode config, WeightSource weights) {
        try (weights) {
            UNet unet = new UNet(UNetConfig.parse(config));
            unet.load(withoutPositions(weights, unet.config().motion()));
            return unet;
        }
    }

    /** A motion U-Net from the weights of an image U-Net and of an adapter; leaves both open. */
    public static UNet assemble(UNetConfig config, WeightSource unetWeights, WeightSource adapterWeights) {
        Map<String, WeightSource.DerivedEntry> all = new HashMap<>();
        for (WeightSource source : List.of(unetWeights, adapterWeights)) {
            source.entries().keySet().forEach(key -> all.put(key, WeightSource.DerivedEntry.of(source, key)));
        }
        UNet unet = new UNet(config);
        String description = unetWeights.description() + " with " + adapterWeights.description();
        unet.load(withoutPositions(WeightSource.of(description, Map.of(), all), config.motion()));
        return unet;
    }

    /** Positional codes are computed, not loaded; only their length is checked (sheet 5.4). */
    private static WeightSource withoutPositions(WeightSource weights, Motion motion) {
        weights.entries().values().stream()
                .filter(entry -> entry.name().endsWith(POSITION_BUFFER))
                .filter(entry -> entry.shape().size() != 3 || entry.shape().get(1) != motion.maxFrames())
                .findFirst()
                .ifPresent(entry -> {
                    throw ZoetropeException.checkpoint(
                            "%s: %s has shape %s, but the configuration says %d positions",
                            weights.description(), entry.name(), entry.shape(), motion.maxFrames());
                });
        return weights.map(key -> key.endsWith(POSITION_BUFFER) ? Optional.empty() : Optional.of(key));
    }
}
