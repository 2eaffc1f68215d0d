package dev.zoetrope.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/** Reads the operands of pickle opcodes; a length is checked against what is left before anything is allocated. */
final class PickleInput {
    /** Pickles of real checkpoints have some hundred bytes a tensor. */
    static final int MAX_BYTES = 64 << 20;

    private static final int MAX_LINE_BYTES = 1000;
    private final ByteBuffer bytes;
    private final String file;

    PickleInput(ByteBuffer bytes, String file) {
        this.bytes = bytes.order(ByteOrder.LITTLE_ENDIAN);
        this.file = file;
    }

    int unsignedByte() {
        if (!bytes.hasRemaining()) {
            throw damaged("an operand reaches beyond its end");
        }
        return bytes.get() & 0xFF;
    }

    int unsignedShort() {
        return take(2).getShort() & 0xFFFF;
    }

    int signedInt() {
        return take(4).getInt();
    }

    long unsignedInt() {
        return take(4).getInt() & 0xFFFFFFFFL;
    }

    long signedLong() {
        return take(8).getLong();
    }

    void skip(long count) {
        take(count);
    }

    String text(long length) {
        return string(take(length), StandardCharsets.UTF_8);
    }

    String latin1(long length) {
        return string(take(length), StandardCharsets.ISO_8859_1);
    }

    /** A little-endian two's complement number of {@code length} bytes, at most 8. */
    long number(int length) {
        ByteBuffer number = take(length);
        long value = 0;
        for (int i = 0; i < length; i++) {
            value |= (number.get(i) & 0xFFL) << (8 * i);
        }
        int unused = Long.SIZE - 8 * length;
        return length == 0 ? 0 : value << unused >> unused;
    }

    /** A text up to the next line feed, as in the oldest opcodes. */
    String line() {
        int start = bytes.position();
        for (int length = 0; length <= MAX_LINE_BYTES && length < bytes.remaining(); length++) {
            if (bytes.get(start + length) == '\n') {
                String line = text(length);
                skip(1);
                return line;
            }
        }
        throw damaged("a name has no end");
    }

    /** Bytes read so far. */
    int position() {
        return bytes.position();
    }

    ZoetropeException damaged(String what) {
        return ZoetropeException.checkpoint(
                "%s: its pickle is damaged at byte %d: %s; fetch it again", file, bytes.position(), what);
    }

    private ByteBuffer take(long length) {
        if (length < 0 || length > bytes.remaining()) {
            throw damaged("an operand reaches beyond its end");
        }
        ByteBuffer part = bytes.slice(bytes.position(), (int) length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.position(bytes.position() + (int) length);
        return part;
    }

    private static String string(ByteBuffer part, Charset charset) {
        return charset.decode(part).toString();
    }
}
