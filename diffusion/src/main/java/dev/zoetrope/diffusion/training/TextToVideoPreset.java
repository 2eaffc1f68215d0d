package dev.zoetrope.diffusion.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.zoetrope.data.ClipSpec;
import dev.zoetrope.data.Grammar;
import dev.zoetrope.tensor.ZoetropeException;
import java.io.IOException;
import java.io.InputStream;

/**
 * What a text-to-video model is made of before it is trained.
 *
 * @param name of the preset
 * @param grammar clips it learns from
 * @param clips size, frames and rate of the clips
 * @param unet configuration of the U-Net as published folders have it
 * @param autoencoder configuration of the autoencoder
 * @param textEncoder sizes of the text encoder; vocabulary and special ids come from the trained tokenizer
 * @param scheduler noise schedule and sampler
 * @param guidanceScale at which samples are drawn, and which the model's folder recommends
 */
public record TextToVideoPreset(
        String name,
        Grammar grammar,
        ClipSpec clips,
        JsonNode unet,
        JsonNode autoencoder,
        JsonNode textEncoder,
        JsonNode scheduler,
        double guidanceScale) {

    /** The preset of this name; the only one is {@code tiny}: 16 frames of 64x64 at 8 a second. */
    public static TextToVideoPreset named(String name) {
        if (!name.equals("tiny")) {
            throw ZoetropeException.badInput("training preset \"%s\" is not known; there is: tiny", name);
        }
        return new TextToVideoPreset(
                name,
                Grammar.tiny(),
                ClipSpec.of(64, 64, 16, 8),
                resource(name, "unet"),
                resource(name, "vae"),
                resource(name, "text_encoder"),
                resource(name, "scheduler"),
                2);
    }

    private static JsonNode resource(String preset, String component) {
        String path = preset + "/" + component + ".json";
        try (InputStream in = TextToVideoPreset.class.getResourceAsStream(path)) {
            if (in == null) {
                throw new IllegalStateException("resource " + path + " is missing from the jar");
            }
            return new ObjectMapper().readTree(in);
        } catch (IOException e) {
            throw ZoetropeException.io(e, "cannot read the resource %s: %s", path, e.getMessage());
        }
    }
}
