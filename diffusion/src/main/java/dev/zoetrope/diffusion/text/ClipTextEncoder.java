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
 * CLIP text encoder: token ids to the context a U-Net attends to.
 *
 * <pre>
 *   B batch, L tokens (77 in published models), D width
 *   ids [B,L] int64 -> token + position embedding [B,L,D] -> N causal transformer layers -> LayerNorm -> [B,L,D]
 * </pre>
 *
 * <p>Radford et al., arXiv:2103.00020, section 2.4, with the parameter names of the published {@code text_encoder}
 * folders. There is no padding mask: the id that fills the sequence changes the result ({@link ClipTokenizer}).
 * Differentiable in its parameters.
 */
public final class ClipTextEncoder extends Layer {
    private final ClipTextConfig config;
    private final ClipTextTransformer textModel;

    /** Describes the network; it has values only after {@link #load} or {@link #initialise}. */
    public ClipTextEncoder(ClipTextConfig config) {
        this.config = config;
        this.textModel = child("text_model", new ClipTextTransformer(config));
    }

    /** {@link #load(Path, Optional)} without a variant. */
    public static ClipTextEncoder load(Path folder) {
        return load(folder, Optional.empty());
    }

    /**
     * Reads a {@code text_encoder} folder: {@code config.json} and {@code model.safetensors}, its shards, or {@code
     * pytorch_model.bin}. The folder of a whole CLIP model works too.
     *
     * @param variant such as {@code fp16}: take {@code model.fp16.safetensors} if it is there. Half precision is
     *     widened to float32.
     * @throws ZoetropeException BAD_INPUT if a file is missing, CHECKPOINT_MISMATCH if weights and config differ
     */
    public static ClipTextEncoder load(Path folder, Optional<String> variant) {
        ClipTextEncoder encoder = new ClipTextEncoder(ClipTextConfig.read(folder.resolve("config.json")));
        try (WeightSource file = WeightFiles.openComponent(folder, "model", variant);
                WeightSource weights = textWeights(file)) {
            encoder.load(weights);
        }
        return encoder;
    }

    /** Parameter names of any published layout to ours; what is not of the text tower is left out. */
    static WeightSource textWeights(WeightSource file) {
        boolean prefixed = file.entries().keySet().stream().anyMatch(name -> name.startsWith("text_model."));
        return file.map(name -> {
            if (ClipModel.isNotWeight(name) || ClipModel.isOutsideTextTower(name)) {
                return Optional.empty();
            }
            return Optional.of(prefixed ? name : "text_model." + name);
        });
    }

    public ClipTextConfig config() {
        return config;
    }

    /**
     * The last hidden state after the final norm.
     *
     * @param ids int64 [B,L]
     * @return [B,L,D]
     * @throws ZoetropeException BAD_INPUT if L exceeds the position table or an id the vocabulary
     */
    public Tensor forward(Tensor ids) {
        return forward(ids, 0);
    }

    /**
     * As {@link #forward(Tensor)} without the last {@code clipSkip} layers; the final norm is applied all the same.
     *
     * @param clipSkip 0 to layers - 1
     */
    public Tensor forward(Tensor ids, int clipSkip) {
        return textModel.forward(ids, clipSkip);
    }

    /**
     * The output of layer N - {@code clipSkip} as it is, without the final norm: "hidden_states[-1 - clipSkip]" of the
     * reference.
     *
     * @param clipSkip 0 to layers - 1
     * @return [B,L,D]
     */
    public Tensor hiddenState(Tensor ids, int clipSkip) {
        return textModel.hiddenState(ids, clipSkip);
    }

    /** The final hidden state at the end-of-text token: ids int64 [B,L] to [B,D]. */
    public Tensor pooled(Tensor ids) {
        try (Scope scope = Scope.open()) {
            return scope.keep(pooled(forward(ids), ids));
        }
    }

    /** As {@link #pooled(Tensor)} from the result [B,L,D] of {@link #forward(Tensor)}. */
    public Tensor pooled(Tensor hidden, Tensor ids) {
        return textModel.pooled(hidden, ids);
    }
}
