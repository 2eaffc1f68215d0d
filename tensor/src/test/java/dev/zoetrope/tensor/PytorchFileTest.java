package dev.zoetrope.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PytorchFileTest {
    @TempDir
    Path folder;

    private Path write(byte[] bytes) throws IOException {
        return Files.write(folder.resolve("x.pt"), bytes);
    }

    /** Writes the pickle with a storage 0 of the floats 0, 1, 2... */
    private Path write(TinyPickle pickle, int floats) throws IOException {
        return write(new TinyPickleArchive(pickle.stop())
                .with("data/0", floats(floats))
                .stored());
    }

    static byte[] floats(int count) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * count).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            bytes.putFloat(i);
        }
        return bytes.array();
    }

    private static float[] values(WeightSource source, String name) {
        ByteBuffer bytes = source.bytes(name);
        float[] values = new float[bytes.remaining() / 4];
        bytes.asFloatBuffer().get(values);
        return values;
    }

    private static long[] shape(long... shape) {
        return shape;
    }

    @Test
    void stridesAndSharedStoragesAreResolved() throws IOException {
        TinyPickle pickle = TinyPickle.start().orderedDict().op('(');
        pickle.text("whole").tensor("FloatStorage", "0", 12, 0, shape(3, 4), 4, 1);
        pickle.text("transposed").tensor("FloatStorage", "0", 12, 0, shape(4, 3), 1, 4);
        pickle.text("column").tensor("FloatStorage", "0", 12, 1, shape(3, 1), 4, 1);
        pickle.text("block").tensor("FloatStorage", "0", 12, 5, shape(2, 2), 4, 1);
        pickle.text("row").tensor("FloatStorage", "0", 12, 8, shape(1, 4), 999, 1);
        pickle.text("expanded").tensor("FloatStorage", "0", 12, 2, shape(2, 2), 0, 1);
        pickle.text("channelsLast").tensor("FloatStorage", "0", 12, 0, shape(1, 2, 2, 3), 12, 1, 6, 2);
        pickle.text("scalar").tensor("FloatStorage", "0", 12, 7, shape());
        pickle.text("none").tensor("FloatStorage", "0", 12, 0, shape(0, 3), 3, 1);
        pickle.op('u');
        try (WeightSource source = WeightFiles.open(write(pickle, 12))) {
            assertThat(source.entry("block")).isEqualTo(new WeightEntry("block", Dtype.F32, List.of(2L, 2L)));
            assertThat(values(source, "whole")).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
            assertThat(values(source, "transposed")).containsExactly(0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11);
            assertThat(values(source, "column")).containsExactly(1, 5, 9);
            assertThat(values(source, "block")).containsExactly(5, 6, 9, 10);
            assertThat(values(source, "row")).containsExactly(8, 9, 10, 11);
            assertThat(values(source, "expanded")).containsExactly(2, 3, 2, 3);
            assertThat(values(source, "channelsLast")).containsExactly(0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11);
            assertThat(values(source, "scalar")).containsExactly(7);
            assertThat(values(source, "none")).isEmpty();
            assertThat(source.bytes("block", 4, 8).getFloat(4)).isEqualTo(9f);
            assertThat(source.bytes("row", 4, 4).getFloat()).isEqualTo(9f);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "FloatStorage,F32", "HalfStorage,F16", "BFloat16Storage,BF16", "DoubleStorage,F64", "LongStorage,I64",
        "IntStorage,I32", "ShortStorage,I16", "CharStorage,I8", "ByteStorage,U8", "BoolStorage,BOOL"
    })
    void everyStorageTypeIsReadAndConverts(String type, Dtype dtype) throws IOException {
        TinyPickle pickle = TinyPickle.start().op('}').text("k");
        pickle.tensor(type, "7", 2, 1, shape(1), 1).op('s');
        byte[] data = new byte[2 * dtype.bytes()];
        data[dtype.bytes()] = 42;
        Path path =
                write(new TinyPickleArchive(pickle.stop()).with("data/7", data).stored());
        Path converted = folder.resolve("x.safetensors");
        try (WeightSource source = PytorchFile.open(path)) {
            assertThat(source.entries()).containsOnly(Map.entry("k", new WeightEntry("k", dtype, List.of(1L))));
            assertThat(source.bytes("k").get()).isEqualTo((byte) 42);
            SafetensorsWriter.copy(source, converted);
            try (WeightSource copy = WeightFiles.open(converted)) {
                assertThat(copy.entries()).isEqualTo(source.entries());
                assertThat(copy.bytes("k")).isEqualTo(source.bytes("k"));
            }
        }
    }

    @Test
    void theUsualDictionaryIsFound() throws IOException {
        TinyPickle pickle = TinyPickle.start().op('}', '(');
        pickle.text("epoch").integer(3);
        pickle.text("optimizer").op('}').text("w").tensor().op('s');
        pickle.text("ema").op('}').text("w").tensor().op('s');
        pickle.text("model").op('}').text("state_dict").op('}').text("a.w");
        pickle.tensor().op('s', 's', 'u');
        Path path = write(pickle, 3);
        try (PytorchFile source = PytorchFile.open(path)) {
            assertThat(source.entries()).containsOnlyKeys("a.w");
            assertThat(source.dictPath()).isEqualTo("model.state_dict");
        }
        try (PytorchFile source = PytorchFile.open(path, "optimizer")) {
            assertThat(source.entries()).containsOnlyKeys("w");
        }
        try (PytorchFile source = PytorchFile.open(path, "")) {
            assertThat(source.entries()).containsOnlyKeys("ema.w", "model.state_dict.a.w", "optimizer.w");
            assertThatThrownBy(() -> source.bytes("epoch")).hasMessageContaining("'epoch' is of type int");
        }
        assertThatThrownBy(() -> PytorchFile.open(path, "model.x"))
                .hasMessageContaining("no dictionary 'model.x'")
                .hasMessageContaining("state_dict");
        assertThatThrownBy(() -> PytorchFile.open(path, "epoch")).hasMessageContaining("expected a dictionary");
    }

    @Test
    void severalDictionariesAreNamed() throws IOException {
        TinyPickle pickle = TinyPickle.start().op('}', '(');
        pickle.text("generator").op('}').text("w").tensor().op('s');
        pickle.text("critic").op('}').text("w").tensor().op('s', 'u');
        Path path = write(pickle, 3);
        assertThatThrownBy(() -> PytorchFile.open(path))
                .hasMessageContaining("several dictionaries of tensors (generator, critic)");
        try (PytorchFile source = PytorchFile.open(path, "critic")) {
            assertThat(values(source, "w")).containsExactly(0, 1, 2);
        }
    }

    @Test
    void filesWithoutTensorsAreNoEmptyStateDict() throws IOException {
        Path empty = write(TinyPickle.start().op('}').text("lr").integer(1).op('s'), 0);
        assertThatThrownBy(() -> PytorchFile.open(empty))
                .isInstanceOfSatisfying(
                        ZoetropeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.BAD_INPUT))
                .hasMessageContaining("no tensors found; it holds: lr");
        Path module = write(TinyPickle.start().global("my.model", "Net").op(')', 0x81, '}', 'b'), 0);
        assertThatThrownBy(() -> PytorchFile.open(module))
                .hasMessageContaining("found my.model.Net")
                .hasMessageContaining("state_dict()");
    }

    @Test
    void unsupportedTensorsAreErrorsOnlyWhenNeeded() throws IOException {
        TinyPickle pickle = TinyPickle.start().op('}', '(');
        pickle.text("w").tensor();
        pickle.text("complex").tensor("ComplexFloatStorage", "0", 1, 0, shape(1), 1);
        pickle.text("sparse").global("torch._utils", "_rebuild_sparse_tensor").op(')', 'R', 'u');
        try (WeightSource source = PytorchFile.open(write(pickle, 3))) {
            assertThat(source.entries()).containsOnlyKeys("w");
            assertThatThrownBy(() -> source.bytes("complex")).hasMessageContaining("torch.ComplexFloatStorage");
            assertThatThrownBy(() -> source.bytes("sparse")).hasMessageContaining("_rebuild_sparse_tensor");
        }
    }

    @ParameterizedTest
    @CsvSource({
        // elements, offset, size, stride
        "12, 10, 3, 1",
        "12, 0, 4, 4",
        "12, -1, 3, 1",
        "12, 5, 3, -1",
        "12, 0, 4611686018427387904, 4",
        "12, 9223372036854775807, 2, 1",
        "13, 0, 3, 1",
        "9223372036854775807, 0, 3, 1",
        "12, 0, -3, 1",
        "12, 0, 9223372036854775807, 0",
    })
    void tensorsOutsideTheirStorageAreRefused(long elements, long offset, long size, long stride) throws IOException {
        TinyPickle pickle = TinyPickle.start().op('}').text("the.key");
        pickle.tensor("FloatStorage", "0", elements, offset, shape(size), stride);
        Path path = write(pickle.op('s'), 12);
        assertThatThrownBy(() -> PytorchFile.open(path))
                .isInstanceOfSatisfying(
                        ZoetropeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CHECKPOINT_MISMATCH))
                .hasMessageContaining("x.pt")
                .hasMessageContaining("the.key");
    }

    @Test
    void expandedTensorsAreNoMemoryBombs() throws IOException {
        TinyPickle pickle = TinyPickle.start().op('}').text("bomb");
        pickle.tensor("FloatStorage", "0", 1, 0, shape(1 << 28), 0);
        try (WeightSource source = PytorchFile.open(write(pickle.op('s'), 1))) {
            assertThatThrownBy(() -> source.bytes("bomb")).hasMessageContaining("too big to rearrange");
        }
    }

    @Test
    void archivesOfOtherKindsAreExplained() throws IOException {
        byte[] pickle = TinyPickle.start().op('}').text("w").tensor().op('s').stop();
        TinyPickleArchive archive = new TinyPickleArchive(pickle).with("data/0", floats(3));
        byte[] big = "big".getBytes(StandardCharsets.UTF_8);
        refused(new TinyPickleArchive(pickle).with("byteorder", big).stored(), "byte order is not 'little'");
        refused(new TinyPickleArchive(pickle).with("code/x.py", big).stored(), "TorchScript");
        refused(new TinyPickleArchive(pickle).with("constants.pkl", big).stored(), "TorchScript");
        refused(new TinyPickleArchive(pickle).stored(), "data of tensor 'w'");
        refused(archive.compressed(), "is compressed");
        refused(archive.without("data.pkl").stored(), "not one of torch.save");
    }

    @Test
    void aCompressedPickleIsUnpacked() throws IOException {
        byte[] pickle = TinyPickle.start().op('}').text("lr").integer(1).op('s').stop();
        refused(new TinyPickleArchive(pickle).compressed(), "no tensors found; it holds: lr");
    }

    private void refused(byte[] bytes, String message) throws IOException {
        Path path = write(bytes);
        assertThatThrownBy(() -> WeightFiles.open(path))
                .isInstanceOf(ZoetropeException.class)
                .hasMessageContaining("x.pt")
                .hasMessageContaining(message);
    }

    @Test
    void cutFilesAreRefused() throws IOException {
        byte[] pickle = TinyPickle.start().op('}').text("w").tensor().op('s').stop();
        byte[] bytes = new TinyPickleArchive(pickle).with("data/0", floats(3)).stored();
        refused(Arrays.copyOf(bytes, bytes.length - 1), "directory, which comes last, is missing");
        refused(Arrays.copyOf(bytes, bytes.length / 2), "cut short");
    }

    @Test
    void filesFromBeforeVersion16AreRead() throws IOException {
        // OrderedDict([["w", tensor]])
        byte[] object = TinyPickle.start()
                .global("collections", "OrderedDict")
                .op(']', ']', '(')
                .text("w")
                .tensor("FloatStorage", "94", 3, 1, shape(2), 1)
                .op('e', 'a', 0x85, 'R')
                .stop();
        try (WeightSource source = WeightFiles.open(write(legacy(1001, 1, object, "94", 3)))) {
            assertThat(values(source, "w")).containsExactly(1, 2);
        }
        refused(legacy(1002, 1, object, "94", 3), "protocol is not 1001");
        refused(legacy(1001, 0, object, "94", 3), "byte order");
        refused(legacy(1001, 1, object, "93", 3), "no type");
        refused(legacy(1001, 1, object, "94", 2), "cut short");
        refused(legacy(1001, 1, object, "94", 4), "does not fit");
        refused(legacy(1001, 1, object, "94", -1), "does not fit");
    }

    /** The old format with one storage that says it has {@code elements}, and has three floats at most. */
    static byte[] legacy(int protocol, int littleEndian, byte[] object, String key, long elements) {
        byte[] magic = TinyPickle.start()
                .op(0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19)
                .stop();
        byte[] version = TinyPickle.start().integer(protocol).stop();
        byte[] system = TinyPickle.start()
                .op('}')
                .text("little_endian")
                .op(littleEndian == 1 ? 0x88 : 0x89, 's')
                .stop();
        byte[] keys = TinyPickle.start().op(']').text(key).op('a').stop();
        byte[] data = floats((int) Math.max(0, Math.min(3, elements)));
        return ByteBuffer.allocate(magic.length + version.length + system.length + object.length + keys.length + 20)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(magic)
                .put(version)
                .put(system)
                .put(object)
                .put(keys)
                .putLong(elements)
                .put(data)
                .array();
    }
}
