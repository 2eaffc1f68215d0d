package dev.zoetrope.diffusion.model;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.zoetrope.diffusion.autoencoder.AutoencoderConfig;
import dev.zoetrope.diffusion.autoencoder.AutoencoderKL;
import dev.zoetrope.diffusion.scheduler.DdimScheduler;
import dev.zoetrope.diffusion.scheduler.SchedulerConfig;
import dev.zoetrope.diffusion.text.ClipTextConfig;
import dev.zoetrope.diffusion.text.ClipTextEncoder;
import dev.zoetrope.diffusion.text.ClipTokenizer;
import dev.zoetrope.diffusion.unet.UNet;
import dev.zoetrope.diffusion.unet.UNetConfig;
import dev.zoetrope.tensor.JsonFiles;
import dev.zoetrope.tensor.SafetensorsWriter;
import dev.zoetrope.tensor.WeightEntry;
import dev.zoetrope.tensor.WeightFiles;
import dev.zoetrope.tensor.WeightSource;
import dev.zoetrope.tensor.ZoetropeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An original checkpoint of Stable Diffusion 1.x or 2.x, with U-Net, autoencoder and text encoder in one {@code .ckpt} or
 * {@code .safetensors} file. Its configuration is read from the shapes; tensors are read under other names, not copied.
 *
 * <p>Two things are in no file: the tokenizer ({@link ModelOptions#tokenizer}), and whether the model predicts noise (the
 * default) or v, as the 768-pixel models of 2.x do ({@link ModelOptions#prediction}).
 */
public final class SingleFileCheckpoint {
    private static final Logger log = LoggerFactory.getLogger(SingleFileCheckpoint.class);
    private static final List<String> TOKENIZER_FILES =
            List.of("vocab.json", "merges.txt", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json");

    private final Path file;
    private final ModelOptions options;

    private SingleFileCheckpoint(Path file, ModelOptions options) {
        this.file = file;
        this.options = options;
    }

    /** Reads and checks the head of the file; no weights. */
    static ModelParts read(Path file, ModelOptions options) {
        return new SingleFileCheckpoint(file, options).read();
    }

    /**
     * Writes the checkpoint as a folder in the published layout, weights as they are stored.
     *
     * @param folder created; files in it are replaced
     * @throws ZoetropeException BAD_INPUT if the file is no such checkpoint or the options name no tokenizer
     */
    public static void convert(Path file, ModelOptions options, Path folder) {
        new SingleFileCheckpoint(file, options).convert(folder);
    }

    /** Opens the file. */
    private WeightSource open() {
        WeightSource weights = WeightFiles.open(file);
        if (weights.entries().keySet().stream().noneMatch(name -> name.startsWith(LdmUnet.PREFIX))) {
            String first = weights.entries().isEmpty() ? "" : weights.entries().firstKey();
            weights.close();
            throw ZoetropeException.badInput(
                    "%s: is no checkpoint of Stable Diffusion, since no tensor is named %s*; it starts with %s. Give such a"
                            + " file, or the folder of a model",
                    file, LdmUnet.PREFIX, first);
        }
        return weights;
    }

    private WeightSource unetWeights() {
        return new LdmUnet(open(), options.ema()).published();
    }

    private ModelParts read() {
        try (WeightSource weights = open()) {
            LdmUnet ldmUnet = new LdmUnet(weights, options.ema());
            ObjectNode unetJson = ldmUnet.config();
            UNetConfig ownUnet = UNetConfig.parse(unetJson);
            UNetConfig unet = options.motionAdapter()
                    .map(adapter -> MotionAdapters.join(ownUnet, adapter))
                    .orElse(ownUnet);
            LdmAutoencoder ldmAutoencoder = new LdmAutoencoder(weights);
            AutoencoderConfig autoencoder = AutoencoderConfig.parse(ldmAutoencoder.config());
            LdmText ldmText = new LdmText(weights);
            ClipTextConfig text = ldmText.config();
            List<ModelComponent> components = new ArrayList<>();
            components.add(component("unet", "UNet2DConditionModel", ldmUnet.published()));
            options.motionAdapter()
                    .ifPresent(adapter ->
                            components.add(MotionAdapters.inspect(ownUnet, unet, adapter, options.variant())));
            components.add(component("vae", AutoencoderConfig.PLAIN, ldmAutoencoder.published()));
            components.add(component("text_encoder", "CLIPTextModel", ldmText.published()));
            int side = unetJson.path("sample_size").asInt();
            return new ModelParts(
                    file.toString(),
                    unet,
                    side,
                    side,
                    autoencoder,
                    Optional.of(text),
                    scheduler(unet),
                    OptionalDouble.empty(),
                    components,
                    loaders(unet, autoencoder, text));
        }
    }

    private ModelComponent component(String name, String className, WeightSource weights) {
        long parameters = 0;
        long bytes = 0;
        for (WeightEntry entry : weights.entries().values()) {
            parameters += entry.elements();
            bytes += entry.byteSize();
        }
        return new ModelComponent(name, className, parameters, bytes, List.of(file));
    }

    private ObjectNode scheduler(UNetConfig unet) {
        if (unet.contextWidth() == 1024 && options.prediction().isEmpty()) {
            log.warn(
                    "{}: a checkpoint of Stable Diffusion 2.x does not say what it predicts; taking noise, as the 512-pixel"
                            + " models do. The 768-pixel ones need v_prediction",
                    file);
        }
        return new DdimScheduler(SchedulerConfig.stableDiffusion()).toJson();
    }

    private ModelParts.Loaders loaders(UNetConfig unet, AutoencoderConfig autoencoder, ClipTextConfig text) {
        return new ModelParts.Loaders(
                () -> options.motionAdapter()
                        .map(adapter -> MotionAdapters.load(unet, unetWeights(), adapter, options.variant()))
                        .orElseGet(() -> loadUnet(unet)),
                () -> AutoencoderKL.load(autoencoder, new LdmAutoencoder(open()).published()),
                () -> loadText(text),
                () -> ClipTokenizer.load(tokenizer(), text));
    }

    private UNet loadUnet(UNetConfig config) {
        try (WeightSource weights = unetWeights()) {
            UNet unet = new UNet(config);
            unet.load(weights);
            return unet;
        }
    }

    private ClipTextEncoder loadText(ClipTextConfig config) {
        try (WeightSource weights = new LdmText(open()).published()) {
            ClipTextEncoder encoder = new ClipTextEncoder(config);
            encoder.load(weights);
            return encoder;
        }
    }

    private Path tokenizer() {
        return options.tokenizer()
                .orElseThrow(() -> ZoetropeException.badInput(
                        "%s: a single-file checkpoint has no tokenizer; give the tokenizer folder of a published model",
                        file));
    }

    private void convert(Path folder) {
        Path tokenizer = tokenizer();
        try (WeightSource weights = open()) {
            LdmUnet unet = new LdmUnet(weights, options.ema());
            LdmAutoencoder autoencoder = new LdmAutoencoder(weights);
            LdmText text = new LdmText(weights);
            JsonFiles.write(folder.resolve("unet/config.json"), unet.config());
            JsonFiles.write(folder.resolve("vae/config.json"), autoencoder.config());
            text.config().write(folder.resolve("text_encoder/config.json"));
            ObjectNode scheduler = scheduler(UNetConfig.parse(unet.config()));
            options.prediction().ifPresent(type -> scheduler.put("prediction_type", type.configName()));
            JsonFiles.write(folder.resolve("scheduler/scheduler_config.json"), scheduler);
            copy(unet::published, folder.resolve("unet/diffusion_pytorch_model.safetensors"));
            copy(autoencoder::published, folder.resolve("vae/diffusion_pytorch_model.safetensors"));
            copy(text::published, folder.resolve("text_encoder/model.safetensors"));
        }
        copyTokenizer(tokenizer, folder.resolve("tokenizer"));
        JsonFiles.write(folder.resolve("model_index.json"), index());
    }

    private static void copy(Supplier<WeightSource> weights, Path target) {
        // The view is not closed: it would close the file that the others read too.
        WeightSource view = weights.get();
        Map<String, SafetensorsWriter.Content> contents = new TreeMap<>();
        view.entries().keySet().forEach(name -> contents.put(name, SafetensorsWriter.Content.of(view, name)));
        SafetensorsWriter.write(target, contents, Map.of("format", "pt"));
    }

    private static void copyTokenizer(Path from, Path to) {
        try {
            Files.createDirectories(to);
            for (String name : TOKENIZER_FILES) {
                if (Files.exists(from.resolve(name))) {
                    Files.copy(from.resolve(name), to.resolve(name), StandardCopyOption.REPLACE_EXISTING);
                }
            }
        } catch (IOException e) {
            throw ZoetropeException.io(e, "cannot copy the tokenizer %s to %s: %s", from, to, e.getMessage());
        }
    }

    private static ObjectNode index() {
        ObjectNode index = JsonNodeFactory.instance.objectNode();
        index.put("_class_name", "StableDiffusionPipeline");
        index.put("_diffusers_version", "0.25.0");
        index.putArray("scheduler").add("diffusers").add("DDIMScheduler");
        index.putArray("text_encoder").add("transformers").add("CLIPTextModel");
        index.putArray("tokenizer").add("transformers").add("CLIPTokenizer");
        index.putArray("unet").add("diffusers").add("UNet2DConditionModel");
        index.putArray("vae").add("diffusers").add("AutoencoderKL");
        return index;
    }
}
