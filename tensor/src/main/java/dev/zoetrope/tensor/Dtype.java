package dev.zoetrope.tensor;

import java.util.Optional;

/**
 * The element types of weight files, named as in safetensors headers. The declaration order is that of the reference
 * writer (by alignment), which {@link SafetensorsWriter} follows; nothing else depends on it.
 */
public enum Dtype {
    BOOL(1),
    U8(1),
    I8(1),
    I16(2),
    F16(2),
    BF16(2),
    I32(4),
    F32(4),
    F64(8),
    I64(8);

    private final int bytes;

    Dtype(int bytes) {
        this.bytes = bytes;
    }

    /** Size of one element in bytes. */
    public int bytes() {
        return bytes;
    }

    /** The type with this safetensors name, such as {@code "BF16"}; empty for types Zoetrope does not read. */
    public static Optional<Dtype> named(String name) {
        for (Dtype dtype : values()) {
            if (dtype.name().equals(name)) {
                return Optional.of(dtype);
            }
        }
        return Optional.empty();
    }
}
