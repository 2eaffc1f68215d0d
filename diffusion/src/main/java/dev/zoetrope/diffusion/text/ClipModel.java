package dev.zoetrope.diffusion.text;

import dev.zoetrope.tensor.Init;
import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.Layers.Linear;
import dev.zoetrope.tensor.Parameter;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.WeightFiles;
import dev.zoetrope.tensor.WeightSource;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Path;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;

/**
 * CLIP: images and texts in one space, where the cosine says how well they fit.
 *
 * <pre>
 *   B batch, L tokens, C channels, H W pixels, P joint width
 *   image [B,C,H,W] -> [B,P];  ids [B,L] int64 -> [B,P];  both of length 1
 * </pre>
 *
 * <p>Radford et al., arXiv:2103.00020, figure 3. Differentiable in parameters and images.
 */
public final class ClipModel extends Layer {
    private final ClipConfig config;
    private final ClipTextTransformer textModel;
    private final ClipVisionTransformer visionModel;
    private final Linear textProjection;
    private final Linear visualProjection;
    private final Parameter logitScale;

    /** Describes the network; it has values only after {@link #load} or {@link #initialise}. */
    public ClipModel(ClipConfig config) {
        this.config = config;
        this.textModel = child("text_model", new ClipTextTransformer(config.text()));
        this.visionModel = child("vision_model", new ClipVisionTransformer(config.vision()));
        int width = config.projectionDim();
        this.textProjection = child("text_projection", new Linear(config.text().hiddenSize(), width, false));
        this.visualProjection =
                child("visual_projection", new Linear(config.vision().hiddenSize(), width, false));
        this.logitScale = parameter("logit_scale", Init.constant(config.logitScaleInitValue()));
    }

    /**
     * Reads the folder of a CLIP model: {@code config.json} and {@code model.safetensors}, shards or {@code
     * pytorch_model.bin}.
     *
     * @param variant such as {@code fp16}
     * @throws ZoetropeException BAD_INPUT if a file is missing, CHECKPOINT_MISMATCH if weights and config differ
     */
    public static ClipModel load(Path folder, Optional<String> variant) {
        ClipModel model = new ClipModel(ClipConfig.read(folder.resolve("config.json")));
        try (WeightSource file = WeightFiles.openComponent(folder, "model", variant);
                WeightSource weights = file.map(name -> isNotWeight(name) ? Optional.empty() : Optional.of(name))) {
            model.load(weights);
        }
        return model;
    }

    /** Position counters that older files store among the weights. */
    static boolean isNotWeight(String name) {
        return name.endsWith("embeddings.position_ids");
    }

    static boolean isOutsideTextTower(String name) {
        return name.startsWith("vision_model.") || isHead(name);
    }

    static boolean isOutsideVisionTower(String name) {
        return name.startsWith("text_model.") || isHead(name);
    }

    private static boolean isHead(String name) {
        return name.equals("text_projection.weight")
                || name.equals("visual_projection.weight")
                || name.equals("logit_scale");
    }

    public ClipConfig config() {
        return config;
    }

    /** Texts in the joint space: int64 [B,L] to [B,P] of length 1. */
    public Tensor textEmbeddings(Tensor ids) {
        try (Scope scope = Scope.open()) {
            Tensor pooled = textModel.pooled(textModel.forward(ids, 0), ids);
            return scope.keep(normalised(textProjection.forward(pooled)));
        }
    }

    /**
     * Images in the joint space: [B,C,H,W] to [B,P] of length 1.
     *
     * @param image of the config's size, per channel normalised with CLIP's mean and standard deviation
     */
    public Tensor imageEmbeddings(Tensor image) {
        try (Scope scope = Scope.open()) {
            Tensor pooled = visionModel.pooled(visionModel.tokens(image));
            return scope.keep(normalised(visualProjection.forward(pooled)));
        }
    }

    /** exp(logit_scale) times the cosines: images [M,P], texts [N,P] to [M,N]. */
    public Tensor logitsPerImage(Tensor imageEmbeddings, Tensor textEmbeddings) {
        try (Scope scope = Scope.open()) {
            Tensor cosines = imageEmbeddings.matmul(textEmbeddings.t());
            return scope.keep(cosines.mul(logitScale.value().exp()));
        }
    }

    private static Tensor normalised(Tensor x) {
        try (Scope scope = Scope.open()) {
            Tensor length = x.norm(new ScalarOptional(new Scalar(2.0)), new long[] {-1}, true);
            return scope.keep(x.div(length));
        }
    }
}
