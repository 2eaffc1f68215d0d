package dev.zoetrope.diffusion.text;

import dev.zoetrope.tensor.Init;
import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.Layers.Embedding;
import dev.zoetrope.tensor.Layers.LayerNorm;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;

/** The text tower under its published name {@code text_model}; B batch, L tokens, D width. */
final class ClipTextTransformer extends Layer {
    private final ClipTextConfig config;
    private final Embedding tokens;
    private final Embedding positions;
    private final ClipEncoder encoder;
    private final LayerNorm finalNorm;

    ClipTextTransformer(ClipTextConfig config) {
        this.config = config;
        int width = config.hiddenSize();
        Init init = Init.normal(0.02);
        this.tokens = child("embeddings.token_embedding", new Embedding(config.vocabSize(), width, init));
        this.positions =
                child("embeddings.position_embedding", new Embedding(config.maxPositionEmbeddings(), width, init));
        this.encoder = child(
                "encoder",
                new ClipEncoder(
                        config.numHiddenLayers(),
                        width,
                        config.intermediateSize(),
                        config.numAttentionHeads(),
                        config.hiddenAct(),
                        config.layerNormEps(),
                        true));
        this.finalNorm = child("final_layer_norm", new LayerNorm(width, config.layerNormEps()));
    }

    /** Tokens after all but the last {@code skip} layers and the final norm, [B,L,D]. */
    Tensor forward(Tensor ids, int skip) {
        try (Scope scope = Scope.open()) {
            return scope.keep(finalNorm.forward(hiddenState(ids, skip)));
        }
    }

    /** Tokens after all but the last {@code skip} layers, not normalised, [B,L,D]. */
    Tensor hiddenState(Tensor ids, int skip) {
        checkIds(ids);
        if (skip < 0 || skip >= config.numHiddenLayers()) {
            throw ZoetropeException.badInput(
                    "clip skip is %d, expected 0 to %d: the text encoder has %d layers",
                    skip, config.numHiddenLayers() - 1, config.numHiddenLayers());
        }
        try (Scope scope = Scope.open()) {
            Tensor x = tokens.forward(ids).add(positions.first(ids.size(1)));
            return scope.keep(encoder.forward(x, skip));
        }
    }

    /** The row of {@code hidden} [B,L,D] at the end-of-text token of each sequence, [B,D]. */
    Tensor pooled(Tensor hidden, Tensor ids) {
        try (Scope scope = Scope.open()) {
            long length = ids.size(1);
            long[] rows = endPositions(Tensors.toLongs(ids), Math.toIntExact(length));
            for (int b = 0; b < rows.length; b++) {
                rows[b] += b * length;
            }
            Tensor flat = hidden.reshape(-1, config.hiddenSize());
            return scope.keep(flat.index_select(0, Tensors.of(rows, rows.length)));
        }
    }

    private long[] endPositions(long[] ids, int length) {
        long[] positions = new long[ids.length / length];
        for (int b = 0; b < positions.length; b++) {
            long[] row = Arrays.copyOfRange(ids, b * length, (b + 1) * length);
            // Files written before the field was corrected all say 2; there the end of text is the largest id.
            long end = config.eosTokenId() == 2 ? Arrays.stream(row).max().orElse(0) : config.eosTokenId();
            int position = 0;
            while (position < length && row[position] != end) {
                position++;
            }
            positions[b] = position % length; // without an end the first token, as the reference does
        }
        return positions;
    }

    private void checkIds(Tensor ids) {
        long[] shape = Tensors.shape(ids);
        if (shape.length != 2 || shape[0] < 1 || shape[1] < 1 || shape[1] > config.maxPositionEmbeddings()) {
            throw ZoetropeException.badInput(
                    "token ids have shape %s, expected [batch, 1 to %d tokens]",
                    Arrays.toString(shape), config.maxPositionEmbeddings());
        }
        for (long id : Tensors.toLongs(ids)) {
            if (id < 0 || id >= config.vocabSize()) {
                throw ZoetropeException.badInput(
                        "token id %d is outside the text encoder's vocabulary of %d: tokenizer and text encoder come"
                                + " from different models",
                        id, config.vocabSize());
            }
        }
    }
}
