package dev.zoetrope.cli;

import dev.zoetrope.tensor.ZoetropeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;

/** A folder that appears whole or not at all: it is written beside its place and then moved there. */
final class NewFolder {
    private NewFolder() {}

    /** @throws ZoetropeException BAD_INPUT if something other than an empty folder is there already */
    static void check(Path target) {
        Check.that(!Files.exists(target) || isEmptyFolder(target), "%s is there already; give a new folder", target);
    }

    /** Lets {@code writer} fill a temporary folder and moves it to {@code target}; after a failure nothing is left. */
    static void write(Path target, Consumer<Path> writer) {
        Path partial = partial(target);
        // Ctrl-C ends the process without unwinding this method.
        Thread cleanUp = new Thread(() -> delete(partial));
        Runtime.getRuntime().addShutdownHook(cleanUp);
        try {
            fill(target, partial, folder -> {
                writer.accept(folder);
                return folder;
            });
        } finally {
            removeHook(cleanUp);
        }
    }

    /**
     * As {@link #write}, for a writer that continues what a stopped run left in its folder: after a failure the folder stays,
     * unless nothing is in it.
     */
    static <R> R writeContinued(Path target, Function<Path, R> writer) {
        Path partial = continued(target);
        try {
            return move(target, partial, writer);
        } finally {
            if (holdsNothing(partial)) {
                delete(partial);
            }
        }
    }

    /** Where {@link #writeContinued} writes, beside {@code target}. */
    static Path continued(Path target) {
        check(target);
        Path whole = target.toAbsolutePath().normalize();
        return whole.resolveSibling("." + whole.getFileName() + ".partial");
    }

    private static boolean holdsNothing(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.allMatch(Files::isDirectory);
        } catch (IOException e) {
            return false;
        }
    }

    private static Path partial(Path target) {
        check(target);
        Path whole = target.toAbsolutePath().normalize();
        return whole.resolveSibling("." + whole.getFileName() + ".partial-"
                + ProcessHandle.current().pid());
    }

    private static <R> R fill(Path target, Path partial, Function<Path, R> writer) {
        try {
            return move(target, partial, writer);
        } finally {
            delete(partial);
        }
    }

    private static <R> R move(Path target, Path partial, Function<Path, R> writer) {
        Path whole = target.toAbsolutePath().normalize();
        try {
            Files.createDirectories(partial);
            R result = writer.apply(partial);
            Files.deleteIfExists(whole);
            Files.move(partial, whole);
            return result;
        } catch (IOException e) {
            throw ZoetropeException.io(e, "%s cannot be written: %s", target, e.getMessage());
        }
    }

    private static void removeHook(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is ending: the hook runs, and finds nothing or deletes what is left.
        }
    }

    private static boolean isEmptyFolder(Path path) {
        try (Stream<Path> children = Files.list(path)) {
            return children.findAny().isEmpty();
        } catch (IOException e) {
            return false;
        }
    }

    private static void delete(Path folder) {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
            for (Path file : deepestFirst) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw ZoetropeException.io(e, "%s cannot be deleted: %s", folder, e.getMessage());
        }
    }
}
