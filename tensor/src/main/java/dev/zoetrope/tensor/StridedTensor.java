package dev.zoetrope.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * A tensor as a window onto a mapped storage.
 *
 * @param entry name, type and shape
 * @param start position of its first element in the file, bytes
 * @param stride distance of neighbours along each dimension, elements, not negative
 * @param storageElements elements of the storage
 */
record StridedTensor(WeightEntry entry, long start, List<Long> stride, long storageElements) {
    /** An expanded tensor repeats the elements of its storage; larger ones than this would be a memory bomb. */
    private static final long MAX_EXPANDED_BYTES = 64L << 20;

    /**
     * Checks that all elements lie inside the storage.
     *
     * @param offset first element in the storage
     * @throws ZoetropeException (CHECKPOINT_MISMATCH) if they do not
     */
    static void check(String file, WeightEntry entry, long offset, List<Long> stride, long storageElements) {
        boolean outside = offset < 0;
        if (!outside && entry.elements() > 0) {
            try {
                long last = offset;
                for (int i = 0; i < stride.size(); i++) {
                    outside |= stride.get(i) < 0;
                    long reach = Math.multiplyExact(entry.shape().get(i) - 1, stride.get(i));
                    last = Math.addExact(last, reach);
                }
                outside |= last >= storageElements;
            } catch (ArithmeticException e) {
                outside = true;
            }
        }
        if (outside) {
            throw ZoetropeException.checkpoint(
                    "%s: tensor '%s' of shape %s with strides %s from element %d lies outside its storage of %d elements;"
                            + " the file is damaged",
                    file, Messages.clip(entry.name()), entry.shape(), stride, offset, storageElements);
        }
    }

    /** Whether the elements lie in the file one after the other, in the order of the dimensions. */
    boolean isContiguous() {
        return contiguousFrom() == 0 || entry.elements() == 0;
    }

    /**
     * The elements in order, copied.
     *
     * @throws ZoetropeException CHECKPOINT_MISMATCH if the tensor is too big to copy; OUT_OF_MEMORY if there is no room
     */
    ByteBuffer gather(MappedFile file) {
        long bytes = entry.byteSize();
        long span = span() * entry.dtype().bytes();
        boolean expanded = entry.elements() > storageElements && bytes > MAX_EXPANDED_BYTES;
        if (expanded || bytes > Integer.MAX_VALUE || span > Integer.MAX_VALUE) {
            throw ZoetropeException.checkpoint(
                    "%s: tensor '%s' of shape %s with strides %s is too big to rearrange; save it again after .contiguous()",
                    file.path(), Messages.clip(entry.name()), entry.shape(), stride);
        }
        ByteBuffer target = allocate(file, (int) bytes);
        copy(file.view(start, (int) span), target);
        return target.flip().asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }

    private ByteBuffer allocate(MappedFile file, int bytes) {
        try {
            return ByteBuffer.allocateDirect(bytes);
        } catch (OutOfMemoryError e) {
            throw new ZoetropeException(
                    ErrorCode.OUT_OF_MEMORY,
                    String.format(
                            "%s: no room for the %d bytes of tensor '%s'; raise -Xmx or -XX:MaxDirectMemorySize",
                            file.path(), bytes, Messages.clip(entry.name())),
                    e);
        }
    }

    /** Copies block after block; the dimensions before the first contiguous one are counted like an odometer. */
    private void copy(ByteBuffer source, ByteBuffer target) {
        int outer = contiguousFrom();
        int size = entry.dtype().bytes();
        int block = size;
        for (int i = outer; i < stride.size(); i++) {
            block = (int) (block * entry.shape().get(i));
        }
        long[] index = new long[outer];
        long from = 0;
        while (target.hasRemaining()) {
            target.put(target.position(), source, (int) (from * size), block);
            target.position(target.position() + block);
            from = advance(index, from);
        }
    }

    /** Steps to the next block and returns its element offset from the first element. */
    private long advance(long[] index, long from) {
        long next = from;
        for (int i = index.length - 1; i >= 0; i--) {
            next += stride.get(i);
            if (++index[i] < entry.shape().get(i)) {
                return next;
            }
            next -= index[i] * stride.get(i);
            index[i] = 0;
        }
        return next;
    }

    /** The first dimension from which on the elements lie one after the other. */
    private int contiguousFrom() {
        long expected = 1;
        for (int i = stride.size() - 1; i >= 0; i--) {
            long size = entry.shape().get(i);
            if (size != 1 && stride.get(i) != expected) {
                return i + 1;
            }
            expected *= size;
        }
        return 0;
    }

    /** Elements from the first to the last one, both included. */
    private long span() {
        long span = 1;
        for (int i = 0; i < stride.size(); i++) {
            span += (entry.shape().get(i) - 1) * stride.get(i);
        }
        return span;
    }
}
