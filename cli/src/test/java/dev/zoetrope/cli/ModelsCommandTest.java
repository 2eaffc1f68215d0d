package dev.zoetrope.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.zoetrope.media.Frame;
import dev.zoetrope.media.VideoReader;
import dev.zoetrope.tensor.Dtype;
import dev.zoetrope.tensor.SafetensorsWriter;
import dev.zoetrope.tensor.SafetensorsWriter.Content;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelsCommandTest {
    private static final String QUERY = "unet.down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q";

    @TempDir
    Path folder = Path.of("");

    @Test
    void aPublishedFamilyIsWrittenAndVerified() {
        Path model = folder.resolve("model");
        Run synth = Run.of("models", "synth", "modelscope", "-o", model, "--scale", 64, "--seed", 3);
        assertThat(synth.status()).as(synth.err()).isZero();
        assertThat(synth.out()).contains("UNet3DConditionModel");
        Run verify = Run.of("models", "verify", "-m", model);
        assertThat(verify.out()).as(verify.err()).contains("every weight is in its place");
        Run again = Run.of("models", "synth", "modelscope", "-o", model);
        assertThat(again.status()).isEqualTo(2);
        assertThat(again.err()).contains("is there already", "new folder");
        assertThat(folder.toFile().list()).containsExactly("model");
    }

    @Test
    void anUnknownFamilyIsRefusedWithTheKnownOnes() {
        Run run = Run.of("models", "synth", "sora", "-o", folder.resolve("model"));
        assertThat(run.status()).isEqualTo(2);
        assertThat(run.err()).contains("\"sora\"", "modelscope");
    }

    @Test
    void whatIsNoCheckpointIsNotConverted() throws IOException {
        Path file = folder.resolve("other.safetensors");
        SafetensorsWriter.write(file, Map.of("x", tensor(1, 1, 1f)), Map.of());
        Path tokenizer = Files.createDirectory(folder.resolve("tokenizer"));
        Run run = Run.of("models", "convert", file, "-o", folder.resolve("model"), "--tokenizer", tokenizer);
        assertThat(run.status()).isNotZero();
        assertThat(run.err()).contains("other.safetensors", "no checkpoint of Stable Diffusion");
        assertThat(folder.toFile().list()).containsExactlyInAnyOrder("other.safetensors", "tokenizer");
    }

    @Test
    void aLoraChangesTheVideoByItsStrength() throws IOException {
        Path model = TinyModel.write(folder.resolve("model"));
        Path lora = folder.resolve("style.safetensors");
        SafetensorsWriter.write(
                lora,
                Map.of(QUERY + ".lora_A.weight", tensor(1, 8, 3f), QUERY + ".lora_B.weight", tensor(8, 1, 3f)),
                Map.of());
        List<byte[]> plain = clip(model, "plain.png");
        assertThat(clip(model, "off.png", "--lora", lora + ":0"))
                .usingElementComparator(Arrays::compare)
                .isEqualTo(plain);
        assertThat(clip(model, "on.png", "--lora", lora))
                .usingElementComparator(Arrays::compare)
                .isNotEqualTo(plain);
        Run bad = Run.of("generate", "a", "-m", model, "--lora", lora + ":much");
        assertThat(bad.status()).isEqualTo(2);
        assertThat(bad.err()).contains("\"much\" is no strength");
        Run missing = Run.of("generate", "a", "-m", model, "--lora", folder.resolve("none.safetensors"));
        assertThat(missing.err()).contains("LoRA", "none.safetensors", "does not exist");
    }

    private List<byte[]> clip(Path model, String name, Object... more) {
        Path out = folder.resolve(name);
        Object[] fixed = {"generate", "a red circle", "-m", model, "--steps", 2, "--frames", 2, "-o", out};
        Run run = Run.of(Stream.concat(Arrays.stream(fixed), java.util.Arrays.stream(more))
                .toArray());
        assertThat(run.status()).as(run.err()).isZero();
        return VideoReader.readAll(out, 10).stream().map(Frame::rgb).toList();
    }

    /** Alternating signs, so that a sum over them does not grow with the width alone. */
    private static Content tensor(int rows, int columns, float scale) {
        ByteBuffer bytes = ByteBuffer.allocate(rows * columns * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < rows * columns; i++) {
            bytes.putFloat(i % 3 == 0 ? scale : -scale);
        }
        bytes.flip();
        return new Content(Dtype.F32, new long[] {rows, columns}, () -> bytes);
    }
}
