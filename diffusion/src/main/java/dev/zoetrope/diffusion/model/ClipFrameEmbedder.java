package dev.zoetrope.diffusion.model;

import dev.zoetrope.diffusion.text.ClipConfig;
import dev.zoetrope.diffusion.text.ClipImageProcessor;
import dev.zoetrope.diffusion.text.ClipModel;
import dev.zoetrope.diffusion.text.ClipTokenizer;
import dev.zoetrope.media.Frame;
import dev.zoetrope.metrics.FrameEmbedder;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Sha256;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * CLIP from a published folder ({@code config.json}, {@code model.safetensors} or {@code pytorch_model.bin}, tokenizer files,
 * {@code preprocessor_config.json}) as pictures and texts in one space. Weights are loaded when first needed. Not safe for
 * use by several threads; holds native memory: close it.
 */
public final class ClipFrameEmbedder implements FrameEmbedder, AutoCloseable {
    private final Path folder;
    private final boolean truncate;
    private final ClipConfig config;
    private final ClipImageProcessor processor;
    private final ModelComponent weights;
    private @Nullable ClipModel model;
    private @Nullable ClipTokenizer tokenizer;

    private ClipFrameEmbedder(Path folder, boolean truncate, ClipConfig config, ClipImageProcessor processor) {
        this.folder = folder;
        this.truncate = truncate;
        this.config = config;
        this.processor = processor;
        try (ClipModel sizes = new ClipModel(config)) {
            this.weights = ModelComponent.inspect(
                    "clip", "CLIPModel", sizes.parameterCount(), folder, "model", Optional.empty());
        }
    }

    /**
     * Looks at the folder without reading weights or loading LibTorch.
     *
     * @param truncate cut texts that are too long, instead of refusing them
     * @throws ZoetropeException BAD_INPUT if it is no folder of a CLIP model or a file of it is missing or unusable
     */
    public static ClipFrameEmbedder open(Path folder, boolean truncate) {
        if (!Files.isDirectory(folder)) {
            throw ZoetropeException.badInput(
                    "%s is not a folder; give the folder of a CLIP model: config.json, model.safetensors, tokenizer files",
                    folder);
        }
        ClipConfig config = ClipConfig.read(folder.resolve("config.json"));
        if (config.vision().numChannels() != 3) {
            throw ZoetropeException.badInput(
                    "%s: the CLIP model takes pictures of %d channels, expected 3",
                    folder, config.vision().numChannels());
        }
        boolean tokenizer = Files.exists(folder.resolve("tokenizer.json"))
                || Files.exists(folder.resolve("vocab.json")) && Files.exists(folder.resolve("merges.txt"));
        if (!tokenizer) {
            throw ZoetropeException.badInput(
                    "%s has no tokenizer; a CLIP model needs vocab.json and merges.txt, or tokenizer.json", folder);
        }
        return new ClipFrameEmbedder(folder, truncate, config, ClipImageProcessor.read(folder, config.vision()));
    }

    /**
     * Loads tokenizer and weights now, for callers with other long work to do first.
     *
     * @throws ZoetropeException CHECKPOINT_MISMATCH if weights, configuration and tokenizer do not belong together
     */
    public void load() {
        tokenizer();
        model();
    }

    /** Sizes, SHA-256 of the weights, what is done to pictures and to long texts. */
    @Override
    public String name() {
        String hash = weights.files().size() == 1
                ? Sha256.of(weights.files().get(0))
                : WeightHash.of(List.of(weights), List.of());
        return "CLIP, patch %d, width %d, weights %s; %s%s"
                .formatted(
                        config.vision().patchSize(),
                        config.vision().hiddenSize(),
                        hash,
                        processor.describe(),
                        truncate ? "; long prompts truncated" : "");
    }

    @Override
    public double[] picture(Frame frame) {
        try (Scope scope = Scope.noGrad()) {
            return Tensors.toDoubles(model().imageEmbeddings(processor.apply(frame)));
        }
    }

    @Override
    public void checkText(String prompt) {
        ids(prompt);
    }

    @Override
    public double[] text(String prompt) {
        long[] ids = ids(prompt);
        try (Scope scope = Scope.noGrad()) {
            return Tensors.toDoubles(model().textEmbeddings(Tensors.of(ids, 1, ids.length)));
        }
    }

    private long[] ids(String prompt) {
        ClipTokenizer.Encoding encoding = tokenizer().encode(prompt);
        if (encoding.truncated() && !truncate) {
            throw ZoetropeException.badInput(
                    "a prompt has %d tokens, this CLIP model reads %d; shorten it, or have long prompts truncated",
                    encoding.unpadded().length - 2, encoding.ids().length - 2);
        }
        return encoding.ids();
    }

    private ClipModel model() {
        ClipModel loaded = model;
        if (loaded == null) {
            loaded = ClipModel.load(folder, Optional.empty());
            model = loaded;
        }
        return loaded;
    }

    private ClipTokenizer tokenizer() {
        ClipTokenizer loaded = tokenizer;
        if (loaded == null) {
            loaded = ClipTokenizer.load(folder, config.text());
            tokenizer = loaded;
            if (loaded.vocabularySize() > config.text().vocabSize()) {
                throw ZoetropeException.checkpoint(
                        "%s: the tokenizer has %d tokens, the model knows %d: they come from different models",
                        folder, loaded.vocabularySize(), config.text().vocabSize());
            }
        }
        return loaded;
    }

    @Override
    public void close() {
        if (model != null) {
            model.close();
        }
        if (tokenizer != null) {
            tokenizer.close();
        }
    }
}
