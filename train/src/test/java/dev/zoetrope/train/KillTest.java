package dev.zoetrope.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.zoetrope.tensor.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Ends real processes from outside. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "Windows cannot ask a process to end, it only kills")
class KillTest {
    @TempDir
    private Path folder;

    private static float[] finish(Path run) {
        try (Scope scope = Scope.open();
                CancellationToken token = CancellationToken.create()) {
            ToyObjective objective = new ToyObjective(1);
            Trainer.run(objective, ForkedRun.options(run), ProgressListener.silent(), token);
            return objective.weights();
        }
    }

    @Test
    void askedToEndItSavesAndKilledItContinuesWithTheSameNumbers() throws IOException, InterruptedException {
        Path run = folder.resolve("run");
        Process asked = ForkedRun.startAndAwait(run, 33);
        asked.destroy();
        assertThat(asked.waitFor()).isEqualTo(128 + 15);
        long saved = newest(run.resolve("checkpoints"));
        assertThat(saved).isBetween(33L, ForkedRun.STEPS - 1);

        Process killed = ForkedRun.startAndAwait(run, saved + 45);
        killed.destroyForcibly();
        assertThat(killed.waitFor()).isEqualTo(128 + 9);
        long left = newest(run.resolve("checkpoints"));
        assertThat(left).isBetween(saved + 20, ForkedRun.STEPS - 1);

        assertThat(finish(run)).isEqualTo(finish(folder.resolve("whole")));
    }

    private static long newest(Path checkpoints) throws IOException {
        try (Stream<Path> files = Files.list(checkpoints)) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .filter(name -> name.startsWith("step-"))
                    .mapToLong(name -> Long.parseLong(name.replaceAll("\\D", "")))
                    .max()
                    .orElse(0);
        }
    }
}
