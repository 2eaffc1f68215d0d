package dev.zoetrope.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.zoetrope.media.Frame;
import dev.zoetrope.media.Images;
import dev.zoetrope.media.VideoReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What only shows in processes of their own: cold native caches, kills, memory over many clips. */
class ProcessTest {
    @TempDir
    Path folder = Path.of("");

    private Process start(Path log, List<String> jvmOptions, Object... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx256m", "-Xms256m", "-XX:+UseSerialGC", "-XX:+AlwaysPreTouch"));
        command.addAll(jvmOptions);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "dev.zoetrope.cli.Zoetrope"));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().put("OMP_WAIT_POLICY", "PASSIVE");
        return builder.start();
    }

    @Test
    void threeJvmsShareAnEmptyNativeCache() throws IOException, InterruptedException {
        Path model = TinyModel.write(folder.resolve("model"));
        List<String> cache = List.of("-Dorg.bytedeco.javacpp.cachedir=" + folder.resolve("cache"));
        List<Process> processes = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Object[] arguments = {
                "generate", "a red circle", "-m", model, "--steps", 1, "--frames", 1, "-o", folder.resolve(i + ".png")
            };
            processes.add(start(folder.resolve(i + ".log"), cache, arguments));
        }
        for (int i = 0; i < 3; i++) {
            assertThat(processes.get(i).waitFor(5, TimeUnit.MINUTES)).isTrue();
            assertThat(processes.get(i).exitValue())
                    .as(Files.readString(folder.resolve(i + ".log")))
                    .isZero();
        }
    }

    @Test
    void aKilledBatchGoesOnWithoutRedoingFinishedClips() throws IOException, InterruptedException {
        Path model = TinyModel.write(folder.resolve("model"));
        Path prompts = folder.resolve("prompts.txt");
        Files.write(
                prompts,
                IntStream.range(0, 6).mapToObj(i -> "red circle ".repeat(i + 1)).toList());
        Path whole = folder.resolve("whole");
        assertThat(batch(model, prompts, whole).waitFor(5, TimeUnit.MINUTES)).isTrue();
        Path killed = folder.resolve("killed");
        Process process = batch(model, prompts, killed);
        while (process.isAlive() && clips(killed).size() < 2) {
            Thread.sleep(5);
        }
        process.destroyForcibly().waitFor();
        Map<Path, FileTime> before = new HashMap<>();
        for (Path clip : clips(killed)) {
            before.put(clip, Files.getLastModifiedTime(clip));
        }
        assertThat(before).hasSizeGreaterThanOrEqualTo(2);
        assertThat(batch(model, prompts, killed).waitFor(5, TimeUnit.MINUTES)).isTrue();
        assertThat(clips(killed)).hasSize(6);
        for (Path clip : clips(killed)) {
            // The files differ in the command they carry.
            assertThat(frames(clip))
                    .usingElementComparator(Arrays::compare)
                    .isEqualTo(frames(whole.resolve(clip.getFileName())));
            if (before.containsKey(clip)) {
                assertThat(Files.getLastModifiedTime(clip)).isEqualTo(before.get(clip));
            }
        }
    }

    @Test
    void aKilledCompositionGoesOnWithoutRedoingFinishedClips() throws IOException, InterruptedException {
        Path stills = Files.createDirectories(folder.resolve("stills/noise"));
        for (int i = 0; i < 4; i++) {
            byte[] rgb = new byte[3 * 160 * 120];
            new Random(i).nextBytes(rgb);
            Images.writePng(stills.resolve(i + ".png"), new Frame(160, 120, rgb, 0));
        }
        Path whole = folder.resolve("whole");
        assertThat(compose(whole).waitFor(5, TimeUnit.MINUTES)).isTrue();
        Path killed = folder.resolve("killed");
        Path partial = folder.resolve(".killed.partial/clips");
        Process process = compose(killed);
        while (process.isAlive() && clips(partial).size() < 3) {
            Thread.sleep(5);
        }
        process.destroyForcibly().waitFor();
        assertThat(killed).doesNotExist();
        Path first = clips(partial).get(0);
        FileTime made = Files.getLastModifiedTime(first);
        assertThat(compose(killed).waitFor(5, TimeUnit.MINUTES)).isTrue();
        assertThat(Files.getLastModifiedTime(killed.resolve("clips").resolve(first.getFileName())))
                .isEqualTo(made);
        assertThat(folder.resolve(".killed.partial")).doesNotExist();
        assertThat(clips(killed.resolve("clips"))).hasSize(40);
        for (Path clip : clips(killed.resolve("clips"))) {
            assertThat(clip).hasSameBinaryContentAs(whole.resolve("clips").resolve(clip.getFileName()));
        }
        assertThat(killed.resolve("metadata.jsonl")).hasSameBinaryContentAs(whole.resolve("metadata.jsonl"));
        try (Stream<Path> files = Files.list(killed)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("clips", "metadata.jsonl", "sheet.png");
        }
    }

    private Process compose(Path out) throws IOException {
        Object[] arguments = {"data", "compose", "--stills", folder.resolve("stills"), "--clips", 40, "-o", out};
        return start(folder.resolve("compose.log"), List.of(), arguments);
    }

    private static List<byte[]> frames(Path clip) {
        return VideoReader.readAll(clip, 10).stream().map(Frame::rgb).toList();
    }

    private Process batch(Path model, Path prompts, Path out) throws IOException {
        Object[] arguments = {
            "generate", "-m", model, "--prompts", prompts, "--steps", 20, "--frames", 2, "--format", "png", "-o", out
        };
        return start(folder.resolve("batch.log"), List.of(), arguments);
    }

    private static List<Path> clips(Path out) throws IOException {
        if (!Files.isDirectory(out)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(out)) {
            return files.filter(f -> f.getFileName().toString().matches("\\d+-.*\\.png"))
                    .sorted()
                    .toList();
        }
    }

    /** Resident memory after the 20th clip is within 3 % of that after the fifth. */
    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "reads resident memory from /proc")
    void memoryStaysFlat() throws IOException, InterruptedException {
        Path model = TinyModel.write(folder.resolve("model"));
        Path prompts = folder.resolve("prompts.txt");
        Files.write(
                prompts, IntStream.range(0, 21).mapToObj(i -> "red circle " + i).toList());
        Path out = folder.resolve("clips");
        Object[] arguments = {
            "generate",
            "-m",
            model,
            "--prompts",
            prompts,
            "--steps",
            10,
            "--frames",
            8,
            "--format",
            "png",
            "--no-sheet",
            "-o",
            out
        };
        Process process = start(folder.resolve("memory.log"), List.of(), arguments);
        long fifth = residentAfter(process, out, 5);
        long twentieth = residentAfter(process, out, 20);
        assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue())
                .as(Files.readString(folder.resolve("memory.log")))
                .isZero();
        assertThat((double) twentieth / fifth).isLessThanOrEqualTo(1.03);
    }

    private static long residentAfter(Process process, Path out, int count) throws IOException, InterruptedException {
        while (clips(out).size() < count) {
            assertThat(process.isAlive()).isTrue();
            Thread.sleep(2);
        }
        return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }
}
