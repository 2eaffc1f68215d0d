package dev.zoetrope.diffusion.text;

import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.WeightFiles;
import dev.zoetrope.tensor.WeightSource;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Path;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * CLIP image encoder without the projection to the joint space.
 *
 * <pre>
 *   B batch, C channels, H W pixels, N patches, D width
 *   image [B,C,H,W] -> tokens [B,1+N,D], pooled class token [B,D]
 * </pre>
 *
 * <p>Radford et al., arXiv:2103.00020, section 2.4. The image is normalised per channel with CLIP's mean and standard
 * deviation by the caller.
 */
public final class ClipVisionEncoder extends Layer {
    private final ClipVisionTransformer visionModel;

    /** Describes the network; it has values only after {@link #load} or {@link #initialise}. */
    public ClipVisionEncoder(ClipVisionConfig config) {
        visionModel = child("vision_model", new ClipVisionTransformer(config));
    }

    /**
     * Reads the folder of an image encoder or of a whole CLIP model.
     *
     * @param variant such as {@code fp16}
     * @throws ZoetropeException BAD_INPUT if a file is missing, CHECKPOINT_MISMATCH if weights and config differ
     */
    public static ClipVisionEncoder load(Path folder, Optional<String> variant) {
        ClipVisionEncoder encoder = new ClipVisionEncoder(ClipVisionConfig.read(folder.resolve("config.json")));
        try (WeightSource file = WeightFiles.openComponent(folder, "model", variant);
                WeightSource weights = visionWeights(file)) {
            encoder.load(weights);
        }
        return encoder;
    }

    private static WeightSource visionWeights(WeightSource file) {
        boolean prefixed = file.entries().keySet().stream().anyMatch(name -> name.startsWith("vision_model."));
        return file.map(name -> {
            if (ClipModel.isNotWeight(name) || ClipModel.isOutsideVisionTower(name)) {
                return Optional.empty();
            }
            return Optional.of(prefixed ? name : "vision_model." + name);
        });
    }

    /** All tokens, class token first, before the last norm: [B,C,H,W] to [B,1+N,D]. */
    public Tensor forward(Tensor image) {
        return visionModel.tokens(image);
    }

    /** The class token after the last norm: [B,C,H,W] to [B,D]. */
    public Tensor pooled(Tensor image) {
        try (Scope scope = Scope.open()) {
            return scope.keep(visionModel.pooled(visionModel.tokens(image)));
        }
    }
}
