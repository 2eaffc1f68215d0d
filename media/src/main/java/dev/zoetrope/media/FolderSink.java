package dev.zoetrope.media;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.zoetrope.tensor.AtomicFiles;
import dev.zoetrope.tensor.ZoetropeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;

/** A folder of numbered PNG pictures, each with the metadata, and their common description. */
final class FolderSink implements FrameSink {
    private final Path target;
    private final Path temporary;
    private final VideoOptions options;
    private int count;

    FolderSink(Path target, VideoOptions options) {
        this.target = target;
        this.options = options;
        temporary = AtomicFiles.temporarySibling(target);
        try {
            Files.createDirectory(temporary);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** Pictures are never mixed with what is already there. */
    static void checkTarget(Path target) {
        try (Stream<Path> entries = Files.exists(target) ? Files.list(target) : Stream.empty()) {
            if (entries.findAny().isPresent()) {
                throw ZoetropeException.badInput("the folder %s is not empty; delete it or give another name", target);
            }
        } catch (NotDirectoryException e) {
            throw ZoetropeException.badInput(
                    "%s is a file, expected a folder; add an extension such as .mp4 or give another name", target);
        } catch (IOException e) {
            throw ZoetropeException.io(e, "cannot list the folder %s: %s", target, e.getMessage());
        }
    }

    @Override
    public void write(Frame frame) {
        Map<String, String> metadata = options.metadata();
        Images.writePng(temporary.resolve("%06d.png".formatted(count++)), frame, metadata);
    }

    @Override
    public void finish() {
        var description = new FolderSource.Description(options.framesPerSecond(), options.metadata());
        try {
            AtomicFiles.writeString(
                    temporary.resolve(FolderSource.DESCRIPTION), new ObjectMapper().writeValueAsString(description));
            Files.deleteIfExists(target);
            AtomicFiles.moveIntoPlace(temporary, target);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private ZoetropeException failed(IOException e) {
        return ZoetropeException.io(e, "cannot write the folder %s: %s", target, e.getMessage());
    }

    @Override
    public void close() {
        if (!Files.isDirectory(temporary)) {
            return;
        }
        try (Stream<Path> entries = Files.list(temporary)) {
            for (Path entry : entries.toList()) {
                Files.deleteIfExists(entry);
            }
            Files.deleteIfExists(temporary);
        } catch (IOException e) {
            throw failed(e);
        }
    }
}
