package dev.zoetrope.diffusion.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.zoetrope.diffusion.autoencoder.AutoencoderConfig;
import dev.zoetrope.diffusion.autoencoder.AutoencoderKL;
import dev.zoetrope.diffusion.config.ConfigRecords;
import dev.zoetrope.diffusion.scheduler.DdimScheduler;
import dev.zoetrope.diffusion.scheduler.SchedulerConfig;
import dev.zoetrope.diffusion.text.ClipTextConfig;
import dev.zoetrope.diffusion.text.ClipTextEncoder;
import dev.zoetrope.diffusion.text.ClipTokenizer;
import dev.zoetrope.diffusion.unet.UNet;
import dev.zoetrope.diffusion.unet.UNetConfig;
import dev.zoetrope.diffusion.unet.UNetConfig.Family;
import dev.zoetrope.diffusion.unet.UNetLoader;
import dev.zoetrope.tensor.WeightFiles;
import dev.zoetrope.tensor.WeightSource;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A model in the published folder layout (sheet 5.1), read and checked without its weights. */
final class PublishedFolder {
    private static final String INDEX = "model_index.json";
    private static final String GUIDANCE_SCALE = "_guidance_scale";
    private static final String UNET = "unet";
    private static final String ADAPTER = MotionAdapters.NAME;
    private static final String VAE = "vae";
    private static final String TEXT = "text_encoder";
    private static final String TOKENIZER = "tokenizer";
    private static final String SCHEDULER = "scheduler";

    private static final Logger log = LoggerFactory.getLogger(PublishedFolder.class);

    private final Path root;
    private final ModelOptions options;
    private final ObjectNode index;
    private final List<ModelComponent> components = new ArrayList<>();

    private PublishedFolder(Path root, ModelOptions options) {
        this.root = root;
        this.options = options;
        if (!Files.isDirectory(root)) {
            throw ZoetropeException.badInput("%s is no folder; give the folder of a model with its %s", root, INDEX);
        }
        if (!Files.isRegularFile(root.resolve(INDEX))) {
            throw ZoetropeException.badInput(
                    "%s has no %s, so it is no model folder; give the folder that holds unet, vae, text_encoder, tokenizer"
                            + " and scheduler",
                    root, INDEX);
        }
        this.index = ConfigRecords.readObject(root.resolve(INDEX));
    }

    static ModelParts read(Path root, ModelOptions options) {
        return new PublishedFolder(root, options).read();
    }

    private ModelParts read() {
        ObjectNode unetJson = config(UNET);
        UNetConfig ownUnet = parse(UNET, unetJson, UNetConfig::parse);
        Optional<Path> adapter = adapter(ownUnet);
        UNetConfig unet =
                adapter.map(folder -> MotionAdapters.join(ownUnet, folder)).orElse(ownUnet);
        AutoencoderConfig autoencoder = parse(VAE, config(VAE), AutoencoderConfig::parse);
        Optional<ClipTextConfig> text =
                has(TEXT) ? Optional.of(ClipTextConfig.read(folder(TEXT).resolve("config.json"))) : Optional.empty();
        int fallback = unet.family() == Family.VIDEO_3D ? 32 : 64;
        inspect(ownUnet, unet, adapter, autoencoder, text);
        return new ModelParts(
                root.toString(),
                unet,
                side(unetJson.path("sample_size"), 0, fallback),
                side(unetJson.path("sample_size"), 1, fallback),
                autoencoder,
                text,
                schedulerJson(),
                guidanceScale(),
                components,
                loaders(unet, text, adapter));
    }

    /** A key of our own; other implementations pass over keys that begin with a low line. */
    private OptionalDouble guidanceScale() {
        JsonNode scale = index.path(GUIDANCE_SCALE);
        if (scale.isMissingNode()) {
            return OptionalDouble.empty();
        }
        if (!scale.isNumber() || !(scale.asDouble() >= 0)) {
            throw ZoetropeException.checkpoint(
                    "%s: %s is %s, expected a number of at least 0", root.resolve(INDEX), GUIDANCE_SCALE, scale);
        }
        return OptionalDouble.of(scale.asDouble());
    }

