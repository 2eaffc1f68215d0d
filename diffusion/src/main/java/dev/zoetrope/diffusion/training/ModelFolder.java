package dev.zoetrope.diffusion.training;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.zoetrope.diffusion.autoencoder.AutoencoderKL;
import dev.zoetrope.diffusion.text.ClipTextConfig;
import dev.zoetrope.diffusion.text.ClipTextEncoder;
import dev.zoetrope.diffusion.unet.UNet;
import dev.zoetrope.tensor.Dtype;
import dev.zoetrope.tensor.JsonFiles;
import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.SafetensorsWriter;
import dev.zoetrope.tensor.SafetensorsWriter.Content;
import dev.zoetrope.tensor.Tensors;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Writes a trained model as a folder in the published text-to-video layout, weights in float16 (sheet 5.1). */
final class ModelFolder {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path folder;
    private final TextToVideoPreset preset;

    ModelFolder(Path folder, TextToVideoPreset preset) {
        this.folder = folder;
        this.preset = preset;
    }

    /** Everything but the weights and the tokenizer. */
    void writeConfigurations(ClipTextConfig textConfig, double scalingFactor) {
        ObjectNode index = JSON.createObjectNode();
        index.put("_class_name", "TextToVideoSDPipeline");
        index.put("_diffusers_version", "0.30.0");
        index.put("_guidance_scale", preset.guidanceScale());
        component(index, "scheduler", "diffusers", "DDIMScheduler");
        component(index, "text_encoder", "transformers", "CLIPTextModel");
        component(index, "tokenizer", "transformers", "CLIPTokenizer");
        component(index, "unet", "diffusers", "UNet3DConditionModel");
        component(index, "vae", "diffusers", "AutoencoderKL");
        JsonFiles.write(folder.resolve("model_index.json"), index);
        JsonFiles.write(folder.resolve("scheduler").resolve("scheduler_config.json"), preset.scheduler());
        JsonFiles.write(folder.resolve("unet").resolve("config.json"), preset.unet());
        ObjectNode autoencoder = preset.autoencoder().deepCopy();
        autoencoder.put("scaling_factor", scalingFactor);
        JsonFiles.write(folder.resolve("vae").resolve("config.json"), autoencoder);
        textConfig.write(folder.resolve("text_encoder").resolve("config.json"));
    }

    private static void component(ObjectNode index, String name, String library, String className) {
        index.putArray(name).add(library).add(className);
    }

    void writeWeights(AutoencoderKL autoencoder, ClipTextEncoder textEncoder, UNet unet) {
        write(folder.resolve("vae").resolve("diffusion_pytorch_model.safetensors"), autoencoder);
        write(folder.resolve("text_encoder").resolve("model.safetensors"), textEncoder);
        write(folder.resolve("unet").resolve("diffusion_pytorch_model.safetensors"), unet);
    }

    private static void write(Path file, Layer layer) {
        Map<String, Content> contents = new LinkedHashMap<>();
        layer.parameters()
                .forEach((name, parameter) -> contents.put(
                        name,
                        new Content(
                                Dtype.F16,
                                parameter.shape(),
                                () -> ByteBuffer.wrap(Tensors.bytes(parameter.value(), Dtype.F16)))));
        SafetensorsWriter.write(file, contents, Map.of("format", "pt"));
    }
}
