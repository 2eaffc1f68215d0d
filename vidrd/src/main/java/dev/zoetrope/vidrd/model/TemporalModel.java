package dev.zoetrope.vidrd.model;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.zoetrope.diffusion.autoencoder.AutoencoderConfig;
import dev.zoetrope.diffusion.autoencoder.AutoencoderKL;
import dev.zoetrope.diffusion.autoencoder.OldAttentionNames;
import dev.zoetrope.diffusion.config.ConfigRecords;
import dev.zoetrope.diffusion.text.ClipTextConfig;
import dev.zoetrope.diffusion.text.ClipTextEncoder;
import dev.zoetrope.diffusion.unet.UNet;
import dev.zoetrope.diffusion.unet.UNetConfig;
import dev.zoetrope.diffusion.unet.UNetLoader;
import dev.zoetrope.tensor.JsonFiles;
import dev.zoetrope.tensor.WeightFiles;
import dev.zoetrope.tensor.WeightSource;
import dev.zoetrope.tensor.ZoetropeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the folder of a VidRD model. Weights that an image model does not have, the temporal layers, start as the sheet
 * says: the new branches add nothing.
 *
 * <p>New layers are made in memory at their full size: inflating Stable Diffusion 2.1 needs about 5 GB.
 */
public final class TemporalModel {
    private static final Logger log = LoggerFactory.getLogger(TemporalModel.class);
    private static final String WEIGHTS = "diffusion_pytorch_model.safetensors";

    private final Path base;
    private final Path target;

    private TemporalModel(Path base, Path target) {
        this.base = base;
        this.target = target;
        if (!Files.isRegularFile(base.resolve("model_index.json"))) {
            throw ZoetropeException.badInput(
                    "%s has no model_index.json; give the folder of an image model such as Stable Diffusion 2.1", base);
        }
        if (Files.exists(target.resolve("model_index.json"))) {
            throw ZoetropeException.badInput("%s holds a model already; give a new folder, or delete this one", target);
        }
    }

    /**
     * Makes a video model of an image model: its weights, and untrained temporal layers.
     *
     * @param imageModel published folder with a 2-D U-Net
     * @param target new folder
     * @param seed of the temporal layers
     * @throws ZoetropeException BAD_INPUT if a folder is not as it should be, CHECKPOINT_MISMATCH if weights do not fit
     */
    public static void inflate(Path imageModel, Path target, TemporalLayout layout, long seed) {
        TemporalModel model = new TemporalModel(imageModel, target);
        ObjectNode vae = config(imageModel.resolve("vae"));
        try (WeightSource unet = open(imageModel.resolve("unet"));
                WeightSource autoencoder = open(imageModel.resolve("vae"))) {
            CheckpointMerge merge = new CheckpointMerge(seed, true, false);
            ObjectNode unetJson = config(imageModel.resolve("unet"));
            int sampleSize = unetJson.path("sample_size").asInt(64);
            model.writeUnet(layout.unet(unetJson, sampleSize), unet, merge);
            model.writeAutoencoder(layout.temporalDecoder() ? layout.autoencoder(vae) : vae, autoencoder, merge);
        }
        model.copyFolder("text_encoder");
        model.finish();
    }

    /**
     * Makes a model folder of the release's files (sheet 5).
     *
     * @param config the release's run configuration, or one made like it
     * @param target new folder
     * @param allowUntrainedTemporal accept a checkpoint without temporal layers, as freshly inflated
     * @param lenient ignore tensors that the network does not have
     * @throws ZoetropeException BAD_INPUT for a missing file, CHECKPOINT_MISMATCH listing the first tensors that are
     *     missing or not expected
     */
    public static void fromRelease(ReleaseConfig config, Path target, boolean allowUntrainedTemporal, boolean lenient) {
        TemporalModel model = new TemporalModel(config.pretrainedModel(), target);
        model.warnAboutPrediction();
        TemporalLayout layout = new TemporalLayout(32, config.addTempEmbed(), true);
        CheckpointMerge merge = new CheckpointMerge(0, allowUntrainedTemporal, lenient);
        try (WeightSource checkpoint = WeightFiles.open(config.checkpoint())) {
            ObjectNode vae = config(config.pretrainedModel().resolve("vae"));
            int levels = AutoencoderConfig.parse(vae).channels().size();
            int sampleSize = config.resolution() >> (levels - 1);
            ObjectNode unetJson = config(config.pretrainedModel().resolve("unet"));
            model.writeUnet(layout.unet(unetJson, sampleSize), part(checkpoint, "unet."), merge);
            model.writeReleasedAutoencoder(config, vae, checkpoint, merge);
            model.writeText(part(checkpoint, "text_encoder."), merge);
        }
        model.finish();
    }

