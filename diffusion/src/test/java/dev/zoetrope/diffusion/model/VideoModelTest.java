package dev.zoetrope.diffusion.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.zoetrope.diffusion.scheduler.DdimScheduler;
import dev.zoetrope.diffusion.scheduler.Schedulers;
import dev.zoetrope.diffusion.unet.UNetConfig.Family;
import dev.zoetrope.tensor.ErrorCode;
import dev.zoetrope.tensor.SafetensorsWriter;
import dev.zoetrope.tensor.WeightFiles;
import dev.zoetrope.tensor.WeightSource;
import dev.zoetrope.tensor.ZoetropeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VideoModelTest {
    private static final String WEIGHTS = "diffusion_pytorch_model.safetensors";

    @TempDir
    Path temporary;

    private Path copy() {
        return TestModels.copy(TestModels.MODEL_SCOPE, temporary.resolve("model"));
    }

    @Test
    void describesAFolderWithoutItsWeights() {
        try (VideoModel model = TestModels.modelScope()) {
            assertThat(model.components())
                    .extracting(ModelComponent::name)
                    .containsExactly("unet", "vae", "text_encoder");
            assertThat(model.components()).allMatch(part -> part.parameters() > 0 && part.weightBytes() > 0);
            assertThat(model.unetConfig().family()).isEqualTo(Family.VIDEO_3D);
            assertThat(model.nativeWidth()).isEqualTo(16);
            assertThat(model.maxFrames()).isEmpty();
            assertThat(model.scheduler(Optional.empty())).isInstanceOf(DdimScheduler.class);
            assertThat(model.description()).contains("UNet3DConditionModel");
            assertThat(model.hash())
                    .hasSize(64)
                    .isEqualTo(TestModels.modelScope().hash());
        }
    }

    @Test
    void joinsAnImageModelAndAMotionAdapter() {
        try (VideoModel model = TestModels.animateDiff()) {
            assertThat(model.components())
                    .extracting(ModelComponent::className)
                    .containsExactly("UNet2DConditionModel", "MotionAdapter", "AutoencoderKL", "CLIPTextModel");
            assertThat(model.maxFrames()).hasValue(16);
            long loaded = model.denoiser().parameterCount();
            assertThat(model.components().get(0).parameters()
                            + model.components().get(1).parameters())
                    .isEqualTo(loaded);
        }
    }

    @Test
    void theUsualGuidanceScaleIsTheFoldersOrThatOfItsFamily() {
        try (VideoModel modelScope = TestModels.modelScope();
                VideoModel animateDiff = TestModels.animateDiff()) {
            assertThat(modelScope.usualGuidanceScale()).isEqualTo(9);
            assertThat(animateDiff.usualGuidanceScale()).isEqualTo(7.5);
        }
        Path folder = copy();
        Path index = folder.resolve("model_index.json");
        TestModels.edit(index, json -> json.put("_guidance_scale", 3));
        try (VideoModel model = TestModels.open(folder)) {
            assertThat(model.usualGuidanceScale()).isEqualTo(3);
        }
        TestModels.edit(index, json -> json.put("_guidance_scale", "high"));
        assertThatThrownBy(() -> TestModels.open(folder))
                .isInstanceOf(ZoetropeException.class)
                .hasMessageContaining("_guidance_scale");
    }

    @Test
    void everySchedulerCanBeMadeFromTheModelsJson() {
        try (VideoModel model = TestModels.modelScope()) {
            for (String name : Schedulers.names()) {
                assertThat(model.scheduler(Optional.of(name)).config().betaEnd())
                        .isEqualTo(0.012);
            }
        }
    }

    @Test
    void hashFollowsTheWeights() throws IOException {
        Path folder = copy();
        String before = TestModels.open(folder).hash();
        Path file = folder.resolve("vae").resolve(WEIGHTS);
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 1] ^= 1;
        Files.write(file, bytes);
        Files.setLastModifiedTime(file, java.nio.file.attribute.FileTime.fromMillis(1));
        assertThat(TestModels.open(folder).hash()).isNotEqualTo(before);
    }

    @Test
    void prefersAVariantAndReadsShards() {
        Path folder = copy();
        Path unet = folder.resolve("unet");
        try (WeightSource weights = WeightFiles.open(unet.resolve(WEIGHTS))) {
            writeShards(weights, unet);
        }
        VideoModel model = VideoModel.open(
                folder, new ModelOptions(Optional.of("fp16"), Optional.empty(), Optional.of(TestModels.TOKENIZER)));
        try (model) {
            assertThat(model.components().get(0).files())
                    .extracting(file -> String.valueOf(file.getFileName()))
                    .containsExactly("a.safetensors", "b.safetensors");
            assertThat(model.denoiser().parameterCount())
                    .isEqualTo(model.components().get(0).parameters());
        }
    }

    private static void writeShards(WeightSource weights, Path unet) {
        Map<String, Map<String, SafetensorsWriter.Content>> shards = new HashMap<>();
        Map<String, String> weightMap = new LinkedHashMap<>();
        for (String name : weights.entries().keySet()) {
            String shard = name.startsWith("up") ? "b.safetensors" : "a.safetensors";
            weightMap.put(name, shard);
            shards.computeIfAbsent(shard, key -> new HashMap<>())
                    .put(name, SafetensorsWriter.Content.of(weights, name));
        }
        shards.forEach((shard, tensors) -> SafetensorsWriter.write(unet.resolve(shard), tensors, Map.of()));
        dev.zoetrope.tensor.JsonFiles.write(
                unet.resolve("diffusion_pytorch_model.safetensors.index.fp16.json"), Map.of("weight_map", weightMap));
    }

    @Test
    void namesMissingFilesBeforeReadingWeights() throws IOException {
        Path folder = copy();
        Files.delete(folder.resolve("vae").resolve(WEIGHTS));
        assertThatThrownBy(() -> TestModels.open(folder))
                .hasMessageContaining("vae")
                .hasMessageContaining(WEIGHTS);
        assertThatThrownBy(() -> VideoModel.open(TestModels.MODEL_SCOPE)).hasMessageContaining("vocab.json");
        assertThatThrownBy(() -> TestModels.open(temporary)).hasMessageContaining("model_index.json");
        assertThatThrownBy(() -> TestModels.open(temporary.resolve("nothing"))).hasMessageContaining("is no folder");
    }

    @Test
    void recognisesAPointerInsteadOfWeights() throws IOException {
        Path folder = copy();
        Path file = folder.resolve("unet").resolve(WEIGHTS);
        Files.delete(file);
        Files.writeString(file, "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 123\n");
        assertThatThrownBy(() -> TestModels.open(folder)).hasMessageContaining("pointer");
    }

    @Test
    void refusesATextEncoderOfAnotherModel() {
        Path folder = copy();
        TestModels.edit(folder.resolve("unet/config.json"), json -> json.put("cross_attention_dim", 12));
        assertThatThrownBy(() -> TestModels.open(folder))
                .hasMessageContaining("context width 8, U-Net expects 12")
                .isInstanceOfSatisfying(
                        ZoetropeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CHECKPOINT_MISMATCH));
    }

    @Test
    void refusesOtherChannelsAndClasses() {
        Path folder = copy();
        TestModels.edit(folder.resolve("unet/config.json"), json -> json.put("in_channels", 9));
        assertThatThrownBy(() -> TestModels.open(folder)).hasMessageContaining("takes 9 channels");
        TestModels.edit(folder.resolve("unet/config.json"), json -> json.put("_class_name", "FluxTransformer"));
        assertThatThrownBy(() -> TestModels.open(folder))
                .hasMessageContaining("config.json")
                .hasMessageContaining("FluxTransformer");
    }

    @Test
    void refusesAnAdapterForAnotherUnet() {
        Path adapter = TestModels.copy(TestModels.ADAPTER, temporary.resolve("adapter"));
        assertThatThrownBy(
                        () -> VideoModel.open(TestModels.MODEL_SCOPE, ModelOptions.DEFAULTS.withMotionAdapter(adapter)))
                .hasMessageContaining("needs an image U-Net");
        TestModels.edit(adapter.resolve("config.json"), json -> json.put("motion_layers_per_block", 2));
        assertThatThrownBy(() -> VideoModel.open(TestModels.IMAGE, ModelOptions.DEFAULTS.withMotionAdapter(adapter)))
                .hasMessageContaining("motion_layers_per_block");
    }

    @Test
    void mismatchedWeightsAreListed() {
        Path folder = copy();
        TestModels.edit(folder.resolve("unet/config.json"), json -> json.put("layers_per_block", 2));
        try (VideoModel model = TestModels.open(folder)) {
            assertThatThrownBy(model::denoiser).hasMessageContaining("missing (");
        }
    }
}
