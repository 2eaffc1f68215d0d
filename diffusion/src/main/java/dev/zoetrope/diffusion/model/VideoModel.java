package dev.zoetrope.diffusion.model;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.zoetrope.diffusion.autoencoder.AutoencoderConfig;
import dev.zoetrope.diffusion.autoencoder.AutoencoderKL;
import dev.zoetrope.diffusion.model.LoraFile.Target;
import dev.zoetrope.diffusion.scheduler.SampleSpace;
import dev.zoetrope.diffusion.scheduler.Scheduler;
import dev.zoetrope.diffusion.scheduler.Schedulers;
import dev.zoetrope.diffusion.text.ClipTextConfig;
import dev.zoetrope.diffusion.text.ClipTextEncoder;
import dev.zoetrope.diffusion.text.ClipTokenizer;
import dev.zoetrope.diffusion.unet.UNet;
import dev.zoetrope.diffusion.unet.UNetConfig;
import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A published video diffusion model: tokenizer, text encoder, denoiser, autoencoder and scheduler.
 *
 * <p>Opening reads and checks configurations and the heads of the weight files, and does not load LibTorch. Each part is
 * loaded when it is first asked for, stays until it is released or the model is closed, and belongs to the model.
 */
public final class VideoModel implements AutoCloseable {
    private final ModelParts parts;
    private final ModelOptions options;
    private @Nullable UNet denoiser;
    private @Nullable AutoencoderKL autoencoder;
    private @Nullable ClipTextEncoder textEncoder;
    private @Nullable ClipTokenizer tokenizer;

    private VideoModel(ModelParts parts, ModelOptions options) {
        this.parts = parts;
        this.options = options;
    }

    /** {@link #open(Path, ModelOptions)} with {@link ModelOptions#DEFAULTS}. */
    public static VideoModel open(Path folderOrFile) {
        return open(folderOrFile, ModelOptions.DEFAULTS);
    }

    /**
     * Opens a published folder (Stable Diffusion, ModelScope, ZeroScope, AnimateDiff) or an original checkpoint file of
     * Stable Diffusion 1.x or 2.x.
     *
     * @throws ZoetropeException BAD_INPUT if a file is missing or no weights (a Git-LFS pointer, say),
     *     CHECKPOINT_MISMATCH if one is damaged or the parts do not fit together
     */
    public static VideoModel open(Path folderOrFile, ModelOptions options) {
        ModelParts parts = Files.isRegularFile(folderOrFile)
                ? SingleFileCheckpoint.read(folderOrFile, options)
                : PublishedFolder.read(folderOrFile, options);
        VideoModel model = new VideoModel(parts, options);
        model.checkLoras();
        return model;
    }

    private void checkLoras() {
        if (options.loras().isEmpty()) {
            return;
        }
        Map<Target, Layer> networks = new EnumMap<>(Target.class);
        networks.put(Target.UNET, new UNet(parts.unet()));
        parts.text().ifPresent(config -> networks.put(Target.TEXT_ENCODER, new ClipTextEncoder(config)));
        for (ModelOptions.Lora choice : options.loras()) {
            try (LoraFile lora = LoraFile.open(choice.file())) {
                lora.check(networks);
            }
        }
    }

    private <L extends Layer> L withLoras(Target target, L network) {
        for (ModelOptions.Lora choice : options.loras()) {
            try (LoraFile lora = LoraFile.open(choice.file())) {
                lora.apply(target, network, choice.strength());
            }
        }
        return network;
    }

    /** Class and parameters of the denoiser, and where the model is. */
    public String description() {
        String sizes = parts.components().stream()
                .map(part -> String.format("%s %,d", part.className(), part.parameters()))
                .collect(Collectors.joining(", "));
        return parts.source() + " (" + sizes + " parameters)";
    }

    /** SHA-256 over the weight files and LoRAs with their strengths, hexadecimal; reads them once in a process. */
    public String hash() {
        return WeightHash.of(parts.components(), options.loras());
    }

    /** The parts with weights: class, parameters, files. */
    public List<ModelComponent> components() {
        return parts.components();
    }

    /** The denoiser's configuration, with the motion modules of an adapter. */
    public UNetConfig unetConfig() {
        return parts.unet();
    }

    public AutoencoderConfig autoencoderConfig() {
        return parts.autoencoder();
    }

    /** Empty for models that are not conditioned on text. */
    public Optional<ClipTextConfig> textConfig() {
        return parts.text();
    }

