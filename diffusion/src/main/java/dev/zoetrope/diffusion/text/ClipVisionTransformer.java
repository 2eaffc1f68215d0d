package dev.zoetrope.diffusion.text;

import dev.zoetrope.tensor.Init;
import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.Layers.Embedding;
import dev.zoetrope.tensor.Layers.LayerNorm;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Parameter;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;

/**
 * The image tower under its published name {@code vision_model} (a ViT, Dosovitskiy et al., arXiv:2010.11929).
 *
 * <pre>
 *   B batch, C channels, H W pixels, P patch size, N = HW/P^2 patches, D width
 *   image [B,C,H,W] -> patches [B,N,D] -> class token + position [B,1+N,D] -> norm -> N layers -> class token -> norm [B,D]
 * </pre>
 */
final class ClipVisionTransformer extends Layer {
    private final ClipVisionConfig config;
    private final Parameter classEmbedding;
    private final Parameter patchEmbedding;
    private final Embedding positions;
    private final LayerNorm preNorm;
    private final ClipEncoder encoder;
    private final LayerNorm postNorm;

    ClipVisionTransformer(ClipVisionConfig config) {
        this.config = config;
        int width = config.hiddenSize();
        int patch = config.patchSize();
        Init init = Init.normal(0.02);
        this.classEmbedding = parameter("embeddings.class_embedding", Init.normal(1 / Math.sqrt(width)), width);
        this.patchEmbedding =
                parameter("embeddings.patch_embedding.weight", init, width, config.numChannels(), patch, patch);
        this.positions = child("embeddings.position_embedding", new Embedding(config.tokens(), width, init));
        // The misspelling is the published name.
        this.preNorm = child("pre_layrnorm", new LayerNorm(width, config.layerNormEps()));
        this.encoder = child(
                "encoder",
                new ClipEncoder(
                        config.numHiddenLayers(),
                        width,
                        config.intermediateSize(),
                        config.numAttentionHeads(),
                        config.hiddenAct(),
                        config.layerNormEps(),
                        false));
        this.postNorm = child("post_layernorm", new LayerNorm(width, config.layerNormEps()));
    }

    /** All tokens before the last norm, [B,1+N,D]. */
    Tensor tokens(Tensor image) {
        long[] shape = Tensors.shape(image);
        long size = config.imageSize();
        if (shape.length != 4 || shape[1] != config.numChannels() || shape[2] != size || shape[3] != size) {
            throw ZoetropeException.badInput(
                    "image has shape %s, this CLIP model expects [batch, %d, %d, %d]: resize and crop first",
                    Arrays.toString(shape), config.numChannels(), size, size);
        }
        try (Scope scope = Scope.open()) {
            int width = config.hiddenSize();
            Tensor patches = Ops.conv2d(image, patchEmbedding.value(), null, config.patchSize(), 0);
            patches = patches.flatten(2, 3).transpose(1, 2); // [B,N,D]
            Tensor first = classEmbedding.value().expand(new long[] {shape[0], 1, width}, false);
            Tensor x = Ops.cat(1, first, patches).add(positions.first(config.tokens())); // [B,1+N,D]
            return scope.keep(encoder.forward(preNorm.forward(x), 0));
        }
    }

    /** The class token after the last norm, [B,D]. */
    Tensor pooled(Tensor tokens) {
        try (Scope scope = Scope.open()) {
            return scope.keep(postNorm.forward(tokens.select(1, 0)));
        }
    }
}