    /** The release was trained on a base that predicts noise; the folder's own scheduler is used in any case. */
    private void warnAboutPrediction() {
        Path file = base.resolve("scheduler").resolve("scheduler_config.json");
        String type = ConfigRecords.readObject(file).path("prediction_type").asText("epsilon");
        if (!type.equals("epsilon")) {
            log.warn("{} says {}, but the released VidRD predicts epsilon; use the 512-pixel base", file, type);
        }
    }

    /** The tensors below a prefix, without it. */
    private static WeightSource part(WeightSource checkpoint, String prefix) {
        return checkpoint.map(
                key -> key.startsWith(prefix) ? Optional.of(key.substring(prefix.length())) : Optional.empty());
    }

    private void writeReleasedAutoencoder(
            ReleaseConfig config, ObjectNode plain, WeightSource checkpoint, CheckpointMerge merge) {
        if (config.temporalVae().isPresent()) {
            Path folder = config.temporalVae().get();
            try (WeightSource weights = open(folder)) {
                writeAutoencoder(config(folder), weights, merge);
            }
            return;
        }
        WeightSource inside = part(checkpoint, "vae.");
        if (!inside.entries().isEmpty()) {
            boolean temporal = inside.entries().keySet().stream().anyMatch(key -> key.contains(".temp_convs."));
            writeAutoencoder(temporal ? TemporalLayout.RELEASED.autoencoder(plain) : plain, inside, merge);
            return;
        }
        try (WeightSource weights = open(base.resolve("vae"))) {
            writeAutoencoder(plain, weights, merge);
        }
    }

    private void writeUnet(ObjectNode json, WeightSource weights, CheckpointMerge merge) {
        Path folder = target.resolve("unet");
        try (UNet unet = new UNet(UNetConfig.parse(json))) {
            merge.write(unet, weights, folder.resolve(WEIGHTS));
        }
        JsonFiles.write(folder.resolve("config.json"), json);
    }

    private void writeAutoencoder(ObjectNode json, WeightSource weights, CheckpointMerge merge) {
        Path folder = target.resolve("vae");
        try (AutoencoderKL autoencoder = new AutoencoderKL(AutoencoderConfig.parse(json))) {
            merge.write(autoencoder, OldAttentionNames.renamed(weights), folder.resolve(WEIGHTS));
        }
        JsonFiles.write(folder.resolve("config.json"), json);
    }

    /** The base's text encoder, with the checkpoint's weights if it has some. */
    private void writeText(WeightSource weights, CheckpointMerge merge) {
        copyFolder("text_encoder");
        WeightSource known =
                weights.map(key -> key.endsWith("position_ids") ? Optional.empty() : Optional.of(key)); // a buffer
        if (known.entries().isEmpty()) {
            return;
        }
        Path folder = target.resolve("text_encoder");
        delete(folder, "config.json");
        try (ClipTextEncoder encoder = new ClipTextEncoder(ClipTextConfig.read(folder.resolve("config.json")))) {
            merge.write(encoder, known, folder.resolve("model.safetensors"));
        }
    }

    /** Copies what stays, and last the index, which makes the folder a model. */
    private void finish() {
        copyFolder("tokenizer");
        copyFolder("scheduler");
        ObjectNode index = ConfigRecords.readObject(base.resolve("model_index.json"));
        index.remove(List.of("safety_checker", "feature_extractor", "image_encoder"));
        index.put("_class_name", "TextToVideoSDPipeline");
        JsonFiles.write(target.resolve("model_index.json"), index);
    }

    private static ObjectNode config(Path folder) {
        return ConfigRecords.readObject(folder.resolve("config.json"));
    }

    private static WeightSource open(Path folder) {
        return WeightFiles.openComponent(folder, UNetLoader.BASE_NAME, Optional.empty());
    }

    private void copyFolder(String name) {
        Path from = base.resolve(name);
        try (Stream<Path> files = Files.list(from)) {
            Path to = Files.createDirectories(target.resolve(name));
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(file, to.resolve(String.valueOf(file.getFileName())));
            }
        } catch (IOException e) {
            throw ZoetropeException.io(e, "cannot copy %s: %s", from, e.getMessage());
        }
    }

    private static void delete(Path folder, String except) {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(path -> !path.endsWith(except)).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw ZoetropeException.io(e, "cannot replace the files in %s: %s", folder, e.getMessage());
        }
    }
}
