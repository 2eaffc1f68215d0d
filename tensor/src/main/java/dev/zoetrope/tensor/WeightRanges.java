package dev.zoetrope.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Range checks shared by the implementations of {@link WeightSource}. */
final class WeightRanges {
    private WeightRanges() {}

    /** @throws ZoetropeException (CHECKPOINT_MISMATCH) if the range does not lie inside the tensor */
    static void check(WeightSource source, WeightEntry entry, long offset, int length) {
        if (offset < 0 || length < 0 || length > entry.byteSize() - offset) {
            throw ZoetropeException.checkpoint(
                    "%s: bytes %d to %d of tensor '%s' lie outside its %d bytes",
                    source.description(), offset, offset + length, Messages.clip(entry.name()), entry.byteSize());
        }
    }

    /** All bytes of a tensor, read as one range. */
    static ByteBuffer whole(WeightSource source, String name) {
        long size = source.entry(name).byteSize();
        if (size > Integer.MAX_VALUE) {
            throw ZoetropeException.checkpoint(
                    "%s: tensor '%s' has %d bytes, one buffer holds less than 2 GiB; read it in ranges",
                    source.description(), Messages.clip(name), size);
        }
        return source.bytes(name, 0, (int) size);
    }

    /** A range cut out of the whole tensor. */
    static ByteBuffer slice(WeightSource source, String name, long offset, int length) {
        check(source, source.entry(name), offset, length);
        return source.bytes(name).slice((int) offset, length).order(ByteOrder.LITTLE_ENDIAN);
    }
}
