package dev.zoetrope.diffusion.model;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.zoetrope.diffusion.config.ConfigRecords;
import dev.zoetrope.tensor.ZoetropeException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The published families of models with their configurations, which {@link ModelSynth} writes with random weights. */
public enum ModelFamily {
    /** Stable Diffusion 1.5, an image model. */
    SD15("sd15", "StableDiffusionPipeline", "unet-sd15", "vae-sd", "text-sd1", "scheduler-sd", ""),
    /** Stable Diffusion 2.1-base, an image model. */
    SD21("sd21", "StableDiffusionPipeline", "unet-sd21", "vae-sd", "text-sd2", "scheduler-sd", ""),
    /** ModelScope text-to-video 1.7B, 256 pixels. */
    MODELSCOPE(
            "modelscope", "TextToVideoSDPipeline", "unet-modelscope", "vae-sd", "text-sd2", "scheduler-modelscope", ""),
    /** ZeroScope v2: the network of ModelScope at 576x320 pixels. */
    ZEROSCOPE(
            "zeroscope", "TextToVideoSDPipeline", "unet-modelscope", "vae-sd", "text-sd2", "scheduler-modelscope", ""),
    /** Stable Diffusion 1.5 with a motion adapter v2. */
    ANIMATEDIFF(
            "animatediff",
            "AnimateDiffPipeline",
            "unet-sd15",
            "vae-sd",
            "text-sd1",
            "scheduler-animatediff",
            "adapter-v2"),
    /** U-Net and autoencoder of Stable Video Diffusion, which is not conditioned on text. */
    SVD("svd", "StableVideoDiffusionPipeline", "unet-svd", "vae-svd", "", "scheduler-svd", "");

    private final String id;
    private final String pipeline;
    private final String unet;
    private final String autoencoder;
    private final String text;
    private final String scheduler;
    private final String adapter;

    ModelFamily(
            String id,
            String pipeline,
            String unet,
            String autoencoder,
            String text,
            String scheduler,
            String adapter) {
        this.id = id;
        this.pipeline = pipeline;
        this.unet = unet;
        this.autoencoder = autoencoder;
        this.text = text;
        this.scheduler = scheduler;
        this.adapter = adapter;
    }

    /** @throws ZoetropeException BAD_INPUT listing the known families */
    public static ModelFamily of(String id) {
        return Arrays.stream(values())
                .filter(family -> family.id.equals(id))
                .findFirst()
                .orElseThrow(() -> ZoetropeException.badInput(
                        "model family \"%s\" is not known, supported are %s", id, String.join(", ", ids())));
    }

    /** The names {@link #of} knows. */
    public static List<String> ids() {
        return Arrays.stream(values()).map(ModelFamily::id).toList();
    }

    public String id() {
        return id;
    }

    /** The pipeline class in model_index.json. */
    public String pipeline() {
        return pipeline;
    }

    /** unet/config.json. */
    public ObjectNode unetConfig() {
        ObjectNode json = read(unet);
        if (this == ZEROSCOPE) {
            json.putArray("sample_size").add(40).add(72); // rows, columns
        }
        return json;
    }

    /** vae/config.json. */
    public ObjectNode autoencoderConfig() {
        return read(autoencoder);
    }

    /** text_encoder/config.json; empty for models without text. */
    public Optional<ObjectNode> textConfig() {
        return text.isEmpty() ? Optional.empty() : Optional.of(read(text));
    }

    /** scheduler/scheduler_config.json. */
    public ObjectNode schedulerConfig() {
        return read(scheduler);
    }

    /** motion_adapter/config.json; empty for models without an adapter. */
    public Optional<ObjectNode> adapterConfig() {
        return adapter.isEmpty() ? Optional.empty() : Optional.of(read(adapter));
    }

    private static ObjectNode read(String name) {
        String resource = "families/" + name + ".json";
        try (InputStream in = ModelFamily.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("the resource " + resource + " is missing from the jar");
            }
            return ConfigRecords.parseObject(new String(in.readAllBytes(), StandardCharsets.UTF_8), resource);
        } catch (IOException e) {
            throw ZoetropeException.io(e, "cannot read %s: %s", resource, e.getMessage());
        }
    }
}
