package dev.zoetrope.cli;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Checks of arguments that need nothing loaded. */
final class Check {
    private Check() {}

    static void range(String option, long value, long low, long high) {
        if (value < low || value > high) {
            throw ZoetropeException.badInput("%s must be between %d and %d, got %d", option, low, high, value);
        }
    }

    static void range(String option, double value, double low, double high) {
        if (!(value >= low && value <= high)) {
            throw ZoetropeException.badInput("%s must be between %s and %s, got %s", option, low, high, value);
        }
    }

    @FormatMethod
    static void that(boolean condition, @FormatString String message, Object... arguments) {
        if (!condition) {
            throw ZoetropeException.badInput(message, arguments);
        }
    }

    static Path folder(String what, Path path) {
        that(Files.exists(path), "%s %s does not exist", what, path);
        that(Files.isDirectory(path), "%s %s is not a folder", what, path);
        return path;
    }

    static Path file(String what, Path path) {
        that(Files.exists(path), "%s %s does not exist", what, path);
        that(Files.isRegularFile(path), "%s %s is not a file", what, path);
        return path;
    }
}
