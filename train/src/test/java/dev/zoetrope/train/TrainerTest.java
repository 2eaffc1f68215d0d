package dev.zoetrope.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.zoetrope.tensor.ErrorCode;
import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Safetensors;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.SeededGenerator;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.WeightSource;
import dev.zoetrope.tensor.ZoetropeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainerTest {
    @TempDir
    private Path folder;

    private TrainingOptions.Builder options(String name) {
        return TrainingOptions.builder(folder.resolve(name))
                .steps(20)
                .learningRate(0.01)
                .warmupSteps(3)
                .checkpointEvery(5)
                .logEvery(2)
                .sampleEvery(10);
    }

    private static TrainingResult train(ToyObjective objective, TrainingOptions options) {
        try (CancellationToken token = CancellationToken.create()) {
            return Trainer.run(objective, options, ProgressListener.silent(), token);
        }
    }

    /** Trains without a break. */
    private float[] unbroken(TrainingOptions options) {
        try (Scope scope = Scope.open()) {
            ToyObjective objective = new ToyObjective(1);
            train(objective, options);
            return objective.weights();
        }
    }

    private static void assertSameFiles(Path one, Path two) throws IOException {
        try (WeightSource a = Safetensors.open(one);
                WeightSource b = Safetensors.open(two)) {
            assertThat(a.entries()).isEqualTo(b.entries());
            a.entries()
                    .keySet()
                    .forEach(name -> assertThat(a.bytes(name)).as(name).isEqualTo(b.bytes(name)));
        }
    }

    private void assertSameRun(String broken, String whole) throws IOException {
        Path file = Path.of("checkpoints", "step-00000020.safetensors");
        assertSameFiles(
                folder.resolve(broken).resolve(file), folder.resolve(whole).resolve(file));
        assertThat(steps(broken)).isEqualTo(steps(whole));
        assertThat(numbers(broken)).isEqualTo(numbers(whole));
    }

    private List<Long> steps(String run) {
        try (TrainingLog log = TrainingLog.open(folder.resolve(run), 20)) {
            return log.rows().stream().map(LogRow::step).toList();
        }
    }

    private List<List<Object>> numbers(String run) {
        try (TrainingLog log = TrainingLog.open(folder.resolve(run), 20)) {
            return log.rows().stream()
                    .map(row -> List.<Object>of(row.loss(), row.learningRate(), row.gradientNorm(), row.metrics()))
                    .toList();
        }
    }

    @Test
    void aLongerRunContinuesBitForBit() throws IOException {
        TrainingOptions whole = options("whole").finalLearningRateFraction(1).build();
        float[] expected = unbroken(whole);
        try (Scope scope = Scope.open()) {
            TrainingOptions half =
                    options("parts").finalLearningRateFraction(1).steps(10).build();
            train(new ToyObjective(1), half);
            ToyObjective other = new ToyObjective(99); // its start must not matter
            TrainingOptions rest = options("parts").finalLearningRateFraction(1).build();
            TrainingResult result = train(other, rest);
            assertThat(result.end()).isEqualTo(TrainingResult.End.COMPLETED);
            assertThat(other.weights()).isEqualTo(expected);
            assertSameRun("parts", "whole");
        }
    }

    @Test
    void aKilledRunContinuesBitForBit() throws IOException {
        float[] expected = unbroken(options("whole").build());
        try (Scope scope = Scope.open()) {
            for (long kill : new long[] {3, 13, 19}) {
                ToyObjective dies = new ToyObjective(1, step -> {
                    if (step == kill) {
                        throw new IllegalStateException("killed");
                    }
                });
                assertThatThrownBy(() -> train(dies, options("killed").build())).hasMessage("killed");
            }
            ToyObjective again = new ToyObjective(1);
            train(again, options("killed").build());
            assertThat(again.weights()).isEqualTo(expected);
            assertSameRun("killed", "whole");
        }
    }

    @Test
    void aCancelledRunWritesACheckpointAndContinuesBitForBit() throws IOException {
        float[] expected = unbroken(options("whole").build());
        try (Scope scope = Scope.open();
                CancellationToken token = CancellationToken.create()) {
            ToyObjective stops = new ToyObjective(1, step -> {
                if (step == 6) {
                    token.cancel();
                }
            });
            assertThatThrownBy(() -> Trainer.run(stops, options("stopped").build(), ProgressListener.silent(), token))
                    .isInstanceOfSatisfying(
                            ZoetropeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CANCELLED))
                    .hasMessageContaining("step 7 of 20");
            assertThat(folder.resolve("stopped/checkpoints/step-00000007.safetensors"))
                    .exists();
            ToyObjective again = new ToyObjective(1);
            train(again, options("stopped").build());
            assertThat(again.weights()).isEqualTo(expected);
            // A cancelled run has a row of the log more: the one of its checkpoint.
            assertThat(steps("stopped")).containsExactly(2L, 4L, 5L, 6L, 7L, 8L, 10L, 12L, 14L, 15L, 16L, 18L, 20L);
        }
    }

    @Test
    void aDamagedCheckpointIsSkipped() throws IOException {
        float[] expected = unbroken(options("whole").build());
        Path checkpoints = folder.resolve("whole/checkpoints");
        Path newest = checkpoints.resolve("step-00000020.safetensors");
        byte[] bytes = Files.readAllBytes(newest);
        bytes[bytes.length - 5] ^= 1;
        Files.write(newest, bytes);
        assertThat(unbroken(options("whole").build())).isEqualTo(expected);
        try (Stream<Path> files = Files.list(checkpoints)) {
            for (Path file : files.toList()) {
                Files.write(file, new byte[] {1, 2, 3});
            }
        }
        assertThatThrownBy(() -> unbroken(options("whole").build()))
                .hasMessageContaining("none of the 2 checkpoints")
                .hasMessageContaining("delete the folder");
    }

    @Test
    void otherOptionsAreRefusedByName() {
        unbroken(options("run").build());
        assertThatThrownBy(
                        () -> unbroken(options("run").seed(4).weightDecay(0.5).build()))
                .isInstanceOfSatisfying(
                        ZoetropeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.BAD_INPUT))
                .hasMessageContaining("seed was 0 and is 4, weightDecay was 0.01 and is 0.5");
        assertThat(unbroken(options("run").logEvery(7).keepCheckpoints(1).build()))
                .isNotEmpty();
    }

    @Test
    void aLossThatIsNotANumberStopsWithItsStep() {
        try (Scope scope = Scope.open()) {
            ToyObjective breaks = new ToyObjective(1);
            ToyObjective objective = new ToyObjective(
                    breaks.net(),
                    step -> {
                        if (step == 11) {
                            breaks.net().value("second.bias").detach().fill_(new Scalar(Double.NaN));
                        }
                    },
                    Map.of());
            assertThatThrownBy(() -> train(objective, options("nan").build()))
                    .isInstanceOf(ZoetropeException.class)
                    .hasMessageContaining("the loss is NaN at step 12");
            assertThat(folder.resolve("nan/checkpoints/step-00000010.safetensors"))
                    .exists();
        }
    }

    @Test
    void buffersAreRestoredAndOtherModelsRefused() {
        try (Scope scope = Scope.open()) {
            ToyNet net = ToyNet.initialised(1);
            Tensor count = Tensors.zeros(1);
            ToyObjective objective = new ToyObjective(net, step -> count.add_(new Scalar(1.0)), Map.of("count", count));
            train(objective, options("run").build());
            count.zero_();
            train(objective, options("run").build());
            assertThat(Tensors.item(count)).isEqualTo(20);
            assertThatThrownBy(() -> train(new ToyObjective(1), options("run").build()))
                    .isInstanceOfSatisfying(
                            ZoetropeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CHECKPOINT_MISMATCH))
                    .hasMessageContaining("buffers/count");
        }
    }

    /** Eight fixed examples, of which an evaluation takes its part. */
    private record FixedData(ToyNet net, Tensor inputs) implements Objective {
        @Override
        public Map<String, Layer> modules() {
            return Map.of("net", net);
        }

        @Override
        public Tensor loss(StepContext step) {
            long start = (long) step.microBatch() * step.batchSize();
            return net.forward(Ops.slice(inputs, 0, start, start + step.batchSize()))
                    .square()
                    .mean();
        }
    }

    @Test
    void microBatchesGiveTheStepOfTheWholeBatch() {
        try (Scope scope = Scope.open();
                SeededGenerator generator = new SeededGenerator(3);
                CancellationToken token = CancellationToken.create()) {
            Tensor inputs = generator.normal(8, 3);
            List<float[]> weights = new ArrayList<>();
            List<Double> losses = new ArrayList<>();
            for (int parts : new int[] {1, 4}) {
                FixedData objective = new FixedData(ToyNet.initialised(1), inputs);
                TrainingOptions options =
                        options("parts" + parts).microBatches(parts).build();
                Trainer.run(objective, options, progress -> losses.add(progress.loss()), token);
                weights.add(Tensors.toFloats(objective.net().value("first.weight")));
            }
            assertThat(losses.get(20 + 19)).isCloseTo(losses.get(19), within(1e-6));
            assertThat(weights.get(1)).usingComparatorWithPrecision(1e-4f).containsExactly(weights.get(0));
        }
    }

    @Test
    void theAveragedWeightsAreExportedAndLeftInTheModules() {
        try (Scope scope = Scope.open()) {
            ToyObjective objective = new ToyObjective(1);
            TrainingResult result = train(objective, options("run").build());
            ToyObjective loaded = new ToyObjective(2);
            try (WeightSource source = Safetensors.open(result.weights().resolve("net.safetensors"))) {
                loaded.net().load(source);
            }
            assertThat(loaded.weights()).isEqualTo(objective.weights());
            Path newest = folder.resolve("run/checkpoints/step-00000020.safetensors");
            try (WeightSource source = Safetensors.open(newest).prefixStripped("ema/net.")) {
                loaded.net().load(source);
            }
            assertThat(loaded.weights()).isEqualTo(objective.weights());
            assertThat(folder.resolve("run/loss.png")).isNotEmptyFile();
            assertThat(folder.resolve("run/samples/step-10.txt")).exists();
            assertThat(folder.resolve("run/samples/step-20.txt")).exists();
            assertThat(folder.resolve("run/checkpoints").toFile().list()).hasSize(2);
        }
    }

    @Test
    void theTimeLimitEndsTheRunWithACheckpoint() {
        try (Scope scope = Scope.open()) {
            TrainingResult result = train(
                    new ToyObjective(1),
                    options("run")
                            .steps(1_000_000)
                            .timeLimit(Duration.ofMillis(300))
                            .checkpointEvery(1_000_000)
                            .build());
            assertThat(result.end()).isEqualTo(TrainingResult.End.TIME_LIMIT);
            assertThat(folder.resolve(String.format("run/checkpoints/step-%08d.safetensors", result.step())))
                    .exists();
        }
    }

    @Test
    void progressIsToldEveryStep() {
        List<Progress> seen = new ArrayList<>();
        try (Scope scope = Scope.open();
                CancellationToken token = CancellationToken.create()) {
            Trainer.run(new ToyObjective(1), options("run").build(), seen::add, token);
        }
        assertThat(seen).hasSize(20);
        assertThat(seen.get(19).step()).isEqualTo(20);
        assertThat(seen.get(19).timeLeft()).isZero();
        assertThat(seen).allMatch(progress -> progress.secondsPerStep() > 0 && Double.isFinite(progress.loss()));
    }

    @Test
    void twoRunsCannotShareAFolder() {
        try (Scope scope = Scope.open();
                FolderLock lock = FolderLock.take(folder.resolve("run"))) {
            assertThatThrownBy(() -> train(new ToyObjective(1), options("run").build()))
                    .isInstanceOf(ZoetropeException.class)
                    .hasMessageContaining("another run");
        }
        assertThat(unbroken(options("run").build())).isNotEmpty();
    }

    @Test
    void nativeMemoryStaysFlat() {
        try (Scope scope = Scope.open();
                CancellationToken token = CancellationToken.create()) {
            List<Long> bytes = new ArrayList<>();
            List<Long> count = new ArrayList<>();
            Trainer.run(
                    new ToyObjective(1),
                    options("run").steps(400).checkpointEvery(50).build(),
                    progress -> {
                        bytes.add(Pointer.totalBytes());
                        count.add(Pointer.totalCount());
                    },
                    token);
            assertThat(bytes.get(399)).isLessThanOrEqualTo(bytes.get(99) + 4096);
            assertThat(count.get(399)).isLessThanOrEqualTo(count.get(99) + 50);
        }
    }

    @Test
    void trainingLearns() {
        try (Scope scope = Scope.open()) {
            ToyObjective objective = new ToyObjective(1);
            TrainingResult result = train(
                    objective,
                    options("run").steps(400).batchSize(64).checkpointEvery(400).build());
            Tensor x = Tensors.of(new float[] {0.1f, 0.2f, 0.3f}, 1, 3);
            assertThat(Tensors.item(Ops.add(objective.net().forward(x), -Math.sin(0.6))
                            .abs()
                            .sum()))
                    .isLessThan(0.2);
            assertThat(result.loss().orElseThrow()).isLessThan(0.3);
        }
    }
}
