package dev.zoetrope.diffusion.text;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.zoetrope.diffusion.config.ConfigRecords;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Path;

/**
 * Sizes of a CLIP image encoder.
 *
 * @param hiddenSize width D of the tokens
 * @param intermediateSize width of the feed-forward layers
 * @param projectionDim width of the joint space, as an image encoder that stands alone declares it
 * @param numHiddenLayers transformer layers
 * @param numAttentionHeads heads; must divide {@code hiddenSize}
 * @param numChannels image channels
 * @param imageSize height and width of the image in pixels
 * @param patchSize height and width of a patch in pixels; must divide {@code imageSize}
 * @param hiddenAct non-linearity of the feed-forward layers
 * @param layerNormEps added to the variance
 */
@JsonNaming(SnakeCaseStrategy.class)
public record ClipVisionConfig(
        int hiddenSize,
        int intermediateSize,
        int projectionDim,
        int numHiddenLayers,
        int numAttentionHeads,
        int numChannels,
        int imageSize,
        int patchSize,
        Activation hiddenAct,
        double layerNormEps) {

    /** What the reference library assumes for absent fields. */
    static final ClipVisionConfig DEFAULTS =
            new ClipVisionConfig(768, 3072, 512, 12, 12, 3, 224, 32, Activation.QUICK_GELU, 1e-5);

    /** @throws ZoetropeException BAD_INPUT for sizes that cannot be */
    public ClipVisionConfig {
        ClipSizes.check("num_channels", numChannels);
        ClipSizes.check("image_size", imageSize);
        ClipSizes.check("patch_size", patchSize);
        ClipSizes.check("projection_dim", projectionDim);
        ClipSizes.checkTransformer(hiddenSize, intermediateSize, numHiddenLayers, numAttentionHeads);
        if (imageSize % patchSize != 0) {
            throw ZoetropeException.badInput("image_size %d is not a multiple of patch_size %d", imageSize, patchSize);
        }
    }

    /**
     * Reads {@code config.json} of an image encoder; of a whole CLIP model, its {@code vision_config}.
     *
     * @throws ZoetropeException BAD_INPUT if the file is missing or a field is not usable
     */
    public static ClipVisionConfig read(Path configFile) {
        ObjectNode json = ConfigRecords.readObject(configFile);
        return of(json.get("vision_config") instanceof ObjectNode vision ? vision : json, configFile.toString());
    }

    static ClipVisionConfig of(ObjectNode json, String source) {
        return ConfigRecords.overlay(json, DEFAULTS, ClipVisionConfig.class, source);
    }

    /** Number of tokens: one class token and the patches. */
    int tokens() {
        int side = imageSize / patchSize;
        return 1 + side * side;
    }
}
