package dev.zoetrope.train;

import dev.zoetrope.tensor.Scope;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A run in a process of its own, for tests that end it from outside. */
final class ForkedRun {
    static final long STEPS = 500;

    private ForkedRun() {}

    static TrainingOptions options(Path folder) {
        return TrainingOptions.builder(folder)
                .steps(STEPS)
                .checkpointEvery(20)
                .logEvery(10)
                .sampleEvery(0)
                .build();
    }

    /** Trains in the folder of the first argument and prints the number of each step. */
    public static void main(String[] arguments) {
        try (Scope scope = Scope.open()) {
            Trainer.run(
                    new ToyObjective(1),
                    options(Path.of(arguments[0])),
                    progress -> System.out.println(progress.step()));
        }
    }

    /** Starts a run and returns when it has done {@code steps} steps. What it prints later fits into the pipe. */
    static Process startAndAwait(Path folder, long steps) throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Process process = new ProcessBuilder(
                        java, "-cp", classPath(), "-Xmx256m", ForkedRun.class.getName(), folder.toString())
                .redirectError(
                        folder.resolveSibling(folder.getFileName() + ".err").toFile())
                .start();
        BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        String line = out.readLine();
        while (line != null && Long.parseLong(line) < steps) {
            line = out.readLine();
        }
        return process;
    }

    /** Surefire puts the real class path into this property. */
    private static String classPath() {
        return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))
                .replace("\n", File.pathSeparator);
    }
}
