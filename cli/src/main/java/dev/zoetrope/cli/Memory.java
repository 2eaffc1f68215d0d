package dev.zoetrope.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** Memory as the operating system counts it; empty where it does not say. */
final class Memory {
    private static final long KIB = 1024;

    private Memory() {}

    /** The most this process has held so far. */
    static OptionalLong peakBytes() {
        return field(Path.of("/proc/self/status"), "VmHWM:");
    }

    /** What this process holds. */
    static OptionalLong residentBytes() {
        return field(Path.of("/proc/self/status"), "VmRSS:");
    }

    /** What can still be had without swapping. */
    static OptionalLong availableBytes() {
        return field(Path.of("/proc/meminfo"), "MemAvailable:");
    }

    private static OptionalLong field(Path file, String name) {
        if (!Files.isReadable(file)) {
            return OptionalLong.empty();
        }
        try {
            return Files.readAllLines(file).stream()
                    .filter(line -> line.startsWith(name))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * KIB)
                    .findFirst();
        } catch (IOException | NumberFormatException e) {
            return OptionalLong.empty();
        }
    }
}
