package dev.zoetrope.tensor;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;

/** Files are written whole or not at all: temporary sibling, fsync, atomic rename. */
public final class AtomicFiles {
    private static final String PART = ".part";

    private AtomicFiles() {}

    /** Writes the content of a file. */
    @FunctionalInterface
    public interface Body {
        void writeTo(OutputStream out) throws IOException;
    }

    /**
     * Replaces {@code target} by what {@code body} writes. On any failure the old file stays as it was and nothing else
     * is left behind. Missing parent folders are created.
     */
    public static void write(Path target, Body body) {
        Path temporary = temporarySibling(target);
        try {
            try (FileChannel channel =
                            FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                    OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16)) {
                body.writeTo(out);
                out.flush();
                channel.force(true);
            }
            moveIntoPlace(temporary, target);
        } catch (IOException e) {
            throw ZoetropeException.io(e, "cannot write %s: %s", target, e.getMessage());
        } finally {
            deleteQuietly(temporary);
        }
    }

    /** As {@link #write(Path, Body)}, with the UTF-8 bytes of a text. */
    public static void writeString(Path target, String text) {
        write(target, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
    }

    /**
     * A name beside {@code target} for a file that is not finished; the parent folder is created, and what killed processes
     * left of the same target is removed.
     */
    public static Path temporarySibling(Path target) {
        Path absolute = target.toAbsolutePath();
        Path parent = absolute.getParent();
        Path name = absolute.getFileName();
        if (parent == null || name == null) {
            throw ZoetropeException.badInput("%s is not a file name", target);
        }
        try {
            Files.createDirectories(parent);
        } catch (IOException e) {
            throw ZoetropeException.io(e, "cannot create the folder %s: %s", parent, e.getMessage());
        }
        String prefix = "." + name + ".";
        removeLeftovers(parent, prefix);
        return parent.resolve(prefix + ProcessHandle.current().pid() + "-" + System.nanoTime() + PART);
    }

    private static void removeLeftovers(Path folder, String prefix) {
        try (Stream<Path> files = Files.list(folder)) {
            files.filter(file -> isLeftover(file.getFileName().toString(), prefix))
                    .forEach(AtomicFiles::deleteQuietly);
        } catch (IOException | UncheckedIOException e) {
            // Tidying may fail where writing works, such as in a folder that cannot be listed.
        }
    }

    /** Whether a name is that of an unfinished file whose process is gone. */
    private static boolean isLeftover(String name, String prefix) {
        if (!name.startsWith(prefix) || !name.endsWith(PART)) {
            return false;
        }
        String pid = name.substring(prefix.length()).split("-", 2)[0];
        return pid.matches("\\d{1,18}") && ProcessHandle.of(Long.parseLong(pid)).isEmpty();
    }

    /** Renames a finished temporary file to its target, replacing an older one in a single step. */
    public static void moveIntoPlace(Path temporary, Path target) throws IOException {
        try {
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(temporary, target, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static void deleteQuietly(Path temporary) {
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException e) {
            // A leftover temporary file is harmless, and the failure that led here is the one to report.
            temporary.toFile().deleteOnExit();
        }
    }
}
