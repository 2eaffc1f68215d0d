package dev.zoetrope.diffusion.text;

import ai.djl.engine.EngineException;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import dev.zoetrope.tensor.ErrorCode;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.bytedeco.pytorch.Tensor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * CLIP's byte-pair tokenizer: lower-cases, splits into words, and merges the most frequent pairs of symbols until none
 * is left. Every text has a tokenization, since single bytes are symbols.
 *
 * <p>Safe for use by several threads. Holds native memory: close it.
 */
public final class ClipTokenizer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ClipTokenizer.class);

    private final HuggingFaceTokenizer words;
    private final int vocabularySize;
    private final int bos;
    private final int eos;
    private final int pad;
    private final int maxLength;

    private ClipTokenizer(BytePairs pairs, SpecialTokens special, int maxLength) {
        this.vocabularySize =
                pairs.ids().values().stream().mapToInt(id -> id + 1).max().orElse(0);
        this.bos = pairs.id(special.bos(), "start token");
        this.eos = pairs.id(special.eos(), "end token");
        this.pad = pairs.id(special.pad(), "padding token");
        this.maxLength = maxLength;
        this.words = open(TokenizerJson.of(pairs, special));
    }

    /**
     * Reads a {@code tokenizer} folder: {@code vocab.json} and {@code merges.txt} (or {@code tokenizer.json}), {@code
     * tokenizer_config.json}, {@code special_tokens_map.json}.
     *
     * @throws ZoetropeException BAD_INPUT if a file is missing or unreadable, CHECKPOINT_MISMATCH if they do not belong
     *     together
     */
    public static ClipTokenizer load(Path folder) {
        SpecialTokens special = SpecialTokens.read(folder, OptionalInt.empty());
        return new ClipTokenizer(BytePairs.read(folder), special, special.maxLength());
    }

    /**
     * As {@link #load(Path)} for a given text encoder: no longer than its position table, and padded as it was trained
     * where the folder does not say.
     */
    public static ClipTokenizer load(Path folder, ClipTextConfig encoder) {
        SpecialTokens special = SpecialTokens.read(folder, OptionalInt.of(encoder.hiddenSize()));
        int length = Math.min(special.maxLength(), encoder.maxPositionEmbeddings());
        return new ClipTokenizer(BytePairs.read(folder), special, length);
    }

    private static HuggingFaceTokenizer open(byte[] tokenizerJson) {
        // The library otherwise reports its use to its makers and, where it finds CUDA, downloads another build.
        System.setProperty("OPT_OUT_TRACKING", "true");
        System.setProperty("ai.djl.offline", "true");
        // Its own defaults are truncation to 512 ids and special tokens by a post-processor.
        Map<String, String> options =
                Map.of("addSpecialTokens", "false", "truncation", "false", "padding", "false", "modelMaxLength", "-1");
        try {
            return HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(tokenizerJson), options);
        } catch (EngineException | LinkageError e) {
            throw new ZoetropeException(
                    ErrorCode.NATIVE,
                    "the tokenizers library cannot be loaded: " + e.getMessage()
                            + "; it unpacks native code into DJL_CACHE_DIR (~/.djl.ai), which must be writable",
                    e);
        } catch (IOException | RuntimeException e) {
            throw ZoetropeException.checkpoint("the tokenizer folder is not usable: %s", e.getMessage());
        }
    }

    /** Ids of a text, [start, tokens, end, padding ...], always {@link #maxLength()} of them. */
    public Encoding encode(String text) {
        long[] tokens = words.encode(wellFormed(text), false, false).getIds();
        long[] unpadded = new long[tokens.length + 2];
        unpadded[0] = bos;
        System.arraycopy(tokens, 0, unpadded, 1, tokens.length);
        unpadded[unpadded.length - 1] = eos;

        boolean truncated = unpadded.length > maxLength;
        long[] ids = Arrays.copyOf(unpadded, maxLength);
        if (truncated) {
            ids[maxLength - 1] = eos;
            log.warn("the text has {} tokens, the model reads the first {}", tokens.length, maxLength - 2);
        } else {
            Arrays.fill(ids, unpadded.length, maxLength, pad);
        }
        return new Encoding(ids, truncated, unpadded);
    }

    /** Ids of several texts, int64 [B,L]. */
    public Tensor encode(List<String> texts) {
        long[] ids = texts.stream()
                .flatMapToLong(text -> Arrays.stream(encode(text).ids()))
                .toArray();
        return Tensors.of(ids, texts.size(), maxLength);
    }

    /** Half of a surrogate pair has no UTF-8 form. */
    private static String wellFormed(String text) {
        return text.codePoints()
                .map(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 0xFFFD : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    /** Length L of every encoded text. */
    public int maxLength() {
        return maxLength;
    }

    /** One more than the largest id; what a text encoder must have rows for. */
    public int vocabularySize() {
        return vocabularySize;
    }

    public int bosId() {
        return bos;
    }

    public int eosId() {
        return eos;
    }

    public int padId() {
        return pad;
    }

    @Override
    public void close() {
        words.close();
    }

    /**
     * An encoded text.
     *
     * @param ids start token, tokens, end token, padding; {@link ClipTokenizer#maxLength()} of them
     * @param truncated tokens at the end were dropped
     * @param unpadded the ids before truncation and padding
     */
    public record Encoding(long[] ids, boolean truncated, long[] unpadded) {}
}
