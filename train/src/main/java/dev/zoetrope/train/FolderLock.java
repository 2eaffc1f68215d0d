package dev.zoetrope.train;

import dev.zoetrope.tensor.ZoetropeException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** Two runs must not write one folder. The lock ends with the process, however it ends. */
final class FolderLock implements AutoCloseable {
    private final FileChannel channel;

    private FolderLock(FileChannel channel) {
        this.channel = channel;
    }

    /** @throws ZoetropeException BAD_INPUT if another run has the folder; IO if it cannot be written */
    static FolderLock take(Path folder) {
        try {
            Files.createDirectories(folder);
            FileChannel channel =
                    FileChannel.open(folder.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (tryLock(channel) == null) {
                channel.close();
                throw ZoetropeException.badInput(
                        "another run is training in %s; wait for it or choose another output folder", folder);
            }
            return new FolderLock(channel);
        } catch (IOException e) {
            throw ZoetropeException.io(e, "cannot write in %s: %s", folder, e.getMessage());
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null; // held by this process
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw ZoetropeException.io(e, "cannot close the lock of the output folder: %s", e.getMessage());
        }
    }
}
