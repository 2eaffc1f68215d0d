package dev.zoetrope.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingLogTest {
    @TempDir
    private Path folder;

    private static LogRow row(long step) {
        return new LogRow(step, 1e9 + step, step, 1.0 / step, 1e-4, 2, 30, new TreeMap<>(Map.of("kl", 0.5)));
    }

    private List<byte[]> events() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("tensorboard"))) {
            List<Path> all = files.toList();
            assertThat(all).hasSize(1);
            return EventFileTest.records(all.get(0));
        }
    }

    @Test
    void aRowIsOneJsonObject() throws IOException {
        try (TrainingLog log = TrainingLog.open(folder, 0)) {
            log.add(row(2));
        }
        assertThat(folder.resolve("log.jsonl"))
                .content()
                .isEqualTo("{\"step\":2,\"time\":1.000000002E9,\"seconds\":2.0,\"loss\":0.5,\"lr\":1.0E-4,"
                        + "\"grad_norm\":2.0,\"examples_per_second\":30.0,\"metrics\":{\"kl\":0.5}}\n");
        assertThat(EventFileTest.scalars(events().get(1)))
                .containsEntry("train/loss", 0.5f)
                .containsEntry("metrics/kl", 0.5f);
    }

    @Test
    void laterRowsAndHalfRowsAreDroppedOnResume() throws IOException {
        try (TrainingLog log = TrainingLog.open(folder, 0)) {
            for (int step = 1; step <= 5; step++) {
                log.add(row(step));
            }
        }
        Files.writeString(folder.resolve("log.jsonl"), "{\"step\":6,\"lo", StandardOpenOption.APPEND);
        try (TrainingLog log = TrainingLog.open(folder, 3)) {
            assertThat(log.rows()).containsExactly(row(1), row(2), row(3));
            log.add(row(4));
        }
        assertThat(Files.readAllLines(folder.resolve("log.jsonl"))).hasSize(4);
        assertThat(events().stream().skip(1).map(EventFileTest::step)).containsExactly(1L, 2L, 3L, 4L);
    }

    @Test
    void smoothingHasNoBiasToTheStart() {
        try (TrainingLog log = TrainingLog.open(folder, 0)) {
            log.add(row(1));
            assertThat(log.smoothedLoss()).containsExactly(1.0);
            log.add(row(2));
            assertThat(log.smoothedLoss()[1]).isBetween(0.5, 1.0);
        }
    }
}
