package dev.zoetrope.cli;

import dev.zoetrope.tensor.NativeLibraries;
import dev.zoetrope.tensor.ZoetropeException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** What `doctor` looks at. Nothing native is loaded in this process. */
final class Diagnosis {
    private static final long GIB = 1L << 30;
    private static final List<String> SYSTEM_LIBRARIES = List.of(
            "/usr/lib",
            "/usr/lib64",
            "/usr/local/lib",
            "/lib",
            "/usr/lib/x86_64-linux-gnu",
            "/usr/lib/aarch64-linux-gnu");

    private Diagnosis() {}

    static List<Finding> run() {
        List<Finding> findings = new ArrayList<>();
        findings.add(java());
        findings.add(memory());
        findings.addAll(cache());
        findings.add(systemLibTorch());
        findings.add(threads());
        findings.add(NativeProbe.fork(NativeProbe.Kind.LIBTORCH));
        findings.add(NativeProbe.fork(NativeProbe.Kind.FFMPEG));
        findings.add(presets());
        return findings;
    }

    private static Finding java() {
        return Finding.ok(
                "java",
                Runtime.version() + ", " + System.getProperty("os.name") + " " + System.getProperty("os.arch") + ", "
                        + Runtime.getRuntime().availableProcessors() + " cores");
    }

    private static Finding memory() {
        Optional<Long> physical = physicalMemory();
        String seen = "physical " + physical.map(Texts::bytes).orElse("unknown") + ", Java heap at most "
                + Texts.bytes(Runtime.getRuntime().maxMemory()) + ", native limit "
                + System.getProperty("org.bytedeco.javacpp.maxPhysicalBytes", "not set");
        if (System.getProperty("org.bytedeco.javacpp.maxPhysicalBytes") == null) {
            return Finding.warn(
                    "memory", seen + "; start through bin/zoetrope or set -Dorg.bytedeco.javacpp.maxPhysicalBytes");
        }
        return physical.isPresent() && physical.get() < 2 * GIB
                ? Finding.warn("memory", seen + "; the shipped model needs about 1 GiB, others more")
                : Finding.ok("memory", seen);
    }

    static Optional<Long> physicalMemory() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean os
                ? Optional.of(os.getTotalMemorySize())
                : Optional.empty();
    }

    private static List<Finding> cache() {
        Path cache;
        try {
            cache = NativeLibraries.cacheFolder();
            Path probe = Files.createTempFile(cache, ".zoetrope-doctor", null);
            Files.delete(probe);
        } catch (ZoetropeException | IOException e) {
            return List.of(Finding.fail("native cache", String.valueOf(e.getMessage())));
        }
        List<Finding> findings = new ArrayList<>();
        findings.add(Finding.ok("native cache", cache + ", " + Texts.bytes(size(cache))));
        try {
            long free = Files.getFileStore(cache).getUsableSpace();
            findings.add(
                    free < GIB
                            ? Finding.warn("disk", Texts.bytes(free) + " free at the cache; the libraries take 0.4 GiB")
                            : Finding.ok("disk", Texts.bytes(free) + " free at the cache"));
        } catch (IOException e) {
            findings.add(Finding.warn("disk", "free space unknown: " + e.getMessage()));
        }
        return findings;
    }

    private static long size(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        } catch (IOException e) {
            return 0;
        }
    }

    /** A libtorch of the system is found by the loader before ours and crashes the first load. */
    private static Finding systemLibTorch() {
        Set<String> folders = new LinkedHashSet<>(SYSTEM_LIBRARIES);
        String path = System.getenv("LD_LIBRARY_PATH");
        if (path != null) {
            folders.addAll(Arrays.asList(path.split(":")));
        }
        List<String> found = folders.stream()
                .filter(folder -> !folder.isBlank() && Files.exists(Path.of(folder, "libtorch_cpu.so")))
                .toList();
        return found.isEmpty()
                ? Finding.ok("system", "no other LibTorch in the loader's folders")
                : Finding.warn(
                        "system",
                        "another libtorch_cpu.so lies in " + String.join(", ", found)
                                + "; if LibTorch below crashes, remove that package (Debian: libtorch-dev)"
                                + " or take its folder out of LD_LIBRARY_PATH");
    }

    private static Finding threads() {
        String policy = String.valueOf(System.getenv("OMP_WAIT_POLICY"));
        String seen = "OMP_NUM_THREADS=" + System.getenv("OMP_NUM_THREADS") + " OMP_WAIT_POLICY=" + policy
                + " OPENBLAS_NUM_THREADS=" + System.getenv("OPENBLAS_NUM_THREADS")
                + " OPENBLAS_THREAD_TIMEOUT=" + System.getenv("OPENBLAS_THREAD_TIMEOUT");
        return policy.equalsIgnoreCase("passive")
                ? Finding.ok("threads", seen)
                : Finding.warn("threads", seen + "; waiting threads will spin: set OMP_WAIT_POLICY=PASSIVE");
    }

    private static Finding presets() {
        Path preset = ModelChoice.defaultFolder();
        return Files.isRegularFile(preset.resolve("model_index.json"))
                ? Finding.ok("preset", preset.toString())
                : Finding.warn(
                        "preset", preset + " is not there; give --model, or train one: zoetrope train text-to-video");
    }
}
