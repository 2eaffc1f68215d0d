package dev.zoetrope.diffusion.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.zoetrope.diffusion.scheduler.PredictionType;
import dev.zoetrope.tensor.JsonFiles;
import dev.zoetrope.tensor.SafetensorsWriter;
import dev.zoetrope.tensor.SafetensorsWriter.Content;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.WeightFiles;
import dev.zoetrope.tensor.WeightSource;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Models written backwards, under the names of the original checkpoints, and read again. */
class SingleFileCheckpointTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden");

    @TempDir
    Path temporary;

    private static void addUnet(Map<String, Content> contents, WeightSource unet, LdmNames names, String prefix) {
        for (String name : unet.entries().keySet()) {
            boolean attention = name.contains("upsamplers")
                    && unet.entries().containsKey(name.replaceFirst("upsamplers.*", "attentions.0.norm.weight"));
            contents.put(prefix + names.unet(name, attention), Content.of(unet, name));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"unet2d-sd15", "unet2d-sd21"})
    void unetsComeBackUnderTheirPublishedNames(String fixture) {
        Path folder = GOLDEN.resolve(fixture);
        Path file = temporary.resolve("ldm.safetensors");
        Map<String, Content> contents = new HashMap<>();
        try (WeightSource original = WeightFiles.open(folder.resolve("model.safetensors"))) {
            addUnet(contents, original, new LdmNames(1, 2), LdmUnet.PREFIX);
            SafetensorsWriter.write(file, contents, Map.of());
            try (WeightSource weights = WeightFiles.open(file)) {
                LdmUnet unet = new LdmUnet(weights, false);
                WeightSource published = unet.published();
                assertThat(published.entries()).isEqualTo(original.entries());
                original.entries()
                        .keySet()
                        .forEach(name -> assertThat(published.bytes(name)).isEqualTo(original.bytes(name)));
                var expected = JsonFiles.read(folder.resolve("config.json"));
                for (String field : List.of(
                        "block_out_channels",
                        "down_block_types",
                        "up_block_types",
                        "layers_per_block",
                        "cross_attention_dim",
                        "use_linear_projection")) {
                    assertThat(unet.config().get(field)).describedAs(field).isEqualTo(expected.get(field));
                }
            }
        }
    }

    @Test
    void autoencodersComeBackUnderTheirPublishedNames() {
        Path folder = GOLDEN.resolve("autoencoder-kl");
        Path file = temporary.resolve("ldm.safetensors");
        try (WeightSource original = WeightFiles.open(folder.resolve("model.safetensors"))) {
            Map<String, Content> contents = new HashMap<>();
            original.entries()
                    .keySet()
                    .forEach(name -> contents.put(
                            LdmAutoencoder.PREFIX + new LdmNames(1, 2).autoencoder(name), Content.of(original, name)));
            SafetensorsWriter.write(file, contents, Map.of());
            try (WeightSource weights = WeightFiles.open(file)) {
                LdmAutoencoder autoencoder = new LdmAutoencoder(weights);
                assertThat(autoencoder.published().entries()).isEqualTo(original.entries());
                assertThat(autoencoder.config().get("block_out_channels"))
                        .isEqualTo(JsonFiles.read(folder.resolve("config.json")).get("block_out_channels"));
            }
        }
    }

    private Path synth(ModelFamily family) {
        Path folder = temporary.resolve(family.id());
        ModelSynth.write(family, ModelSynth.Options.DEFAULTS.withScale(20), folder);
        return folder;
    }

    /** The whole model in one file, the attention of its autoencoder as 1x1 convolutions. */
    private Path ldm(Path folder, boolean openClip) {
        Path file = temporary.resolve(folder.getFileName() + ".safetensors");
        LdmNames names = new LdmNames(2, 4);
        try (WeightSource unet = WeightFiles.open(folder.resolve("unet"));
                WeightSource vae = WeightFiles.open(folder.resolve("vae"));
                WeightSource text = WeightFiles.open(folder.resolve("text_encoder"))) {
            Map<String, Content> contents = new HashMap<>();
            addUnet(contents, unet, names, LdmUnet.PREFIX);
            vae.entries().forEach((name, entry) -> {
                Content content = Content.of(vae, name);
                boolean attention = name.contains("attentions") && entry.shape().size() == 2;
                long[] shape = content.shape();
                contents.put(
                        LdmAutoencoder.PREFIX + names.autoencoder(name),
                        attention
                                ? new Content(content.dtype(), new long[] {shape[0], shape[1], 1, 1}, content.bytes())
                                : content);
            });
            if (openClip) {
                int layers = JsonFiles.read(folder.resolve("text_encoder/config.json"))
                        .path("num_hidden_layers")
                        .asInt();
                contents.putAll(LdmNames.openClip(text, layers));
            } else {
                text.entries()
                        .keySet()
                        .forEach(name -> contents.put("cond_stage_model.transformer." + name, Content.of(text, name)));
            }
            contents.put("alphas_cumprod", Content.of(unet, "conv_in.bias"));
            SafetensorsWriter.write(file, contents, Map.of());
            return file;
        }
    }

    private static float[] latents(Path model, ModelOptions options) {
        try (Scope scope = Scope.noGrad();
                VideoModel loaded = VideoModel.open(model, options)) {
            TextToVideoOptions run = TextToVideoOptions.of("a red ball")
                    .steps(2)
                    .frames(1)
                    .size(32, 32)
                    .scheduler("ddim")
                    .build();
            return Tensors.toFloats(new TextToVideo(loaded).generate(run));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"sd15", "sd21"})
    void aCheckpointGivesWhatItsFolderGives(String id) {
        Path folder = synth(ModelFamily.of(id));
        Path file = ldm(folder, id.equals("sd21"));
        ModelOptions options = ModelOptions.DEFAULTS.withTokenizer(folder.resolve("tokenizer"));
        float[] expected = latents(folder, ModelOptions.DEFAULTS);
        assertThat(latents(file, options)).containsExactly(expected);

        Path converted = temporary.resolve("converted");
        SingleFileCheckpoint.convert(file, options.withPrediction(PredictionType.V_PREDICTION), converted);
        assertThat(latents(converted, ModelOptions.DEFAULTS.withPrediction(PredictionType.EPSILON)))
                .containsExactly(expected);
        assertThat(latents(converted, ModelOptions.DEFAULTS)).isNotEqualTo(expected);
    }

    @Test
    void averagedWeightsAreTakenWhenAskedFor() {
        Path folder = GOLDEN.resolve("unet2d-sd15");
        Path file = temporary.resolve("ema.safetensors");
        try (WeightSource original = WeightFiles.open(folder.resolve("model.safetensors"))) {
            Map<String, Content> contents = new HashMap<>();
            addUnet(contents, original, new LdmNames(1, 2), LdmUnet.PREFIX);
            Map<String, Content> averaged = new HashMap<>();
            contents.forEach((name, content) -> averaged.put(
                    "model_ema." + name.substring("model.".length()).replace(".", ""),
                    new Content(
                            content.dtype(),
                            content.shape(),
                            () -> java.nio.ByteBuffer.allocate(
                                    content.bytes().get().remaining()))));
            averaged.putAll(contents);
            SafetensorsWriter.write(file, averaged, Map.of());
            try (WeightSource weights = WeightFiles.open(file)) {
                var plain = new LdmUnet(weights, false).published().bytes("conv_in.weight");
                assertThat(plain).isEqualTo(original.bytes("conv_in.weight"));
                var zeros = new LdmUnet(weights, true).published().bytes("conv_in.weight");
                assertThat(zeros).isEqualTo(java.nio.ByteBuffer.allocate(plain.remaining()));
            }
        }
    }

    @Test
    void otherFilesAreRefused() {
        assertThatThrownBy(() -> VideoModel.open(GOLDEN.resolve("unet3d/model.safetensors")))
                .hasMessageContaining("is no checkpoint of Stable Diffusion");
        Path folder = synth(ModelFamily.SD15);
        Path file = ldm(folder, false);
        try (VideoModel model = VideoModel.open(file)) {
            assertThat(model.components()).extracting(ModelComponent::name).contains("unet", "vae", "text_encoder");
            assertThatThrownBy(model::tokenizer).hasMessageContaining("tokenizer folder");
        }
    }

    /** An adapter under the names of the original files gives what the folder gives. */
    @Test
    void originalMotionFilesAreAdapters() {
        Path folder = synth(ModelFamily.ANIMATEDIFF);
        Path file = temporary.resolve("mm.safetensors");
        try (WeightSource adapter = WeightFiles.open(folder.resolve("motion_adapter"))) {
            Map<String, Content> contents = new HashMap<>();
            for (String name : adapter.entries().keySet()) {
                String old = name.replaceFirst("(motion_modules\\.\\d+)", "module.$1.temporal_transformer")
                        .replaceFirst("^(.*)module\\.(motion)", "$1$2")
                        .replace(".norm1", ".norms.0")
                        .replace(".norm2", ".norms.1")
                        .replace(".norm3", ".ff_norm")
                        .replace(".attn1", ".attention_blocks.0")
                        .replace(".attn2", ".attention_blocks.1");
                contents.put("module." + old, Content.of(adapter, name));
            }
            SafetensorsWriter.write(file, contents, Map.of());
        }
        OriginalMotionFile original = OriginalMotionFile.read(file);
        assertThat(original.version()).isEqualTo(OriginalMotionFile.Version.V2);
        assertThat(original.motion().maxFrames()).isEqualTo(32);
        ModelOptions options =
                new ModelOptions(Optional.empty(), Optional.of(file), Optional.of(folder.resolve("tokenizer")));
        assertThat(latents(folder, options)).containsExactly(latents(folder, ModelOptions.DEFAULTS));
    }
}
