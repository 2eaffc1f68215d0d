package dev.zoetrope.cli;

import dev.zoetrope.media.Frame;
import dev.zoetrope.media.VideoOptions;
import dev.zoetrope.media.VideoReader;
import dev.zoetrope.media.VideoWriter;
import dev.zoetrope.tensor.LibTorch;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.SeededGenerator;
import dev.zoetrope.tensor.Tensors;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** Loads and uses a native library in a process of its own, so that a crash ends that process and not the diagnosis. */
final class NativeProbe {
    private static final long PATIENCE_SECONDS = 180;
    private static final List<String> FORMATS = List.of("mp4", "webm", "gif", "png", "webp");

    /** What is loaded. */
    enum Kind {
        LIBTORCH,
        FFMPEG
    }

    private NativeProbe() {}

    /** Runs in the child process; prints one line. */
    public static void main(String[] args) throws IOException {
        System.out.println(Kind.valueOf(args[0]) == Kind.LIBTORCH ? libTorch() : ffmpeg());
    }

    private static String libTorch() {
        long start = System.nanoTime();
        LibTorch.load();
        double seconds = (System.nanoTime() - start) / 1e9;
        try (Scope scope = Scope.noGrad();
                SeededGenerator generator = new SeededGenerator(0)) {
            double first = Tensors.toFloats(Ops.mul(generator.normal(16), 2))[0];
            return String.format(
                    Locale.ROOT,
                    "loaded in %.1f s, %d threads, first normal number of seed 0 is %.4f",
                    seconds,
                    LibTorch.threads(),
                    first / 2);
        }
    }

    private static String ffmpeg() throws IOException {
        Path folder = Files.createTempDirectory("zoetrope-doctor");
        List<String> done = new ArrayList<>();
        try {
            for (String format : FORMATS) {
                Path file = folder.resolve("probe." + format);
                try (VideoWriter writer = VideoWriter.open(file, VideoOptions.of(8))) {
                    for (int i = 0; i < 2; i++) {
                        writer.write(new Frame(16, 16, new byte[16 * 16 * 3], i / 8.0));
                    }
                    writer.finish();
                }
                if (VideoReader.readAll(file, 10).isEmpty()) {
                    throw new IOException(format + " was written but cannot be read");
                }
                done.add(format);
                Files.delete(file);
            }
        } finally {
            Files.deleteIfExists(folder);
        }
        return "writes and reads " + String.join(", ", done);
    }

    static Finding fork(Kind kind) {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElse("java"));
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument ->
                        argument.startsWith("-D") || argument.startsWith("-X") || argument.startsWith("--enable"))
                .toList());
        command.addAll(
                List.of("-cp", System.getProperty("java.class.path", ""), NativeProbe.class.getName(), kind.name()));
        String subject = kind.name().toLowerCase(Locale.ROOT);
        try {
            return outcome(subject, new ProcessBuilder(command).redirectErrorStream(true));
        } catch (IOException e) {
            return Finding.fail(subject, "the check could not be started: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Finding.fail(subject, "interrupted");
        }
    }

    private static Finding outcome(String subject, ProcessBuilder builder) throws IOException, InterruptedException {
        Path log = Files.createTempFile("zoetrope-doctor", ".log");
        Path crash = Files.createTempFile("zoetrope-doctor", ".crash");
        try {
            builder.command().add(1, "-XX:ErrorFile=" + crash);
            Process process = builder.redirectOutput(log.toFile()).start();
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return Finding.fail(subject, "no answer within " + PATIENCE_SECONDS + " s");
            }
            List<String> lines = new String(Files.readAllBytes(log), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank())
                    .toList();
            int status = process.exitValue();
            if (status == 0 && !lines.isEmpty()) {
                return Finding.ok(subject, lines.get(lines.size() - 1));
            }
            String said = lines.stream()
                    .filter(line -> line.contains("Exception") || line.contains("SIG") || line.contains("Error"))
                    .findFirst()
                    .orElse(lines.isEmpty() ? "nothing" : lines.get(0));
            String how =
                    status > 128 ? "the process crashed (status " + status + ")" : "failed (status " + status + ")";
            return Finding.fail(subject, how + ": " + Texts.clip(said, 300));
        } finally {
            Files.deleteIfExists(log);
            Files.deleteIfExists(crash);
        }
    }
}
