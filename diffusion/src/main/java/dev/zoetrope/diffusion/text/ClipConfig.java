package dev.zoetrope.diffusion.text;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.zoetrope.diffusion.config.ConfigRecords;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Path;

/**
 * Sizes of a whole CLIP model.
 *
 * @param text the text tower; its {@code projectionDim} is not used
 * @param vision the image tower; its {@code projectionDim} is not used
 * @param projectionDim width of the joint space
 * @param logitScaleInitValue start of the logarithm of the logit scale
 */
public record ClipConfig(ClipTextConfig text, ClipVisionConfig vision, int projectionDim, double logitScaleInitValue) {
    /** @throws ZoetropeException BAD_INPUT for sizes that cannot be */
    public ClipConfig {
        ClipSizes.check("projection_dim", projectionDim);
    }

    /**
     * Reads {@code config.json} of a CLIP model.
     *
     * @throws ZoetropeException BAD_INPUT if the file is missing or a field is not usable
     */
    public static ClipConfig read(Path configFile) {
        ObjectNode json = ConfigRecords.readObject(configFile);
        if (!(json.get("text_config") instanceof ObjectNode text)
                || !(json.get("vision_config") instanceof ObjectNode vision)) {
            throw ZoetropeException.badInput(
                    "%s has no text_config and vision_config: expected the config.json of a whole CLIP model",
                    configFile);
        }
        // Other models of two towers have the same fields and other networks.
        String type = json.path("model_type").asText("clip");
        if (!type.equals("clip")) {
            throw ZoetropeException.badInput(
                    "%s has model_type \"%s\", expected \"clip\": give the folder of a CLIP model", configFile, type);
        }
        return new ClipConfig(
                ClipTextConfig.of(text, configFile + " text_config"),
                ClipVisionConfig.of(vision, configFile + " vision_config"),
                json.path("projection_dim").asInt(512),
                json.path("logit_scale_init_value").asDouble(2.6592));
    }
}
