package dev.zoetrope.diffusion.unet;

import com.fasterxml.jackson.databind.JsonNode;
import dev.zoetrope.diffusion.unet.UNetConfig.Motion;
import dev.zoetrope.tensor.JsonFiles;
import dev.zoetrope.tensor.WeightFiles;
import dev.zoetrope.tensor.WeightSource;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes U-Nets from published folders: a U-Net alone, or an image U-Net with a motion adapter. */
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

    /**
     * An image U-Net with motion modules after its layers, from two published folders (sheet 3.4).
     *
     * @throws ZoetropeException CHECKPOINT_MISMATCH if the adapter was made for other widths or layer counts
     */
    public static UNet withMotionAdapter(Path unetFolder, Path adapterFolder, Optional<String> variant) {
        UNetConfig image = UNetConfig.parse(JsonFiles.read(unetFolder.resolve("config.json")));
        JsonNode adapter = JsonFiles.read(adapterFolder.resolve("config.json"));
        UNetConfig config = image.withMotion(adapterMotion(adapter, image, adapterFolder));
        try (WeightSource unetWeights = WeightFiles.openComponent(unetFolder, BASE_NAME, variant);
                WeightSource adapterWeights = WeightFiles.openComponent(adapterFolder, BASE_NAME, variant)) {
            return assemble(config, unetWeights, adapterWeights);
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

    private static Motion adapterMotion(JsonNode json, UNetConfig image, Path folder) {
        requireEqual(folder, "block_out_channels", json, image.channels());
        requireEqual(folder, "motion_layers_per_block", json, image.layers());
        if (json.hasNonNull("conv_in_channels")) {
            throw ZoetropeException.checkpoint(
                    "%s: conv_in_channels = %s is not supported; use an adapter that keeps the U-Net's own input",
                    folder, json.get("conv_in_channels"));
        }
        return new Motion(
                Collections.nCopies(
                        image.levels(), json.path("motion_num_attention_heads").asInt(8)),
                json.path("motion_norm_num_groups").asInt(32),
                json.path("motion_max_seq_length").asInt(32),
                json.path("use_motion_mid_block").asBoolean(true));
    }

    private static void requireEqual(Path folder, String field, JsonNode json, Object expected) {
        @Nullable JsonNode value = json.get(field);
        if (value != null
                && !value.isNull()
                && !value.toString().equals(expected.toString().replace(" ", ""))) {
            throw ZoetropeException.checkpoint(
                    "%s: the motion adapter has %s %s, the image U-Net %s; use an adapter made for this U-Net",
                    folder, field, value, expected);
        }
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
