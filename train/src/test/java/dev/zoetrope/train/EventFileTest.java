package dev.zoetrope.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reads event files back with a reader that shares no code with the writer; its CRC is the textbook bit loop. */
class EventFileTest {
    @TempDir
    private Path folder;

    private static int crc32c(byte[] data) {
        int crc = -1;
        for (byte b : data) {
            crc ^= b & 0xff;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 1) == 0 ? crc >>> 1 : crc >>> 1 ^ 0x82F63B78;
            }
        }
        return ~crc;
    }

    private static int masked(byte[] data) {
        int crc = crc32c(data);
        return ((crc >>> 15) | (crc << 17)) + (int) 2726488792L;
    }

    static List<byte[]> records(Path file) throws IOException {
        ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        List<byte[]> records = new ArrayList<>();
        while (in.hasRemaining()) {
            byte[] length = new byte[8];
            in.get(length);
            assertThat(in.getInt()).isEqualTo(masked(length));
            byte[] data = new byte
                    [Math.toIntExact(ByteBuffer.wrap(length)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .getLong())];
            in.get(data);
            assertThat(in.getInt()).isEqualTo(masked(data));
            records.add(data);
        }
        return records;
    }

    private static long varint(ByteBuffer in) {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            byte b = in.get();
            value |= (long) (b & 0x7f) << shift;
            if (b >= 0) {
                return value;
            }
        }
    }

    /** Fields of a message in their order as (number, value); values are Long, Double, Float or byte[]. */
    private static List<Map.Entry<Integer, Object>> fields(byte[] message) {
        ByteBuffer in = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
        List<Map.Entry<Integer, Object>> fields = new ArrayList<>();
        while (in.hasRemaining()) {
            long key = varint(in);
            Object value =
                    switch ((int) (key & 7)) {
                        case 0 -> varint(in);
                        case 1 -> in.getDouble();
                        case 2 -> {
                            byte[] bytes = new byte[(int) varint(in)];
                            in.get(bytes);
                            yield bytes;
                        }
                        case 5 -> in.getFloat();
                        default -> throw new AssertionError(key);
                    };
            fields.add(Map.entry((int) (key >> 3), value));
        }
        return fields;
    }

    private static Object field(byte[] message, int number) {
        return fields(message).stream()
                .filter(field -> field.getKey() == number)
                .findFirst()
                .orElseThrow()
                .getValue();
    }

    static Map<String, Float> scalars(byte[] event) {
        Map<String, Float> scalars = new TreeMap<>();
        for (Map.Entry<Integer, Object> value : fields((byte[]) field(event, 5))) {
            byte[] entry = (byte[]) value.getValue();
            scalars.put(new String((byte[]) field(entry, 1), StandardCharsets.UTF_8), (Float) field(entry, 2));
        }
        return scalars;
    }

    static long step(byte[] event) {
        return (Long) field(event, 2);
    }

    @Test
    void whatIsWrittenReadsBack() throws IOException {
        Path file = folder.resolve("events");
        try (EventFile events = EventFile.create(file, 12.5)) {
            events.scalars(13, 1, Map.of("train/loss", 0.25));
            events.scalars(14, 1L << 40, Map.of("a", -1.0, "b\u00e9", Double.NaN));
        }
        List<byte[]> records = records(file);
        assertThat(records).hasSize(3);
        assertThat(field(records.get(0), 1)).isEqualTo(12.5);
        assertThat((byte[]) field(records.get(0), 3)).isEqualTo("brain.Event:2".getBytes(StandardCharsets.UTF_8));
        assertThat(step(records.get(1))).isEqualTo(1);
        assertThat(scalars(records.get(1))).isEqualTo(Map.of("train/loss", 0.25f));
        assertThat(step(records.get(2))).isEqualTo(1L << 40);
        assertThat(scalars(records.get(2))).isEqualTo(Map.of("a", -1f, "b\u00e9", Float.NaN));
    }

    @Test
    void theCrcOfTheReaderIsTheStandardOne() {
        // The check value of CRC-32C (Castagnoli).
        byte[] digits = "123456789".getBytes(StandardCharsets.US_ASCII);
        assertThat(HexFormat.of().toHexDigits(crc32c(digits))).isEqualTo("e3069283");
    }
}
