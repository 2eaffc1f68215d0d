package dev.zoetrope.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class SafetensorsTest {
    @TempDir
    Path folder;

    /** A file from a header text and a number of data bytes. */
    static byte[] file(String header, int dataBytes) {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer file = ByteBuffer.allocate(8 + json.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
        return file.putLong(json.length).put(json).array();
    }

    /** Content whose bytes are 1, 2, 3... */
    static SafetensorsWriter.Content content(Dtype dtype, long... shape) {
        return new SafetensorsWriter.Content(dtype, shape, () -> {
            int size = dtype.bytes();
            for (long s : shape) {
                size *= (int) s;
            }
            byte[] bytes = new byte[size];
            for (int i = 0; i < size; i++) {
                bytes[i] = (byte) (i + 1);
            }
            return ByteBuffer.wrap(bytes);
        });
    }

    private Path write(byte[] bytes) throws IOException {
        return Files.write(folder.resolve("x.safetensors"), bytes);
    }

    @ParameterizedTest
    @EnumSource(Dtype.class)
    void everyElementTypeSurvivesARoundTrip(Dtype dtype) {
        Path path = folder.resolve("w.safetensors");
        SafetensorsWriter.Content given = content(dtype, 2, 3);
        SafetensorsWriter.write(
                path,
                Map.of("a", given, "scalar", content(dtype), "none", content(dtype, 4, 0, 2)),
                Map.of("config", "{\"x\": 1}"));
        try (WeightSource source = Safetensors.open(path)) {
            assertThat(source.entries().values())
                    .containsExactly(
                            new WeightEntry("a", dtype, List.of(2L, 3L)),
                            new WeightEntry("none", dtype, List.of(4L, 0L, 2L)),
                            new WeightEntry("scalar", dtype, List.of()));
            assertThat(source.metadata()).isEqualTo(Map.of("config", "{\"x\": 1}", "format", "pt"));
            assertThat(source.bytes("a")).isEqualTo(given.bytes().get());
            assertThat(source.bytes("none").remaining()).isZero();
            assertThat(source.bytes("scalar").remaining()).isEqualTo(dtype.bytes());
        }
    }

    @Test
    void buffersAreReadOnlyLittleEndianViewsThatOutliveTheFile() {
        Path path = folder.resolve("w.safetensors");
        SafetensorsWriter.write(path, Map.of("a", content(Dtype.I32, 2)), Map.of());
        Safetensors source = Safetensors.open(path);
        ByteBuffer bytes = source.bytes("a");
        assertThat(bytes.isReadOnly()).isTrue();
        assertThat(bytes.isDirect()).isTrue();
        assertThat(source.bytes("a", 4, 4).getInt()).isEqualTo(0x08070605);
        source.close();
        source.close();
        assertThat(bytes.getInt()).isEqualTo(0x04030201);
        assertThatThrownBy(() -> source.bytes("a")).isInstanceOf(ZoetropeException.class);
    }

    @Test
    void savingWhatWasLoadedGivesTheSameBytes() throws IOException {
        Map<String, SafetensorsWriter.Content> tensors = new LinkedHashMap<>();
        tensors.put("z", content(Dtype.U8, 3));
        tensors.put("ümläut \"quoted\"\n", content(Dtype.F32, 1, 5));
        for (Dtype dtype : Dtype.values()) {
            tensors.put("t." + dtype, content(dtype, 3, 1));
        }
        Path first = folder.resolve("1.safetensors");
        Path second = folder.resolve("2.safetensors");
        SafetensorsWriter.write(first, tensors, Map.of("z", "1", "a", "2", "format", "pt"));
        try (WeightSource source = Safetensors.open(first)) {
            SafetensorsWriter.copy(source, second);
        }
        assertThat(second).hasSameBinaryContentAs(first);
        assertThat(ByteBuffer.wrap(Files.readAllBytes(first))
                                .order(ByteOrder.LITTLE_ENDIAN)
                                .getLong()
                        % 8)
                .isZero();
    }

    /** Element types by falling alignment, then names; see {@code prepare} in the reference implementation. */
    @Test
    void layoutIsThatOfTheReferenceWriter() throws IOException {
        Path path = folder.resolve("w.safetensors");
        Map<String, SafetensorsWriter.Content> tensors =
                Map.of("b", content(Dtype.F16, 1), "a", content(Dtype.F32, 1), "c", content(Dtype.I64));
        SafetensorsWriter.write(path, tensors, Map.of());
        String header = "{\"__metadata__\":{\"format\":\"pt\"},"
                + "\"c\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[0,8]},"
                + "\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[8,12]},"
                + "\"b\":{\"dtype\":\"F16\",\"shape\":[1],\"data_offsets\":[12,14]}}";
        String text = Files.readString(path, StandardCharsets.ISO_8859_1);
        assertThat(text.substring(8)).startsWith(header);
    }

    @Test
    void writerRefusesDataThatDoesNotFitAndLeavesNothingBehind() {
        Path path = folder.resolve("w.safetensors");
        var wrong = new SafetensorsWriter.Content(Dtype.F32, new long[] {2}, () -> ByteBuffer.allocate(7));
        assertThatThrownBy(() -> SafetensorsWriter.write(path, Map.of("w", wrong), Map.of()))
                .isInstanceOf(ZoetropeException.class)
                .hasMessageContaining("'w'")
                .hasMessageContaining("needs 8 bytes but 7");
        assertThat(folder).isEmptyDirectory();
        var reserved = Map.of("__metadata__", content(Dtype.F32));
        assertThatThrownBy(() -> SafetensorsWriter.write(path, reserved, Map.of()))
                .hasMessageContaining("__metadata__");
    }

    static Stream<Arguments> damagedFiles() {
        String ok = "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}";
        String big = "9223372036854775807";
        return Stream.of(
                Arguments.of("too few", new byte[3]),
                Arguments.of("over the limit", file("{}", 0, Long.MAX_VALUE)),
                Arguments.of("over the limit of 100000000", file("{}", 0, -1)),
                Arguments.of("over the limit of 100000000", file("{}", 0, 100_000_001)),
                Arguments.of("cut short", file("{}", 0, 3)),
                Arguments.of("not valid JSON", file("{" + ok, 8)),
                Arguments.of("not valid JSON", file("[]", 0)),
                Arguments.of("not valid JSON", file("", 0)),
                Arguments.of("not valid JSON", file("{\"a\":3}", 0)),
                Arguments.of("not valid JSON", file("[".repeat(100_000), 0)),
                Arguments.of("not valid JSON", file("{\"a\":{\"x\":" + "[".repeat(100_000), 0)),
                Arguments.of("Duplicate field 'a'", file("{" + ok + "," + ok + "}", 8)),
                Arguments.of("Duplicate field 'dtype'", file("{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\"}}", 8)),
                Arguments.of("text after", file("{" + ok + "} {}", 8)),
                Arguments.of("metadata", file("{\"__metadata__\":{\"a\":1}}", 0)),
                Arguments.of("lacks its dtype", file("{\"a\":{\"dtype\":\"F32\",\"shape\":[2]}}", 8)),
                Arguments.of("element type F8_E4M3; supported are", tensor("F8_E4M3", "2", "0,2", 2)),
                Arguments.of("negative size", tensor("F32", "-2", "0,8", 8)),
                Arguments.of("expected VALUE_NUMBER_INT", tensor("F32", "2.0", "0,8", 8)),
                Arguments.of("larger than 2^63", tensor("F32", big + ",2", "0,8", 8)),
                Arguments.of("larger than 2^63", tensor("F64", big, "0,8", 8)),
                Arguments.of("out of range of long", tensor("F32", "92233720368547758070", "0,8", 8)),
                Arguments.of("needs 12 bytes but has 8", tensor("F32", "3", "0,8", 8)),
                Arguments.of("outside the 8 data bytes", tensor("F32", "3", "0,12", 8)),
                Arguments.of("outside the 8 data bytes", tensor("F32", "2", "-8,0", 8)),
                Arguments.of("outside the 8 data bytes", tensor("F32", "2", "8,0", 8)),
                Arguments.of("outside the 8 data bytes", tensor("F32", "2", big + "," + big, 8)),
                Arguments.of("pair of data_offsets", tensor("F32", "2", "0,8,8", 8)),
                Arguments.of("more than 64 numbers", tensor("F32", "1,".repeat(70) + "1", "0,4", 4)),
                Arguments.of("hole from byte 0", tensor("F32", "1", "4,8", 8)),
                Arguments.of("cover 4 data bytes but the file has 8", tensor("F32", "1", "0,4", 8)),
                Arguments.of(
                        "inside another one",
                        file("{" + ok + ",\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", 8)));
    }

    private static byte[] file(String header, int dataBytes, long claimedLength) {
        byte[] file = file(header, dataBytes);
        ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).putLong(0, claimedLength);
        return file;
    }

    private static byte[] tensor(String dtype, String shape, String offsets, int dataBytes) {
        return file(
                String.format(
                        "{\"the.key\":{\"dtype\":\"%s\",\"shape\":[%s],\"data_offsets\":[%s]}}", dtype, shape, offsets),
                dataBytes);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("damagedFiles")
    void damagedFilesAreRefusedWithTheFileName(String message, byte[] bytes) throws IOException {
        Path path = write(bytes);
        assertThatThrownBy(() -> Safetensors.open(path))
                .isInstanceOfSatisfying(
                        ZoetropeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CHECKPOINT_MISMATCH))
                .hasMessageContaining("x.safetensors")
                .hasMessageContaining(message);
    }

    @Test
    void messagesNameTheKey() throws IOException {
        Path path = write(tensor("F32", "3", "0,8", 8));
        assertThatThrownBy(() -> Safetensors.open(path)).hasMessageContaining("'the.key'");
    }

    @Test
    void unknownFieldsAndTrailingSpacesAreTolerated() throws IOException {
        String json = "{\"a\":{\"shape\":[1],\"new\":{\"x\":[1]},\"data_offsets\":[0,1],\"dtype\":\"U8\"}}   ";
        try (WeightSource source = Safetensors.open(write(file(json, 1)))) {
            assertThat(source.entries()).containsOnlyKeys("a");
        }
    }

    @Test
    void aMissingTensorIsNamed() {
        Path path = folder.resolve("w.safetensors");
        SafetensorsWriter.write(path, Map.of("there", content(Dtype.F32)), Map.of());
        try (WeightSource source = Safetensors.open(path)) {
            assertThatThrownBy(() -> source.bytes("missing"))
                    .hasMessageContaining("'missing'")
                    .hasMessageContaining("there");
            assertThatThrownBy(() -> source.bytes("there", 2, 3)).hasMessageContaining("outside its 4 bytes");
            assertThatThrownBy(() -> source.bytes("there", -1, 3)).hasMessageContaining("outside its 4 bytes");
        }
    }

    /** A sparse file: three tensors, the second across the 2 GiB mark, the third larger than one buffer. */
    @Test
    void filesBeyondTwoGigabytesWork() throws IOException {
        long first = Integer.MAX_VALUE - 1L;
        long second = first + 16;
        long third = second + 3L * (1L << 30);
        String format = "\"%s\":{\"dtype\":\"U8\",\"shape\":[%d],\"data_offsets\":[%d,%d]}";
        String header = "{" + String.format(format, "a", first, 0, first) + ","
                + String.format(format, "b", 16, first, second) + ","
                + String.format(format, "c", third - second, second, third) + "}";
        Path path = folder.resolve("big.safetensors");
        byte[] start = file(header, 0);
        long dataStart = start.length;
        try (var channel = Files.newByteChannel(
                path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.SPARSE)) {
            channel.write(ByteBuffer.wrap(start));
            channel.position(dataStart + first).write(ByteBuffer.wrap(new byte[] {1, 2, 3, 4, 5, 6, 7, 8}));
            channel.position(dataStart + third - 1).write(ByteBuffer.wrap(new byte[] {9}));
        }
        try (WeightSource source = Safetensors.open(path)) {
            assertThat(source.bytes("a").remaining()).isEqualTo((int) first);
            assertThat(source.bytes("b").getLong()).isEqualTo(0x0807060504030201L);
            assertThatThrownBy(() -> source.bytes("c")).hasMessageContaining("read it in ranges");
            assertThat(source.bytes("c", third - second - 1, 1).get()).isEqualTo((byte) 9);
        }
    }
}
