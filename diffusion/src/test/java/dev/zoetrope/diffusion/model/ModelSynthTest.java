package dev.zoetrope.diffusion.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.zoetrope.diffusion.autoencoder.AutoencoderConfig;
import dev.zoetrope.diffusion.autoencoder.AutoencoderKL;
import dev.zoetrope.diffusion.text.ClipTextConfig;
import dev.zoetrope.diffusion.text.ClipTextEncoder;
import dev.zoetrope.diffusion.unet.UNet;
import dev.zoetrope.diffusion.unet.UNetConfig;
import dev.zoetrope.tensor.JsonFiles;
import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.SafetensorsWriter;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.WeightFiles;
import dev.zoetrope.tensor.WeightSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Experiment B7 of the sheet, and folders of random weights. */
class ModelSynthTest {
    @TempDir
    Path temporary;

    private static void check(Layer network, PublishedNetwork published) {
        assertThat(network.parameters()).hasSize(published.tensors());
        assertThat(network.parameterCount()).isEqualTo(published.parameters());
    }

    /** Counts from the configurations alone: nothing of this size is ever allocated. */
    @Test
    void publishedConfigurationsHaveThePublishedCounts() {
        check(new UNet(UNetConfig.parse(ModelFamily.SD15.unetConfig())), PublishedNetwork.UNET_SD15);
        check(new UNet(UNetConfig.parse(ModelFamily.SD21.unetConfig())), PublishedNetwork.UNET_SD21);
        check(new UNet(UNetConfig.parse(ModelFamily.MODELSCOPE.unetConfig())), PublishedNetwork.UNET_MODELSCOPE);
        check(
                new AutoencoderKL(AutoencoderConfig.parse(ModelFamily.SD15.autoencoderConfig())),
                PublishedNetwork.VAE_SD);
        check(
                new AutoencoderKL(AutoencoderConfig.parse(ModelFamily.SVD.autoencoderConfig())),
                PublishedNetwork.VAE_SVD);
        check(text(ModelFamily.SD15), PublishedNetwork.TEXT_SD1);
        check(text(ModelFamily.MODELSCOPE), PublishedNetwork.TEXT_SD2);
    }

    private ClipTextEncoder text(ModelFamily family) {
        Path file = temporary.resolve(family.id() + ".json");
        JsonFiles.write(file, family.textConfig().orElseThrow());
        return new ClipTextEncoder(ClipTextConfig.read(file));
    }

    @Test
    void publishedAdaptersHaveThePublishedCounts() {
        UNetConfig image = UNetConfig.parse(ModelFamily.ANIMATEDIFF.unetConfig());
        var json = ModelFamily.ANIMATEDIFF.adapterConfig().orElseThrow();
        JsonFiles.write(temporary.resolve("config.json"), json);
        UNet with = new UNet(MotionAdapters.join(image, temporary));
        check(with, PublishedNetwork.UNET_MOTION);
        long own = PublishedNetwork.UNET_SD15.parameters();
        assertThat(with.parameterCount() - own).isEqualTo(PublishedNetwork.ADAPTER_WITH_MID.parameters());

        JsonFiles.write(temporary.resolve("config.json"), json.put("use_motion_mid_block", false));
        UNet without = new UNet(MotionAdapters.join(image, temporary));
        assertThat(without.parameterCount() - own).isEqualTo(PublishedNetwork.ADAPTER_WITHOUT_MID.parameters());
        assertThat(without.parameters())
                .hasSize(PublishedNetwork.UNET_SD15.tensors() + PublishedNetwork.ADAPTER_WITHOUT_MID.tensors());
    }

    @ParameterizedTest
    @EnumSource(ModelFamily.class)
    void everyFamilyCanBeWrittenSmallAndRun(ModelFamily family) {
        Path folder = temporary.resolve("model");
        ModelSynth.write(family, ModelSynth.Options.DEFAULTS.withScale(20), folder);
        try (Scope scope = Scope.noGrad();
                VideoModel model = VideoModel.open(folder)) {
            assertThat(model.components()).allMatch(part -> part.weightBytes() > 2 * part.parameters());
            assertThat(model.denoiser().parameterCount()).isPositive();
            model.autoencoder();
            if (family.textConfig().isEmpty()) {
                assertThatThrownBy(() -> new TextToVideo(model)
                                .settings(TextToVideoOptions.of("x").build()))
                        .hasMessageContaining("no text encoder");
                return;
            }
            float[] latents = Tensors.toFloats(new TextToVideo(model)
                    .generate(TextToVideoOptions.of("a red ball")
                            .steps(1)
                            .frames(2)
                            .size(64, 32)
                            .build()));
            assertThat(latents).hasSize(4 * 2 * 4 * 8);
        }
    }

    @Test
    void largeComponentsAreSplit() throws IOException {
        Path folder = temporary.resolve("model");
        ModelSynth.write(ModelFamily.SD15, new ModelSynth.Options(20, 0, 1 << 20), folder);
        assertThat(Files.exists(folder.resolve("unet/diffusion_pytorch_model.safetensors.index.json")))
                .isTrue();
        try (VideoModel model = VideoModel.open(folder)) {
            assertThat(model.components().get(0).files()).hasSizeGreaterThan(2);
            model.denoiser();
        }
        assertThatThrownBy(() -> ModelSynth.write(ModelFamily.SD15, ModelSynth.Options.DEFAULTS, folder))
                .hasMessageContaining("holds a model already");
    }

    @Test
    void sameSeedSameFiles() throws IOException {
        for (String name : new String[] {"a", "b"}) {
            ModelSynth.write(ModelFamily.SD15, ModelSynth.Options.DEFAULTS.withScale(20), temporary.resolve(name));
        }
        try (VideoModel a = VideoModel.open(temporary.resolve("a"));
                VideoModel b = VideoModel.open(temporary.resolve("b"))) {
            assertThat(a.hash()).isEqualTo(b.hash());
        }
    }

    @Test
    void savingAgainGivesTheSameBytesAndAWrongNameFails() throws IOException {
        Path folder = temporary.resolve("model");
        ModelSynth.write(ModelFamily.SD15, ModelSynth.Options.DEFAULTS.withScale(20), folder);
        Path file = folder.resolve("unet/diffusion_pytorch_model.safetensors");
        Path copy = temporary.resolve("copy.safetensors");
        try (WeightSource weights = WeightFiles.open(file)) {
            SafetensorsWriter.copy(weights, copy);
            assertThat(Files.mismatch(file, copy)).isEqualTo(-1);
            try (WeightSource wrong = weights.renamed(name -> name.equals("conv_in.bias") ? "conv_in.bios" : name)) {
                SafetensorsWriter.copy(wrong, file);
            }
        }
        try (VideoModel model = VideoModel.open(folder)) {
            assertThatThrownBy(model::denoiser)
                    .hasMessageContaining("missing (1)")
                    .hasMessageContaining("unexpected (1)")
                    .hasMessageContaining("conv_in.bios");
        }
    }

    @Test
    void unknownFamiliesAreListed() {
        assertThatThrownBy(() -> ModelFamily.of("sdxl")).hasMessageContaining("modelscope");
        assertThatThrownBy(() -> new ModelSynth.Options(0, 0, 1 << 20)).hasMessageContaining("scale: 0");
        assertThat(PublishedNetwork.of("UNet3DConditionModel", 1_411_233_860L).map(PublishedNetwork::model))
                .contains("ModelScope, ZeroScope");
    }
}
