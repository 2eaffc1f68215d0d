package dev.zoetrope.tensor;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;

/**
 * A safetensors file, mapped into memory: 8 bytes header length (little endian), a JSON header, and the data. The
 * header is checked completely when the file is opened; data is mapped when it is read and never copied.
 *
 * @see <a href="https://github.com/huggingface/safetensors">the format</a>
 */
public final class Safetensors implements WeightSource {
    private final MappedFile file;
    private final SafetensorsHeader header;

    private Safetensors(MappedFile file, SafetensorsHeader header) {
        this.file = file;
        this.header = header;
    }

    /**
     * Opens a file and checks its header.
     *
     * @throws ZoetropeException BAD_INPUT if there is no such file or it is a Git-LFS pointer; CHECKPOINT_MISMATCH,
     *     naming file and key, if it is cut short, damaged, or has element types that are not supported; IO if it
     *     cannot be read
     */
    public static Safetensors open(Path path) {
        MappedFile file = MappedFile.open(path);
        try {
            return new Safetensors(file, SafetensorsHeader.read(file));
        } catch (Throwable e) {
            file.close();
            throw e;
        }
    }

    @Override
    public SortedMap<String, WeightEntry> entries() {
        return header.entries();
    }

    @Override
    public Map<String, String> metadata() {
        return header.metadata();
    }

    @Override
    public String description() {
        return file.path().toString();
    }

    @Override
    public ByteBuffer bytes(String name) {
        return WeightRanges.whole(this, name);
    }

    @Override
    public ByteBuffer bytes(String name, long offset, int length) {
        WeightRanges.check(this, entry(name), offset, length);
        long start = Objects.requireNonNull(header.starts().get(name));
        return file.view(start + offset, length);
    }

    @Override
    public void read(String name, long offset, ByteBuffer target) {
        WeightRanges.check(this, entry(name), offset, target.remaining());
        long start = Objects.requireNonNull(header.starts().get(name));
        file.read(start + offset, target);
    }

    @Override
    public void close() {
        file.close();
    }
}
