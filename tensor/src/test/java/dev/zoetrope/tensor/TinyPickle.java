package dev.zoetrope.tensor;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Writes pickles opcode by opcode, protocol 2 as torch.save does unless a test asks for others. */
final class TinyPickle {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    /** A pickle that has only its protocol so far. */
    static TinyPickle start() {
        return new TinyPickle().op(0x80, 2);
    }

    /** Raw bytes. */
    TinyPickle op(int... bytes) {
        for (int b : bytes) {
            out.write(b);
        }
        return this;
    }

    TinyPickle text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        op('X');
        out.writeBytes(littleEndian(bytes.length));
        out.writeBytes(bytes);
        return this;
    }

    TinyPickle integer(long value) {
        if (value == (int) value) {
            op('J');
            out.writeBytes(littleEndian((int) value));
        } else {
            op(0x8a, 8);
            out.writeBytes(ByteBuffer.allocate(8)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(value)
                    .array());
        }
        return this;
    }

    TinyPickle global(String module, String name) {
        op('c');
        out.writeBytes((module + "\n" + name + "\n").getBytes(StandardCharsets.UTF_8));
        return this;
    }

    /** An empty {@code OrderedDict}. */
    TinyPickle orderedDict() {
        return global("collections", "OrderedDict").op(')', 'R');
    }

    TinyPickle integers(long... values) {
        op('(');
        for (long value : values) {
            integer(value);
        }
        return op('t');
    }

    /** A storage, as in {@code torch.FloatStorage}. */
    TinyPickle storage(String type, String key, long elements) {
        return op('(').text("storage")
                .global("torch", type)
                .text(key)
                .text("cpu")
                .integer(elements)
                .op('t', 'Q');
    }

    /** A call of {@code _rebuild_tensor_v2}. */
    TinyPickle tensor(String type, String key, long elements, long offset, long[] size, long... stride) {
        return global("torch._utils", "_rebuild_tensor_v2")
                .op('(')
                .storage(type, key, elements)
                .integer(offset)
                .integers(size)
                .integers(stride)
                .op(0x89)
                .orderedDict()
                .op('t', 'R');
    }

    /** A tensor of one row of three floats in storage 0, of which there must be three. */
    TinyPickle tensor() {
        return tensor("FloatStorage", "0", 3, 0, new long[] {1, 3}, 3, 1);
    }

    /** The pickle up to here with its end. */
    byte[] stop() {
        op('.');
        return out.toByteArray();
    }

    private static byte[] littleEndian(int value) {
        return ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(value)
                .array();
    }
}
