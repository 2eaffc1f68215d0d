package dev.zoetrope.cli;

import dev.zoetrope.diffusion.autoencoder.AutoencoderConfig;
import dev.zoetrope.diffusion.autoencoder.AutoencoderKL;
import dev.zoetrope.diffusion.text.ClipTextConfig;
import dev.zoetrope.diffusion.text.ClipTextEncoder;
import dev.zoetrope.diffusion.text.ClipTokenizer;
import dev.zoetrope.diffusion.text.ClipTokenizerTrainer;
import dev.zoetrope.diffusion.unet.UNet;
import dev.zoetrope.diffusion.unet.UNetConfig;
import dev.zoetrope.tensor.Dtype;
import dev.zoetrope.tensor.JsonFiles;
import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.SafetensorsWriter;
import dev.zoetrope.tensor.SafetensorsWriter.Content;
import dev.zoetrope.tensor.Tensors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A text-to-video model of random weights in the published layout: 16x16 pixels, made in a second. */
final class TinyModel {
    private static final String UNET = """
            {"_class_name": "UNet3DConditionModel", "attention_head_dim": 4, "block_out_channels": [8, 16],
             "cross_attention_dim": 8, "down_block_types": ["CrossAttnDownBlock3D", "DownBlock3D"],
             "up_block_types": ["UpBlock3D", "CrossAttnUpBlock3D"], "in_channels": 4, "out_channels": 4,
             "layers_per_block": 1, "norm_num_groups": 4, "sample_size": 8}
            """;
    private static final String VAE = """
            {"_class_name": "AutoencoderKL", "block_out_channels": [8, 16], "in_channels": 3, "out_channels": 3,
             "down_block_types": ["DownEncoderBlock2D", "DownEncoderBlock2D"],
             "up_block_types": ["UpDecoderBlock2D", "UpDecoderBlock2D"], "latent_channels": 4, "layers_per_block": 1,
             "norm_num_groups": 4, "sample_size": 16, "scaling_factor": 0.18215}
            """;
    private static final String TEXT = """
            {"vocab_size": %d, "bos_token_id": %d, "eos_token_id": %d, "hidden_size": 8, "intermediate_size": 16,
             "num_hidden_layers": 2, "num_attention_heads": 2, "max_position_embeddings": 16, "hidden_act": "gelu",
             "layer_norm_eps": 1e-5, "projection_dim": 8}
            """;
    private static final String SCHEDULER = """
            {"_class_name": "DDIMScheduler", "beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear",
             "clip_sample": false, "set_alpha_to_one": false, "steps_offset": 1}
            """;
    private static final String INDEX = """
            {"_class_name": "TextToVideoSDPipeline", "scheduler": ["diffusers", "DDIMScheduler"],
             "text_encoder": ["transformers", "CLIPTextModel"], "tokenizer": ["transformers", "CLIPTokenizer"],
             "unet": ["diffusers", "UNet3DConditionModel"], "vae": ["diffusers", "AutoencoderKL"]}
            """;

    private TinyModel() {}

    static Path write(Path folder) throws IOException {
        put(folder.resolve("model_index.json"), INDEX);
        put(folder.resolve("scheduler/scheduler_config.json"), SCHEDULER);
        Path unet = put(folder.resolve("unet/config.json"), UNET);
        Path vae = put(folder.resolve("vae/config.json"), VAE);
        List<String> words = List.of("a", "red", "circle", "moves", "up");
        try (ClipTokenizer tokenizer = ClipTokenizerTrainer.create(16).train(words, folder.resolve("tokenizer"))) {
            String text = TEXT.formatted(tokenizer.vocabularySize(), tokenizer.bosId(), tokenizer.eosId());
            Path config = put(folder.resolve("text_encoder/config.json"), text);
            weights(new ClipTextEncoder(ClipTextConfig.read(config)), config.resolveSibling("model.safetensors"));
        }
        weights(new UNet(UNetConfig.parse(JsonFiles.read(unet))), weightFile(unet));
        weights(new AutoencoderKL(AutoencoderConfig.parse(JsonFiles.read(vae))), weightFile(vae));
        return folder;
    }

    private static Path weightFile(Path config) {
        return config.resolveSibling("diffusion_pytorch_model.safetensors");
    }

    static Path put(Path file, String text) throws IOException {
        Files.createDirectories(file.resolve("..").normalize());
        return Files.writeString(file, text);
    }

    static void weights(Layer network, Path file) {
        try (network) {
            network.initialise(1);
            Map<String, Content> contents = new LinkedHashMap<>();
            network.parameters().forEach((name, parameter) -> {
                byte[] bytes = Tensors.bytes(parameter.value(), Dtype.F32);
                contents.put(name, new Content(Dtype.F32, parameter.shape(), () -> ByteBuffer.wrap(bytes)));
            });
            SafetensorsWriter.write(file, contents, Map.of("format", "pt"));
        }
    }
}
