package dev.zoetrope.diffusion.model;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.zoetrope.diffusion.autoencoder.AutoencoderConfig;
import dev.zoetrope.diffusion.autoencoder.AutoencoderKL;
import dev.zoetrope.diffusion.text.ClipTextConfig;
import dev.zoetrope.diffusion.text.ClipTextEncoder;
import dev.zoetrope.diffusion.text.ClipTokenizerTrainer;
import dev.zoetrope.diffusion.unet.UNet;
import dev.zoetrope.diffusion.unet.UNetConfig;
import dev.zoetrope.tensor.JsonFiles;
import dev.zoetrope.tensor.Parameter;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the folder of a published model with random weights, at its true size or smaller: for measuring speed and memory
 * without a download. Weights are float16, made and written one tensor at a time; the same seed gives the same files.
 *
 * <p>The tokenizer is a small one of its own, since a vocabulary cannot be random.
 */
public final class ModelSynth {
    private static final Logger log = LoggerFactory.getLogger(ModelSynth.class);
    private static final List<String> WORDS = List.of("a", "the", "of", "in", "red", "blue", "ball", "moves", "right");

    private final ModelFamily family;
    private final Options options;

    /**
     * @param scale divides the widths of all networks, 1 to 64; 1 is the true size. Default 1
     * @param seed of the weights. Default 0
     * @param maxShardBytes largest weight file; larger components are split. Default 5e9
     */
    public record Options(int scale, long seed, long maxShardBytes) {
        /** The true size in shards of at most 5 GB. */
        public static final Options DEFAULTS = new Options(1, 0, 5_000_000_000L);

        /** @throws ZoetropeException BAD_INPUT naming the option that cannot be */
        public Options {
            if (scale < 1 || scale > 64) {
                throw ZoetropeException.badInput("scale: %d, expected 1 (true size) to 64", scale);
            }
            if (maxShardBytes < 1 << 10) {
                throw ZoetropeException.badInput("largest shard: %d bytes, expected at least 1024", maxShardBytes);
            }
        }

        /** The same with widths divided by {@code divisor}. */
        public Options withScale(int divisor) {
            return new Options(divisor, seed, maxShardBytes);
        }

        /** The same with another seed. */
        public Options withSeed(long other) {
            return new Options(scale, other, maxShardBytes);
        }
    }

    private ModelSynth(ModelFamily family, Options options) {
        this.family = family;
        this.options = options;
    }

    /**
     * Writes a model.
     *
     * @param folder created; must not hold a model yet
     * @throws ZoetropeException BAD_INPUT if it does, IO if it cannot be written
     */
    public static void write(ModelFamily family, Options options, Path folder) {
        if (Files.exists(folder.resolve("model_index.json"))) {
            throw ZoetropeException.badInput("%s holds a model already; give a new folder, or delete this one", folder);
        }
        new ModelSynth(family, options).write(folder);
    }

    private void write(Path folder) {
        FamilyScale scale = new FamilyScale(options.scale());
        ObjectNode unetJson = scale.unet(family.unetConfig());
        writeUnet(scale, unetJson, folder);
        ObjectNode vae = scale.autoencoder(family.autoencoderConfig());
        AutoencoderKL autoencoder = new AutoencoderKL(AutoencoderConfig.parse(vae));
        component(folder.resolve("vae"), vae, "diffusion_pytorch_model", autoencoder.parameters());
        family.textConfig().ifPresent(json -> writeText(scale.text(json), folder));
        JsonFiles.write(folder.resolve("scheduler/scheduler_config.json"), family.schedulerConfig());
        JsonFiles.write(folder.resolve("model_index.json"), index());
    }

    private void writeUnet(FamilyScale scale, ObjectNode json, Path folder) {
        UNetConfig image = UNetConfig.parse(json);
        Path unetFolder = folder.resolve("unet");
        if (family.adapterConfig().isEmpty()) {
            component(unetFolder, json, "diffusion_pytorch_model", new UNet(image).parameters());
            return;
        }
        ObjectNode adapter = scale.adapter(family.adapterConfig().get());
        Path adapterFolder = folder.resolve(MotionAdapters.NAME);
        JsonFiles.write(adapterFolder.resolve("config.json"), adapter);
        SortedMap<String, Parameter> unet = new TreeMap<>();
        SortedMap<String, Parameter> motion = new TreeMap<>();
        new UNet(MotionAdapters.join(image, adapterFolder))
                .parameters()
                .forEach((name, parameter) -> (name.contains(".motion_modules.") ? motion : unet).put(name, parameter));
        component(unetFolder, json, "diffusion_pytorch_model", unet);
        component(adapterFolder, adapter, "diffusion_pytorch_model", motion);
    }

    private void writeText(ObjectNode json, Path folder) {
        Path textFolder = folder.resolve("text_encoder");
        JsonFiles.write(textFolder.resolve("config.json"), json);
        ClipTextConfig config = ClipTextConfig.read(textFolder.resolve("config.json"));
        component(textFolder, json, "model", new ClipTextEncoder(config).parameters());
        ClipTokenizerTrainer.create(config.maxPositionEmbeddings())
                .train(WORDS, folder.resolve("tokenizer"))
                .close();
    }

    private void component(Path folder, ObjectNode config, String baseName, Map<String, Parameter> parameters) {
        JsonFiles.write(folder.resolve("config.json"), config);
        log.info("{}: writing {} tensors", folder, parameters.size());
        new RandomWeights(options.seed(), options.maxShardBytes()).write(folder, baseName, parameters);
    }

    private ObjectNode index() {
        ObjectNode index = JsonNodeFactory.instance.objectNode();
        index.put("_class_name", family.pipeline());
        index.put("_diffusers_version", "0.25.0");
        add(index, "scheduler", "diffusers", family.schedulerConfig());
        add(index, "unet", "diffusers", family.unetConfig());
        add(index, "vae", "diffusers", family.autoencoderConfig());
        family.adapterConfig().ifPresent(json -> add(index, MotionAdapters.NAME, "diffusers", json));
        if (family.textConfig().isPresent()) {
            index.putArray("text_encoder").add("transformers").add("CLIPTextModel");
            index.putArray("tokenizer").add("transformers").add("CLIPTokenizer");
        }
        return index;
    }

    private static void add(ObjectNode index, String name, String library, ObjectNode config) {
        index.putArray(name).add(library).add(config.path("_class_name").asText());
    }
}
