package dev.zoetrope.diffusion.text;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.zoetrope.diffusion.config.ConfigRecords;
import dev.zoetrope.tensor.JsonFiles;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Path;

/**
 * Sizes of a CLIP text encoder, as in the {@code config.json} of a {@code text_encoder} folder.
 *
 * @param vocabSize rows of the token embedding
 * @param hiddenSize width D of the tokens; the context width a U-Net must expect
 * @param intermediateSize width of the feed-forward layers
 * @param projectionDim width of the joint space; used by {@link ClipModel} only through its own config
 * @param numHiddenLayers transformer layers
 * @param numAttentionHeads heads; must divide {@code hiddenSize}
 * @param maxPositionEmbeddings longest sequence L
 * @param hiddenAct non-linearity of the feed-forward layers
 * @param layerNormEps added to the variance
 * @param bosTokenId start of text
 * @param eosTokenId end of text, where the pooled embedding is taken; 2 in old files means "the largest id of the row"
 */
@JsonNaming(SnakeCaseStrategy.class)
public record ClipTextConfig(
        int vocabSize,
        int hiddenSize,
        int intermediateSize,
        int projectionDim,
        int numHiddenLayers,
        int numAttentionHeads,
        int maxPositionEmbeddings,
        Activation hiddenAct,
        double layerNormEps,
        int bosTokenId,
        int eosTokenId) {

    /** What the reference library assumes for absent fields. */
    static final ClipTextConfig DEFAULTS =
            new ClipTextConfig(49408, 512, 2048, 512, 12, 8, 77, Activation.QUICK_GELU, 1e-5, 49406, 49407);

    /** @throws ZoetropeException BAD_INPUT for sizes that cannot be */
    public ClipTextConfig {
        ClipSizes.check("vocab_size", vocabSize);
        ClipSizes.check("max_position_embeddings", maxPositionEmbeddings);
        ClipSizes.check("projection_dim", projectionDim);
        ClipSizes.checkTransformer(hiddenSize, intermediateSize, numHiddenLayers, numAttentionHeads);
    }

    /**
     * Reads {@code config.json} of a text encoder; of a whole CLIP model, its {@code text_config}.
     *
     * @throws ZoetropeException BAD_INPUT if the file is missing or a field is not usable
     */
    public static ClipTextConfig read(Path configFile) {
        ObjectNode json = ConfigRecords.readObject(configFile);
        return of(json.get("text_config") instanceof ObjectNode text ? text : json, configFile.toString());
    }

    static ClipTextConfig of(ObjectNode json, String source) {
        return ConfigRecords.overlay(json, DEFAULTS, ClipTextConfig.class, source);
    }

    /** Writes {@code config.json} as the reference library reads it. */
    public void write(Path configFile) {
        ObjectNode json = ConfigRecords.toObject(this);
        json.putArray("architectures").add("CLIPTextModel");
        json.put("model_type", "clip_text_model");
        JsonFiles.write(configFile, json);
    }
}
