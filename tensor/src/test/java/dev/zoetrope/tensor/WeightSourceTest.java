package dev.zoetrope.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.zoetrope.tensor.WeightSource.DerivedEntry;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WeightSourceTest {
    @TempDir
    Path folder;

    private WeightSource source = new WeightView("none", Map.of(), Map.of());

    @BeforeEach
    void open() {
        Path path = folder.resolve("w.safetensors");
        Map<String, SafetensorsWriter.Content> tensors = Map.of(
                "unet.qkv", SafetensorsTest.content(Dtype.I16, 6, 2),
                "unet.proj", SafetensorsTest.content(Dtype.U8, 3, 2, 1, 1),
                "vae.x", SafetensorsTest.content(Dtype.U8, 1));
        SafetensorsWriter.write(path, tensors, Map.of("key", "value"));
        source = Safetensors.open(path);
    }

    private static byte[] bytes(WeightSource source, String name) {
        ByteBuffer data = source.bytes(name);
        byte[] copy = new byte[data.remaining()];
        data.get(copy);
        return copy;
    }

    @Test
    void prefixesAreStrippedAndOtherTensorsLeftOut() {
        WeightSource unet = source.prefixStripped("unet.");
        assertThat(unet.entries().keySet()).containsExactly("proj", "qkv");
        assertThat(unet.entry("qkv")).isEqualTo(new WeightEntry("qkv", Dtype.I16, List.of(6L, 2L)));
        assertThat(unet.metadata()).containsEntry("key", "value");
        assertThat(unet.bytes("qkv")).isEqualTo(source.bytes("unet.qkv"));
        assertThat(unet.description()).isEqualTo(source.description());
        assertThatThrownBy(() -> unet.bytes("x")).hasMessageContaining("no tensor 'x'");
    }

    @Test
    void twoTensorsCannotGetTheSameName() {
        assertThatThrownBy(() -> source.renamed(name -> "same"))
                .isInstanceOf(ZoetropeException.class)
                .hasMessageContaining("'unet.proj' and 'unet.qkv'")
                .hasMessageContaining("'same'");
        WeightSource mapped = source.map(name -> name.equals("vae.x") ? Optional.of("same") : Optional.empty());
        assertThat(mapped.entries()).containsOnlyKeys("same");
    }

    @Test
    void partsOfTensorsBecomeTensors() {
        DerivedEntry qkv = DerivedEntry.of(source, "unet.qkv");
        WeightSource view = WeightSource.of(
                "converted",
                Map.of(),
                Map.of(
                        "q", qkv.rows(0, 2),
                        "v", qkv.rows(4, 6),
                        "none", qkv.rows(3, 3),
                        "w", DerivedEntry.of(source, "unet.proj").reshaped(List.of(3L, 2L))));
        assertThat(view.entry("v")).isEqualTo(new WeightEntry("v", Dtype.I16, List.of(2L, 2L)));
        assertThat(bytes(view, "q")).containsExactly(1, 2, 3, 4, 5, 6, 7, 8);
        assertThat(bytes(view, "v")).containsExactly(17, 18, 19, 20, 21, 22, 23, 24);
        assertThat(bytes(view, "w")).containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(bytes(view, "none")).isEmpty();
        assertThat(bytes(view.prefixStripped("v"), "")).hasSize(8);
        assertThat(view.bytes("v", 2, 2).getShort()).isEqualTo((short) 0x1413);
        assertThatThrownBy(() -> view.bytes("v", 2, 7)).hasMessageContaining("outside its 8 bytes");
    }

    @Test
    void partsMustFitTheirTensor() {
        DerivedEntry qkv = DerivedEntry.of(source, "unet.qkv");
        assertThatThrownBy(() -> qkv.rows(4, 7)).hasMessageContaining("has no rows 4 to 7");
        assertThatThrownBy(() -> qkv.rows(4, 3)).hasMessageContaining("has no rows");
        assertThatThrownBy(() -> qkv.reshaped(List.of(5L))).hasMessageContaining("cannot read tensor 'unet.qkv'");
        assertThatThrownBy(() -> new DerivedEntry(source, "unet.qkv", List.of(1L), 23, 2))
                .isInstanceOf(ZoetropeException.class);
        assertThatThrownBy(() -> new DerivedEntry(source, "unet.qkv", List.of(1L), -1, 2))
                .isInstanceOf(ZoetropeException.class);
    }

    @Test
    void closingAViewClosesItsSource() {
        source.map(name -> Optional.empty()).close();
        assertThatThrownBy(() -> source.bytes("vae.x")).hasMessageContaining("already closed");
    }

    @Test
    void readCopiesIntoABuffer() {
        ByteBuffer target = ByteBuffer.allocate(6);
        source.read("unet.proj", 0, target);
        assertThat(target.array()).containsExactly(1, 2, 3, 4, 5, 6);
    }
}
