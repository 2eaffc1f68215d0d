package dev.zoetrope.tensor;

import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.bytedeco.javacpp.Loader;

/**
 * The one guarded way to load native code. JavaCPP unpacks its libraries into a cache folder on first use; a second JVM
 * that starts meanwhile would map half-written files and crash, so every load happens under a lock file in that cache.
 */
public final class NativeLibraries {
    private NativeLibraries() {}

    /**
     * Runs {@code loader} (for example {@code () -> Loader.load(avcodec.class)}) while no other process or thread loads
     * native code.
     *
     * @throws ZoetropeException NATIVE if the library cannot be linked, IO if the cache folder cannot be written
     */
    public static synchronized void load(Runnable loader) {
        Path cache = cacheFolder();
        try (FileChannel channel = FileChannel.open(
                        cache.resolve(".zoetrope-native.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = channel.lock()) {
            if (!lock.isValid()) {
                throw new IOException("the lock was lost");
            }
            loader.run();
        } catch (IOException e) {
            throw ZoetropeException.io(
                    e,
                    "cannot lock the cache of native libraries %s: %s; make the folder writable or set"
                            + " -Dorg.bytedeco.javacpp.cachedir",
                    cache,
                    e.getMessage());
        } catch (LinkageError e) {
            throw new ZoetropeException(
                    ErrorCode.NATIVE,
                    "a native library could not be loaded from " + cache + ": " + firstLine(e)
                            + "; run `zoetrope doctor` for a diagnosis",
                    e);
        }
    }

    /** The folder into which JavaCPP unpacks native libraries. */
    public static Path cacheFolder() {
        try {
            File folder = Loader.getCacheDir();
            Files.createDirectories(folder.toPath());
            return folder.toPath();
        } catch (IOException e) {
            throw ZoetropeException.io(
                    e,
                    "no folder for native libraries can be written (%s): set -Dorg.bytedeco.javacpp.cachedir",
                    e.getMessage());
        }
    }

    /** The first line of a native error message; the rest is a C++ stack trace. */
    public static String firstLine(Throwable error) {
        String message = error.getMessage();
        return message == null
                ? error.getClass().getSimpleName()
                : message.lines().findFirst().orElse("");
    }
}
