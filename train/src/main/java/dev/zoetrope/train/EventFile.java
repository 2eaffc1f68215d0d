package dev.zoetrope.train;

import dev.zoetrope.tensor.ZoetropeException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * Scalars for TensorBoard. The file is a sequence of TFRecords (length, masked CRC-32C of the length, data, masked
 * CRC-32C of the data; little endian), each an {@code Event} protocol buffer:
 *
 * <pre>
 * Event   { 1: double wall_time  2: int64 step  3: string file_version  5: Summary summary }
 * Summary { 1: repeated Value { 1: string tag  2: float simple_value } }
 * </pre>
 *
 * @see <a href="https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/util/event.proto">event.proto</a>
 */
final class EventFile implements AutoCloseable {
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int BYTES = 2;
    private static final int FIXED32 = 5;

    private final Path file;
    private final OutputStream out;

    /** @param seconds wall-clock time since 1970 */
    static EventFile create(Path file, double seconds) {
        try {
            EventFile events = new EventFile(file, Files.newOutputStream(file));
            events.record(new Message().fixed64(1, seconds).text(3, "brain.Event:2"));
            return events;
        } catch (IOException e) {
            throw failed(file, e);
        }
    }

    private EventFile(Path file, OutputStream out) {
        this.file = file;
        this.out = out;
    }

    /** Appends one event with a value for each tag. */
    void scalars(double seconds, long step, Map<String, Double> values) {
        Message summary = new Message();
        values.forEach(
                (tag, value) -> summary.message(1, new Message().text(1, tag).fixed32(2, value.floatValue())));
        try {
            record(new Message().fixed64(1, seconds).varint(2, step).message(5, summary));
        } catch (IOException e) {
            throw failed(file, e);
        }
    }

    /** In one write, so that a reader or a kill never sees more than the last record cut. */
    private void record(Message event) throws IOException {
        byte[] data = event.bytes();
        ByteBuffer record = ByteBuffer.allocate(8 + 4 + data.length + 4).order(ByteOrder.LITTLE_ENDIAN);
        record.putLong(data.length);
        record.putInt(maskedCrc(record.array(), 8));
        record.put(data);
        record.putInt(maskedCrc(data, data.length));
        out.write(record.array());
    }

    /** Rotated and offset, because the CRC of data that contains CRCs would be weak. */
    private static int maskedCrc(byte[] data, int length) {
        CRC32C crc = new CRC32C();
        crc.update(data, 0, length);
        return Integer.rotateRight((int) crc.getValue(), 15) + 0xa282ead8;
    }

    @Override
    public void close() {
        try {
            out.close();
        } catch (IOException e) {
            throw failed(file, e);
        }
    }

    private static ZoetropeException failed(Path file, IOException e) {
        return ZoetropeException.io(e, "cannot write %s: %s", file, e.getMessage());
    }

    /** A protocol buffer under construction. */
    private static final class Message {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Message varint(int field, long value) {
            key(field, VARINT);
            varint(value);
            return this;
        }

        Message fixed64(int field, double value) {
            key(field, FIXED64);
            out.writeBytes(littleEndian(8).putDouble(value).array());
            return this;
        }

        Message fixed32(int field, float value) {
            key(field, FIXED32);
            out.writeBytes(littleEndian(4).putFloat(value).array());
            return this;
        }

        Message text(int field, String value) {
            return data(field, value.getBytes(StandardCharsets.UTF_8));
        }

        Message message(int field, Message value) {
            return data(field, value.bytes());
        }

        private Message data(int field, byte[] value) {
            key(field, BYTES);
            varint(value.length);
            out.writeBytes(value);
            return this;
        }

        private void key(int field, int type) {
            varint((long) field << 3 | type);
        }

        private void varint(long value) {
            long rest = value;
            while ((rest & ~0x7FL) != 0) {
                out.write((int) (rest & 0x7F | 0x80));
                rest >>>= 7;
            }
            out.write((int) rest);
        }

        private static ByteBuffer littleEndian(int size) {
            return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        }

        byte[] bytes() {
            return out.toByteArray();
        }
    }
}
