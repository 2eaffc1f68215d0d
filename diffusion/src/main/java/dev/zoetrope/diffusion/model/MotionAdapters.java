package dev.zoetrope.diffusion.model;

import com.fasterxml.jackson.databind.JsonNode;
import dev.zoetrope.diffusion.config.ConfigRecords;
import dev.zoetrope.diffusion.unet.UNet;
import dev.zoetrope.diffusion.unet.UNetConfig;
import dev.zoetrope.diffusion.unet.UNetConfig.Family;
import dev.zoetrope.diffusion.unet.UNetConfig.Motion;
import dev.zoetrope.diffusion.unet.UNetLoader;
import dev.zoetrope.tensor.WeightFiles;
import dev.zoetrope.tensor.WeightSource;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Motion adapters: folders in the published layout, or original AnimateDiff files (sheet 3.4, 5.4). */
public final class MotionAdapters {
    static final String NAME = "motion_adapter";

    private static final String CLASS_NAME = "MotionAdapter";
    private static final Logger log = LoggerFactory.getLogger(MotionAdapters.class);

    private MotionAdapters() {}

    /**
     * The configuration of an image U-Net with the motion modules of an adapter.
     *
     * @throws ZoetropeException CHECKPOINT_MISMATCH if the adapter was made for other widths or layer counts
     */
    public static UNetConfig join(UNetConfig image, Path adapter) {
        if (image.family() != Family.IMAGE) {
            throw ZoetropeException.badInput(
                    "%s: a motion adapter needs an image U-Net (UNet2DConditionModel), this model has %s; leave the adapter"
                            + " out, or use a Stable Diffusion folder",
                    adapter, image.family().className());
        }
        return image.withMotion(Files.isRegularFile(adapter) ? ofFile(image, adapter) : ofFolder(image, adapter));
    }

    private static Motion ofFile(UNetConfig image, Path file) {
        OriginalMotionFile original = OriginalMotionFile.read(file);
        log.info("{}: motion modules of AnimateDiff {}", file, original.version());
        check(file, "widths", original.channels(), image.channels());
        check(file, "layers a block", List.of(original.layers()), List.of(image.layers()));
        return original.motion();
    }

    private static Motion ofFolder(UNetConfig image, Path adapter) {
        JsonNode json = ConfigRecords.readObject(adapter.resolve("config.json"));
        if (!json.path("_class_name").asText(CLASS_NAME).equals(CLASS_NAME)) {
            throw ZoetropeException.badInput(
                    "%s: holds a %s, expected a %s",
                    adapter, json.path("_class_name").asText(), CLASS_NAME);
        }
        check(
                adapter,
                "block_out_channels",
                integers(json, "block_out_channels", List.of(320, 640, 1280, 1280)),
                image.channels());
        check(
                adapter,
                "motion_layers_per_block",
                integers(json, "motion_layers_per_block", List.of(2)),
                List.of(image.layers()));
        if (json.hasNonNull("conv_in_channels")) {
            throw ZoetropeException.checkpoint(
                    "%s: conv_in_channels = %s is not supported; use an adapter that keeps the U-Net's own input",
                    adapter, json.get("conv_in_channels"));
        }
        return new Motion(
                Collections.nCopies(
                        image.levels(), json.path("motion_num_attention_heads").asInt(8)),
                json.path("motion_norm_num_groups").asInt(32),
                json.path("motion_max_seq_length").asInt(32),
                json.path("use_motion_mid_block").asBoolean(true));
    }

    /** Opens the weights under the names of a motion adapter. */
    static WeightSource open(Path adapter, Optional<String> variant) {
        return Files.isRegularFile(adapter)
                ? OriginalMotionFile.published(WeightFiles.open(adapter))
                : WeightFiles.openComponent(adapter, UNetLoader.BASE_NAME, variant);
    }

    /** An image U-Net with the motion modules of an adapter; closes the weights of the image U-Net. */
    public static UNet load(UNetConfig joined, WeightSource unet, Path adapter, Optional<String> variant) {
        try (unet;
                WeightSource motion = open(adapter, variant)) {
            return UNetLoader.assemble(joined, unet, motion);
        }
    }

    /** The adapter as a component of a model, its weights not read. */
    static ModelComponent inspect(UNetConfig image, UNetConfig joined, Path adapter, Optional<String> variant) {
        long parameters = new UNet(joined).parameterCount() - new UNet(image).parameterCount();
        return Files.isRegularFile(adapter)
                ? ModelComponent.of(NAME, CLASS_NAME, parameters, List.of(adapter))
                : ModelComponent.inspect(NAME, CLASS_NAME, parameters, adapter, UNetLoader.BASE_NAME, variant);
    }

    private static List<Integer> integers(JsonNode json, String field, List<Integer> otherwise) {
        JsonNode node = json.path(field);
        if (!node.isArray()) {
            return node.isInt() ? List.of(node.asInt()) : otherwise;
        }
        List<Integer> values = new ArrayList<>();
        node.forEach(value -> values.add(value.asInt()));
        return values;
    }

    private static void check(Path adapter, String field, List<Integer> found, List<Integer> expected) {
        if (!found.equals(expected)) {
            throw ZoetropeException.checkpoint(
                    "%s: the motion adapter has %s %s, the image U-Net %s; use an adapter made for this U-Net",
                    adapter, field, found, expected);
        }
    }
}