    /** What ModelScope was trained with, where the folder does not say (sheet 10.14). */
    private ObjectNode schedulerJson() {
        if (!has(SCHEDULER)) {
            log.warn("{} lists no scheduler; taking DDIM with the noise schedule of Stable Diffusion", root);
            return new DdimScheduler(SchedulerConfig.stableDiffusion()).toJson();
        }
        return ConfigRecords.readObject(folder(SCHEDULER).resolve("scheduler_config.json"));
    }

    /** Opens every weight file, so that a missing or damaged one is found before the first is read. */
    private void inspect(
            UNetConfig ownUnet,
            UNetConfig unet,
            Optional<Path> adapter,
            AutoencoderConfig autoencoder,
            Optional<ClipTextConfig> text) {
        add(UNET, ownUnet.family().className(), new UNet(ownUnet).parameterCount(), folder(UNET), UNetLoader.BASE_NAME);
        adapter.ifPresent(path -> components.add(MotionAdapters.inspect(ownUnet, unet, path, options.variant())));
        add(
                VAE,
                autoencoder.className(),
                new AutoencoderKL(autoencoder).parameterCount(),
                folder(VAE),
                UNetLoader.BASE_NAME);
        text.ifPresent(config -> {
            long parameters = new ClipTextEncoder(config).parameterCount();
            add(TEXT, "CLIPTextModel", parameters, folder(TEXT), "model");
            checkTokenizer();
        });
    }

    private void add(String name, String className, long parameters, Path folder, String baseName) {
        components.add(ModelComponent.inspect(name, className, parameters, folder, baseName, options.variant()));
    }

    private void checkTokenizer() {
        Path folder = tokenizerFolder();
        boolean pair = Files.exists(folder.resolve("vocab.json")) && Files.exists(folder.resolve("merges.txt"));
        if (!pair && !Files.exists(folder.resolve("tokenizer.json"))) {
            throw ZoetropeException.badInput(
                    "%s: expected vocab.json and merges.txt, or tokenizer.json; fetch them, or give another tokenizer"
                            + " folder",
                    folder);
        }
    }

    private ModelParts.Loaders loaders(UNetConfig unet, Optional<ClipTextConfig> text, Optional<Path> adapter) {
        Optional<String> variant = options.variant();
        return new ModelParts.Loaders(
                () -> adapter.map(path -> MotionAdapters.load(unet, openUnet(), path, variant))
                        .orElseGet(() -> UNetLoader.load(folder(UNET), variant)),
                () -> AutoencoderKL.load(folder(VAE), variant),
                () -> ClipTextEncoder.load(folder(TEXT), variant),
                () -> ClipTokenizer.load(tokenizerFolder(), text.orElseThrow()));
    }

    private WeightSource openUnet() {
        return WeightFiles.openComponent(folder(UNET), UNetLoader.BASE_NAME, options.variant());
    }

    private Path tokenizerFolder() {
        return options.tokenizer().orElseGet(() -> folder(TOKENIZER));
    }

    private Optional<Path> adapter(UNetConfig unet) {
        if (options.motionAdapter().isPresent()) {
            return options.motionAdapter();
        }
        // A saved U-Net with motion modules comes with the adapter beside it, which it does not need any more.
        return has(ADAPTER) && unet.family() == Family.IMAGE ? Optional.of(folder(ADAPTER)) : Optional.empty();
    }

    /** Whether the index lists a component; [null, null] is an absent one, and anything else a flag. */
    private boolean has(String component) {
        JsonNode entry = index.path(component);
        return entry.isArray() && entry.size() == 2 && entry.get(1).isTextual();
    }

    private Path folder(String component) {
        if (!has(component)) {
            throw ZoetropeException.badInput(
                    "%s: lists no %s, which text to video needs; is this the folder of another kind of model?",
                    root.resolve(INDEX), component);
        }
        return root.resolve(component);
    }

    private ObjectNode config(String component) {
        return ConfigRecords.readObject(folder(component).resolve("config.json"));
    }

    private <T> T parse(String component, ObjectNode json, Function<JsonNode, T> parser) {
        try {
            return parser.apply(json);
        } catch (ZoetropeException e) {
            Path file = folder(component).resolve("config.json");
            throw new ZoetropeException(e.code(), file + ": " + e.getMessage(), e);
        }
    }

    /** sample_size is one number or [rows, columns]. */
    private static int side(JsonNode size, int axis, int otherwise) {
        int side = (size.isArray() ? size.path(axis) : size).asInt(otherwise);
        return side < 1 ? otherwise : side;
    }
}
