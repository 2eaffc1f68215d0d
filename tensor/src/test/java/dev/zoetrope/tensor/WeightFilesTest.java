package dev.zoetrope.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WeightFilesTest {
    @TempDir
    Path folder;

    /** Writes a safetensors file with one tensor named {@code key}. */
    private Path weights(String fileName, String key) {
        Path path = folder.resolve(fileName);
        SafetensorsWriter.write(path, Map.of(key, SafetensorsTest.content(Dtype.U8, 2)), Map.of());
        return path;
    }

    private Path text(String fileName, String text) throws IOException {
        return Files.write(folder.resolve(fileName), text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private String firstKey(String base, Optional<String> variant) {
        try (WeightSource source = WeightFiles.openComponent(folder, base, variant)) {
            return source.entries().firstKey();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n', git lfs pull",
        "'\u0080\u0002\u008a\nl\u00fc', not a file of torch.save",
        "'GGUF\u0003\u0000\u0000\u0000', GGUF",
        "'\u0089HDF\r\n', HDF5",
        "'\u0093NUMPY\u0001', NumPy",
        "'\u001f\u008b\u0008\u0000', compressed",
        "'<!DOCTYPE html><html>', web page",
        "'Entry not found', text file",
        "'\u0001\u0002\u0003', not a weight file of a known kind",
        "'', empty",
    })
    void otherKindsOfFilesAreRefusedWithAdvice(String content, String advice) throws IOException {
        Path path = text("model.bin", content);
        assertThatThrownBy(() -> WeightFiles.open(path))
                .isInstanceOfSatisfying(
                        ZoetropeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.BAD_INPUT))
                .hasMessageContaining("model.bin")
                .hasMessageContaining(advice);
    }

    @Test
    void pointersAreRecognisedByEveryReader() throws IOException {
        Path path = text("a.safetensors", "version https://git-lfs.github.com/spec/v1\n");
        assertThatThrownBy(() -> Safetensors.open(path)).hasMessageContaining("git lfs pull");
        assertThatThrownBy(() -> ShardedWeights.open(path)).hasMessageContaining("git lfs pull");
    }

    @Test
    void missingFilesAndFoldersAreNamed() {
        assertThatThrownBy(() -> WeightFiles.open(folder.resolve("nothing.pt")))
                .hasMessageContaining("nothing.pt: no such file");
        assertThatThrownBy(() -> Safetensors.open(folder)).hasMessageContaining("not a regular file");
        assertThatThrownBy(() -> WeightFiles.openComponent(folder.resolve("unet"), "model", Optional.of("fp16")))
                .hasMessageContaining("model.fp16.safetensors")
                .hasMessageContaining("pytorch_model.bin.index.json")
                .hasMessageContaining("no weight files");
        assertThatThrownBy(() -> WeightFiles.openComponent(folder, "model", Optional.of("../fp16")))
                .hasMessageContaining("is no variant");
    }

    @Test
    void contentDecidesNotTheName() {
        try (WeightSource source = WeightFiles.open(weights("renamed.bin", "k"))) {
            assertThat(source).isInstanceOf(Safetensors.class);
        }
    }

    @Test
    void aDamagedSafetensorsHeaderIsExplained() throws IOException {
        Path path = text("a.safetensors", "\u0001\u0000\u0000\u0000\u0000\u0000\u0000\u0001{}");
        assertThatThrownBy(() -> WeightFiles.open(path)).hasMessageContaining("over the limit");
    }

    @Test
    void foldersAreOpenedByTheirUsualNames() {
        weights("other.safetensors", "other");
        try (WeightSource only = WeightFiles.open(folder)) {
            assertThat(only.entries()).containsOnlyKeys("other");
        }
        weights("second.safetensors", "second");
        assertThatThrownBy(() -> WeightFiles.open(folder))
                .hasMessageContaining("other.safetensors, second.safetensors")
                .hasMessageContaining("give the file");
        weights("model.safetensors", "model");
        try (WeightSource usual = WeightFiles.open(folder)) {
            assertThat(usual.entries()).containsOnlyKeys("model");
        }
    }

    @Test
    void componentsAreSearchedInTheDocumentedOrder() throws IOException {
        weights("pytorch_model.bin", "bin");
        assertThat(firstKey("model", Optional.empty())).isEqualTo("bin");
        weights("shard", "sharded");
        text("model.safetensors.index.json", "{\"weight_map\":{\"sharded\":\"shard\"}}");
        assertThat(firstKey("model", Optional.empty())).isEqualTo("sharded");
        weights("model.safetensors", "whole");
        assertThat(firstKey("model", Optional.empty())).isEqualTo("whole");
        assertThat(firstKey("model", Optional.of("fp16"))).isEqualTo("whole");
        text("model.safetensors.index.fp16.json", "{\"weight_map\":{\"sharded\":\"shard\"}}");
        assertThat(firstKey("model", Optional.of("fp16"))).isEqualTo("sharded");
        weights("model.fp16.safetensors", "half");
        assertThat(firstKey("model", Optional.of("fp16"))).isEqualTo("half");
        assertThat(firstKey("model", Optional.empty())).isEqualTo("whole");
    }

    @Test
    void shardsAreJoined() throws IOException {
        weights("one.safetensors", "a");
        weights("two.safetensors", "b");
        Path index = text(
                "x.index.json",
                "{\"metadata\":{\"total_size\":4,\"x\":[1]},\"weight_map\":"
                        + "{\"b\":\"two.safetensors\",\"a\":\"one.safetensors\"}}");
        try (WeightSource source = WeightFiles.open(index)) {
            assertThat(source.entries().keySet()).containsExactly("a", "b");
            assertThat(source.metadata()).containsOnly(Map.entry("total_size", "4"), Map.entry("format", "pt"));
            assertThat(source.bytes("b").get(1)).isEqualTo((byte) 2);
            assertThat(source.bytes("a", 1, 1).get()).isEqualTo((byte) 2);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"weight_map\":{\"a\":\"../one.safetensors\"}} | must be files beside the index",
                "{\"weight_map\":{\"a\":\"/etc/passwd\"}} | must be files beside the index",
                "{\"weight_map\":{\"a\":\"C:x\"}} | must be files beside the index",
                "{\"weight_map\":{\"a\":\"..\"}} | must be files beside the index",
                "{\"weight_map\":{\"a\":\"\\u0000\"}} | must be files beside the index",
                "{\"weight_map\":{\"a\":\"gone.safetensors\"}} | the shard gone.safetensors is missing",
                "{\"weight_map\":{\"b\":\"one.safetensors\"}} | promises tensor 'b' in one.safetensors",
                "{\"weight_map\":{\"a\":\"x.index.json\"}} | x.index.json: this is",
                "{\"weight_map\":{\"a\":3}} | weight_map.a: expected VALUE_STRING",
                "{\"weight_map\":{\"a\":\"one.safetensors\",\"a\":\"one.safetensors\"}} | Duplicate field",
                "{\"weight_map\":{}} | has no \"weight_map\"",
                "{\"_class_name\":\"UNet\"} | has no \"weight_map\"",
                "{\"weight_map\":{\"a\":\"one.safetensors\"} | not a valid index",
                "{\"weight_map\":{\"a\":\"one.safetensors\"}} 1 | not a valid index",
            })
    void badIndexesAreRefused(String json, String message) throws IOException {
        weights("one.safetensors", "a");
        Path index = text("x.index.json", json);
        assertThatThrownBy(() -> WeightFiles.open(index))
                .isInstanceOf(ZoetropeException.class)
                .hasMessageContaining("x.index.json")
                .hasMessageContaining(message);
    }
}
