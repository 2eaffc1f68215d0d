package dev.zoetrope.tensor;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A file of any size mapped for reading. Java maps less than 2 GiB at once, so the file is covered by overlapping
 * windows of 2 GiB, one starting at every GiB, mapped when first touched: a range of up to 1 GiB always lies in one
 * window, longer ranges get a mapping of their own.
 *
 * <p>The JDK unmaps when no buffer is reachable any more, so views outlive {@link #close()}. A file that another
 * process shortens while it is mapped makes reads fail with an {@link InternalError}; Zoetrope's own writers replace
 * files and never change them in place.
 */
final class MappedFile implements AutoCloseable {
    private static final long WINDOW_STEP = 1L << 30;

    private final Path path;
    private final FileChannel channel;
    private final long size;
    private final Map<Long, MappedByteBuffer> windows = new ConcurrentHashMap<>();

    private MappedFile(Path path, FileChannel channel, long size) {
        this.path = path;
        this.channel = channel;
        this.size = size;
    }

    /** @throws ZoetropeException BAD_INPUT if there is no such regular file, IO if it cannot be read */
    static MappedFile open(Path path) {
        if (!Files.isRegularFile(path)) {
            throw ZoetropeException.badInput(
                    "%s: %s; give the path of a weight file",
                    path, Files.exists(path) ? "not a regular file" : "no such file");
        }
        try {
            FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
            return new MappedFile(path, channel, channel.size());
        } catch (IOException e) {
            throw ZoetropeException.io(e, "%s: cannot be opened (%s); check its permissions", path, e.getMessage());
        }
    }

    Path path() {
        return path;
    }

    long size() {
        return size;
    }

    /** The first {@code maxBytes} bytes or the whole file if it is shorter, copied and not mapped. */
    byte[] head(int maxBytes) {
        ByteBuffer head = ByteBuffer.allocate((int) Math.min(size, maxBytes));
        try {
            int count = 0;
            while (head.hasRemaining() && count >= 0) {
                count = channel.read(head, head.position());
            }
        } catch (IOException e) {
            throw ZoetropeException.io(e, "%s: cannot be read (%s)", path, e.getMessage());
        }
        return Arrays.copyOf(head.array(), head.position());
    }

    /** A read-only little-endian view; the caller has checked that the range lies inside the file. */
    ByteBuffer view(long offset, int length) {
        if (offset < 0 || length < 0 || length > size - offset) {
            throw ZoetropeException.checkpoint(
                    "%s: bytes %d to %d lie outside its %d bytes; the file is cut short",
                    path, offset, offset + length, size);
        }
        if (!channel.isOpen()) {
            throw ZoetropeException.badInput("%s: already closed; read the tensors before closing the file", path);
        }
        if (length > WINDOW_STEP) {
            return map(offset, length).order(ByteOrder.LITTLE_ENDIAN);
        }
        MappedByteBuffer window = windows.computeIfAbsent(offset / WINDOW_STEP, this::mapWindow);
        return window.slice((int) (offset % WINDOW_STEP), length).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Fills {@code target} from {@code offset} on by reading, so that no pages stay mapped. */
    void read(long offset, ByteBuffer target) {
        long position = offset;
        try {
            while (target.hasRemaining()) {
                int count = channel.read(target, position);
                if (count < 0) {
                    throw ZoetropeException.checkpoint(
                            "%s: ends at byte %d of %d; it was cut short while it was read", path, position, size);
                }
                position += count;
            }
        } catch (IOException e) {
            throw ZoetropeException.io(e, "%s: cannot be read (%s)", path, e.getMessage());
        }
    }

    private MappedByteBuffer mapWindow(long index) {
        long start = index * WINDOW_STEP;
        return map(start, Math.min(size - start, Integer.MAX_VALUE));
    }

    private MappedByteBuffer map(long offset, long length) {
        try {
            return channel.map(FileChannel.MapMode.READ_ONLY, offset, length);
        } catch (IOException e) {
            throw ZoetropeException.io(e, "%s: cannot be mapped into memory (%s)", path, e.getMessage());
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw ZoetropeException.io(e, "%s: cannot be closed (%s)", path, e.getMessage());
        }
    }
}
