package dev.zoetrope.tensor;

import java.util.List;

/**
 * Name, element type and shape of a tensor in a weight file; no data.
 *
 * @param name key in the state dict, such as {@code down_blocks.0.resnets.0.conv1.weight}
 * @param dtype element type as stored
 * @param shape sizes, outermost first; empty for a scalar; zero sizes are allowed
 */
public record WeightEntry(String name, Dtype dtype, List<Long> shape) {
    /** More dimensions than any network has; bounds what a hostile file can make us keep. */
    static final int MAX_DIMENSIONS = 64;

    /** @throws ZoetropeException (CHECKPOINT_MISMATCH) if a size is negative or the tensor is larger than 2^63 bytes */
    public WeightEntry {
        shape = List.copyOf(shape);
        byteSize(name, dtype, shape);
    }

    /** Number of elements: the product of the shape, 1 for a scalar. */
    public long elements() {
        return byteSize() / dtype.bytes();
    }

    /** Size of the data in bytes. */
    public long byteSize() {
        return byteSize(name, dtype, shape);
    }

    private static long byteSize(String name, Dtype dtype, List<Long> shape) {
        if (shape.size() > MAX_DIMENSIONS) {
            throw ZoetropeException.checkpoint(
                    "tensor '%s' has %d dimensions, at most %d are supported; the file is damaged",
                    Messages.clip(name), shape.size(), MAX_DIMENSIONS);
        }
        long bytes = dtype.bytes();
        boolean empty = false;
        try {
            for (long size : shape) {
                if (size < 0) {
                    throw ZoetropeException.checkpoint(
                            "tensor '%s' has the negative size %d in its shape; the file is damaged",
                            Messages.clip(name), size);
                }
                empty |= size == 0;
                bytes = Math.multiplyExact(bytes, Math.max(1, size));
            }
        } catch (ArithmeticException e) {
            throw ZoetropeException.checkpoint(
                    "tensor '%s' of shape %s is larger than 2^63 bytes; the file is damaged",
                    Messages.clip(name), shape);
        }
        return empty ? 0 : bytes;
    }
}