    /** {@code scheduler_config.json}, with {@link ModelOptions#prediction} in it if that was given. */
    public ObjectNode schedulerJson() {
        ObjectNode json = parts.scheduler().deepCopy();
        options.prediction().ifPresent(type -> json.put("prediction_type", type.configName()));
        return json;
    }

    /** The guidance scale to use where none is given: what the folder says, else 9 for the ModelScope family, 7.5 for others. */
    public double usualGuidanceScale() {
        return parts.guidanceScale().orElse(parts.unet().family() == UNetConfig.Family.VIDEO_3D ? 9 : 7.5);
    }

    /** Height in pixels the model was trained on. */
    public int nativeHeight() {
        return parts.sampleHeight() * parts.autoencoder().factor();
    }

    /** Width in pixels the model was trained on. */
    public int nativeWidth() {
        return parts.sampleWidth() * parts.autoencoder().factor();
    }

    /** The most frames of one clip, where the denoiser's positional code sets a limit. */
    public OptionalInt maxFrames() {
        int limit = parts.unet().motion().maxFrames();
        return limit == 0 ? OptionalInt.empty() : OptionalInt.of(limit);
    }

    /**
     * The model's own scheduler, or another kind with the model's noise schedule.
     *
     * @param name one of {@link Schedulers#names()}, or empty for the model's own
     * @throws ZoetropeException BAD_INPUT listing the known names
     */
    public Scheduler scheduler(Optional<String> name) {
        ObjectNode json = schedulerJson();
        return name.map(kind -> Schedulers.byName(kind, json, SampleSpace.LATENTS))
                .orElseGet(() -> Schedulers.fromJson(json, SampleSpace.LATENTS));
    }

    /** The denoiser; loaded now if it is not yet. */
    public synchronized UNet denoiser() {
        UNet loaded = denoiser;
        if (loaded == null) {
            loaded = withLoras(Target.UNET, parts.loaders().unet().get());
            denoiser = loaded;
        }
        return loaded;
    }

    /** The autoencoder; loaded now if it is not yet. */
    public synchronized AutoencoderKL autoencoder() {
        AutoencoderKL loaded = autoencoder;
        if (loaded == null) {
            loaded = parts.loaders().autoencoder().get();
            autoencoder = loaded;
        }
        return loaded;
    }

    /** The text encoder; loaded now if it is not yet. */
    public synchronized ClipTextEncoder textEncoder() {
        checkText();
        ClipTextEncoder loaded = textEncoder;
        if (loaded == null) {
            loaded = withLoras(Target.TEXT_ENCODER, parts.loaders().text().get());
            textEncoder = loaded;
        }
        return loaded;
    }

    /**
     * The tokenizer; loaded now if it is not yet.
     *
     * @throws ZoetropeException CHECKPOINT_MISMATCH if it has more ids than the text encoder has rows
     */
    public synchronized ClipTokenizer tokenizer() {
        ClipTextConfig text = checkText();
        ClipTokenizer loaded = tokenizer;
        if (loaded == null) {
            loaded = parts.loaders().tokenizer().get();
            tokenizer = loaded;
            if (loaded.vocabularySize() > text.vocabSize()) {
                throw ZoetropeException.checkpoint(
                        "%s: the tokenizer has %d ids, the text encoder %d rows; they belong to different models",
                        parts.source(), loaded.vocabularySize(), text.vocabSize());
            }
        }
        return loaded;
    }

    private ClipTextConfig checkText() {
        return parts.text()
                .orElseThrow(() -> ZoetropeException.badInput(
                        "%s has no text encoder: it is not conditioned on text; use a text-to-video model",
                        parts.source()));
    }

    /** Frees the text encoder; it is loaded again when it is needed. */
    public synchronized void releaseTextEncoder() {
        if (textEncoder != null) {
            textEncoder.close();
            textEncoder = null;
        }
    }

    /** Frees the denoiser; it is loaded again when it is needed. */
    public synchronized void releaseDenoiser() {
        if (denoiser != null) {
            denoiser.close();
            denoiser = null;
        }
    }

    /** Frees the autoencoder; it is loaded again when it is needed. */
    public synchronized void releaseAutoencoder() {
        if (autoencoder != null) {
            autoencoder.close();
            autoencoder = null;
        }
    }

    @Override
    public synchronized void close() {
        releaseTextEncoder();
        releaseDenoiser();
        releaseAutoencoder();
        if (tokenizer != null) {
            tokenizer.close();
            tokenizer = null;
        }
    }
}
