package dev.zoetrope.diffusion.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.zoetrope.diffusion.model.LoraFile.Target;
import dev.zoetrope.tensor.Dtype;
import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.Parameter;
import dev.zoetrope.tensor.SafetensorsWriter;
import dev.zoetrope.tensor.SafetensorsWriter.Content;
import dev.zoetrope.tensor.Tensors;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoraFileTest {
    private static final String QUERY = "down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q";
    private static final String OUT = "down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_out.0";
    private static final String CONV = "down_blocks.0.resnets.0.conv1";
    private static final String TEXT = "text_model.encoder.layers.0.self_attn.q_proj";
    private static final int RANK = 2;

    @TempDir
    Path temporary;

    private VideoModel model;

    @BeforeEach
    void open() {
        model = TestModels.modelScope();
    }

    @AfterEach
    void close() {
        model.close();
    }

    private static float value(int seed, int i) {
        return (float) Math.sin(seed + 1.7 * i);
    }

    private static Content tensor(int seed, long... shape) {
        int count = 1;
        for (long size : shape) {
            count *= (int) size;
        }
        ByteBuffer bytes = ByteBuffer.allocate(4 * count).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            bytes.putFloat(value(seed, i));
        }
        return new Content(Dtype.F32, shape, bytes::flip);
    }

    private static Content scalar(float value) {
        return new Content(
                Dtype.F32,
                new long[0],
                () -> ByteBuffer.allocate(4)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putFloat(value)
                        .flip());
    }

    private Path write(Map<String, Content> contents) {
        Path file = temporary.resolve("lora.safetensors");
        SafetensorsWriter.write(file, contents, Map.of());
        return file;
    }

    private static Parameter parameter(Layer layer, String module) {
        return Objects.requireNonNull(layer.parameters().get(module + ".weight"));
    }

    private static float[] weight(Layer layer, String module) {
        return Tensors.toFloats(parameter(layer, module).value());
    }

    private Map<Target, Layer> networks() {
        return Map.of(Target.UNET, model.denoiser(), Target.TEXT_ENCODER, model.textEncoder());
    }

    /** W + scale up down, element by element; up has seed 2, down seed 1. */
    private static float[] expected(float[] weight, int rows, double scale) {
        int columns = weight.length / rows;
        float[] result = weight.clone();
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                double sum = 0;
                for (int r = 0; r < RANK; r++) {
                    sum += value(2, row * RANK + r) * value(1, r * columns + column);
                }
                result[row * columns + column] += (float) (scale * sum);
            }
        }
        return result;
    }

    private void check(Path file, Layer layer, Target target, String module, double scale) {
        float[] before = weight(layer, module);
        int rows = (int) parameter(layer, module).shape()[0];
        try (LoraFile lora = LoraFile.open(file)) {
            lora.check(networks());
            assertThat(lora.modules()).isEqualTo(1);
            lora.apply(target, layer, 0.5);
            assertThat(weight(layer, module)).containsExactly(expected(before, rows, scale), within(1e-5f));
            lora.apply(target, layer, -0.5);
            assertThat(weight(layer, module)).containsExactly(before, within(1e-5f));
        }
    }

    @Test
    void kohyaLinear() {
        String name = "lora_unet_" + QUERY.replace('.', '_');
        Path file = write(Map.of(
                name + ".lora_down.weight", tensor(1, RANK, 8),
                name + ".lora_up.weight", tensor(2, 8, RANK),
                name + ".alpha", scalar(1)));
        check(file, model.denoiser(), Target.UNET, QUERY, 0.5 * 1 / RANK);
    }

    @Test
    void kohyaConvolution() {
        String name = "lora_unet_" + CONV.replace('.', '_');
        Path file = write(Map.of(
                name + ".lora_down.weight", tensor(1, RANK, 8, 3, 3),
                name + ".lora_up.weight", tensor(2, 8, RANK, 1, 1)));
        check(file, model.denoiser(), Target.UNET, CONV, 0.5);
    }

    @Test
    void kohyaTextEncoder() {
        String name = "lora_te_" + TEXT.replace('.', '_');
        Path file = write(
                Map.of(name + ".lora_down.weight", tensor(1, RANK, 8), name + ".lora_up.weight", tensor(2, 8, RANK)));
        check(file, model.textEncoder(), Target.TEXT_ENCODER, TEXT, 0.5);
    }

    @Test
    void referenceLayout() {
        Path file = write(Map.of(
                "unet." + QUERY + ".lora_A.weight", tensor(1, RANK, 8),
                "unet." + QUERY + ".lora_B.weight", tensor(2, 8, RANK)));
        check(file, model.denoiser(), Target.UNET, QUERY, 0.5);
    }

    @Test
    void olderReferenceLayout() {
        String processor = "unet." + OUT.replace("to_out.0", "processor.to_out_lora");
        Path file = write(
                Map.of(processor + ".down.weight", tensor(1, RANK, 8), processor + ".up.weight", tensor(2, 8, RANK)));
        check(file, model.denoiser(), Target.UNET, OUT, 0.5);
    }

    @Test
    void alphaOfTheMetadata() {
        Path file = temporary.resolve("meta.safetensors");
        SafetensorsWriter.write(
                file,
                Map.of(
                        "unet." + QUERY + ".lora_A.weight", tensor(1, RANK, 8),
                        "unet." + QUERY + ".lora_B.weight", tensor(2, 8, RANK)),
                Map.of("lora_adapter_metadata", "{\"unet.r\": 2, \"unet.lora_alpha\": 8}"));
        check(file, model.denoiser(), Target.UNET, QUERY, 0.5 * 8 / RANK);
    }

    @Test
    void motionLora() {
        try (VideoModel animateDiff = TestModels.animateDiff()) {
            String module = "down_blocks.0.motion_modules.0.transformer_blocks.0.attn1.to_q";
            String name = "module.down_blocks.0.motion_modules.0.temporal_transformer.transformer_blocks.0"
                    + ".attention_blocks.0.processor.to_q_lora";
            Path file =
                    write(Map.of(name + ".down.weight", tensor(1, RANK, 8), name + ".up.weight", tensor(2, 8, RANK)));
            check(file, animateDiff.denoiser(), Target.UNET, module, 0.5, animateDiff);
        }
    }

    private void check(Path file, Layer layer, Target target, String module, double scale, VideoModel other) {
        model.close();
        model = other;
        check(file, layer, target, module, scale);
    }

    @Test
    void tensorsWithoutAPlaceAreListed() {
        Map<String, Content> contents = new HashMap<>();
        for (int i = 0; i < 12; i++) {
            contents.put("lora_unet_nothing_" + i + ".lora_down.weight", tensor(1, RANK, 8));
            contents.put("lora_unet_nothing_" + i + ".lora_up.weight", tensor(2, 8, RANK));
        }
        contents.put("lora_unet_" + QUERY.replace('.', '_') + ".lora_down.weight", tensor(1, RANK, 9));
        contents.put("lora_unet_" + QUERY.replace('.', '_') + ".lora_up.weight", tensor(2, 8, RANK));
        Path file = write(contents);
        assertThatThrownBy(() -> VideoModel.open(
                        TestModels.MODEL_SCOPE,
                        ModelOptions.DEFAULTS
                                .withTokenizer(TestModels.TOKENIZER)
                                .withLora(file, 1)))
                .hasMessageContaining("13 of its tensors")
                .hasMessageContaining("and 3 more");
        assertThatThrownBy(() -> LoraFile.open(TestModels.ADAPTER.resolve("diffusion_pytorch_model.safetensors")))
                .hasMessageContaining("holds no low-rank adaptations");
    }

    @Test
    void aModelWithALora() {
        String name = "lora_unet_" + QUERY.replace('.', '_');
        Path file = write(
                Map.of(name + ".lora_down.weight", tensor(1, RANK, 8), name + ".lora_up.weight", tensor(2, 8, RANK)));
        ModelOptions options =
                ModelOptions.DEFAULTS.withTokenizer(TestModels.TOKENIZER).withLora(file, 0.5);
        try (VideoModel adapted = VideoModel.open(TestModels.MODEL_SCOPE, options)) {
            assertThat(adapted.hash()).isNotEqualTo(model.hash());
            float[] expected = expected(weight(model.denoiser(), QUERY), 8, 0.5);
            assertThat(weight(adapted.denoiser(), QUERY)).containsExactly(expected, within(1e-5f));
            adapted.releaseDenoiser();
            assertThat(weight(adapted.denoiser(), QUERY)).containsExactly(expected, within(1e-5f));
        }
    }
}
