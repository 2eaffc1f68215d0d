package dev.zoetrope.train;

import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * The options of a training run.
 *
 * @param outputFolder where everything is written; a run that is found there is continued. No default
 * @param steps optimizer steps of the whole run, 1 to 10^9; default 10,000
 * @param batchSize examples a step, 1 to 65,536; default 8
 * @param microBatches parts of the batch that go through the network one after the other to save memory, 1 to
 *     {@code batchSize}, which they must divide; default 1
 * @param learningRate highest learning rate, above 0 up to 1; default 1e-4
 * @param warmupSteps steps of linear rise at the start, 0 to {@code 10^9}; default 100
 * @param finalLearningRateFraction learning rate of the last step as a part of the highest, reached along a cosine, 0 to
 *     1; 1 keeps it constant; default 0.1
 * @param weightDecay decoupled decay, times the learning rate, 0 to 1; default 0.01
 * @param gradientClip highest norm of all gradients together, at least 0; 0 turns it off; default 1
 * @param emaDecay decay of the moving average of the weights, 0 up to below 1; 0 follows the weights; default 0.999
 * @param seed of all random numbers of the run; default 0
 * @param logEvery steps between two rows of the log, at least 1; default 10
 * @param sampleEvery steps between two sample sheets, which are also made at the end; 0 for none; default 1,000
 * @param checkpointEvery steps between two checkpoints, which are also written at the end, at least 1; default 500
 * @param keepCheckpoints how many of the newest checkpoints stay, 1 to 1,000; default 2
 * @param timeLimit wall-clock time of this run, above 0, after which it writes a checkpoint and ends; default none
 */
public record TrainingOptions(
        Path outputFolder,
        long steps,
        int batchSize,
        int microBatches,
        double learningRate,
        long warmupSteps,
        double finalLearningRateFraction,
        double weightDecay,
        double gradientClip,
        double emaDecay,
        long seed,
        long logEvery,
        long sampleEvery,
        long checkpointEvery,
        int keepCheckpoints,
        Optional<Duration> timeLimit) {
    private static final long MOST_STEPS = 1_000_000_000;

    /** @throws ZoetropeException BAD_INPUT, naming the option, its range and the value */
    public TrainingOptions {
        whole("steps", steps, 1, MOST_STEPS);
        whole("batchSize", batchSize, 1, 65_536);
        whole("microBatches", microBatches, 1, batchSize);
        if (batchSize % microBatches != 0) {
            throw ZoetropeException.badInput(
                    "microBatches %d does not divide batchSize %d; choose one that does", microBatches, batchSize);
        }
        check("learningRate", learningRate, learningRate > 0 && learningRate <= 1, "above 0 and at most 1");
        whole("warmupSteps", warmupSteps, 0, MOST_STEPS);
        check(
                "finalLearningRateFraction",
                finalLearningRateFraction,
                finalLearningRateFraction >= 0 && finalLearningRateFraction <= 1,
                "between 0 and 1");
        check("weightDecay", weightDecay, weightDecay >= 0 && weightDecay <= 1, "between 0 and 1");
        check("gradientClip", gradientClip, gradientClip >= 0 && Double.isFinite(gradientClip), "at least 0");
        check("emaDecay", emaDecay, emaDecay >= 0 && emaDecay < 1, "at least 0 and below 1");
        whole("logEvery", logEvery, 1, MOST_STEPS);
        whole("sampleEvery", sampleEvery, 0, MOST_STEPS);
        whole("checkpointEvery", checkpointEvery, 1, MOST_STEPS);
        whole("keepCheckpoints", keepCheckpoints, 1, 1000);
        timeLimit.ifPresent(limit -> {
            if (limit.isNegative() || limit.isZero()) {
                throw ZoetropeException.badInput("timeLimit must be above 0, got %s", limit);
            }
        });
    }

    private static void whole(String name, long value, long low, long high) {
        if (value < low || value > high) {
            throw ZoetropeException.badInput("%s must be between %d and %d, got %d", name, low, high, value);
        }
    }

    private static void check(String name, double value, boolean valid, String range) {
        if (!valid) {
            throw ZoetropeException.badInput("%s must be %s, got %s", name, range, value);
        }
    }

    /** The defaults, for a run in this folder. */
    public static Builder builder(Path outputFolder) {
        return new Builder(outputFolder);
    }

    /** Sets options by name; {@link #build()} checks them. Their meaning is that of the record's components. */
    public static final class Builder {
        private final Path outputFolder;
        private long steps = 10_000;
        private int batchSize = 8;
        private int microBatches = 1;
        private double learningRate = 1e-4;
        private long warmupSteps = 100;
        private double finalLearningRateFraction = 0.1;
        private double weightDecay = 0.01;
        private double gradientClip = 1;
        private double emaDecay = 0.999;
        private long seed;
        private long logEvery = 10;
        private long sampleEvery = 1000;
        private long checkpointEvery = 500;
        private int keepCheckpoints = 2;
        private Optional<Duration> timeLimit = Optional.empty();

        private Builder(Path outputFolder) {
            this.outputFolder = outputFolder;
        }

        public Builder steps(long value) {
            steps = value;
            return this;
        }

        public Builder batchSize(int value) {
            batchSize = value;
            return this;
        }

        public Builder microBatches(int value) {
            microBatches = value;
            return this;
        }

        public Builder learningRate(double value) {
            learningRate = value;
            return this;
        }

        public Builder warmupSteps(long value) {
            warmupSteps = value;
            return this;
        }

        public Builder finalLearningRateFraction(double value) {
            finalLearningRateFraction = value;
            return this;
        }

        public Builder weightDecay(double value) {
            weightDecay = value;
            return this;
        }

        public Builder gradientClip(double value) {
            gradientClip = value;
            return this;
        }

        public Builder emaDecay(double value) {
            emaDecay = value;
            return this;
        }

        public Builder seed(long value) {
            seed = value;
            return this;
        }

        public Builder logEvery(long value) {
            logEvery = value;
            return this;
        }

        public Builder sampleEvery(long value) {
            sampleEvery = value;
            return this;
        }

        public Builder checkpointEvery(long value) {
            checkpointEvery = value;
            return this;
        }

        public Builder keepCheckpoints(int value) {
            keepCheckpoints = value;
            return this;
        }

        public Builder timeLimit(Duration value) {
            timeLimit = Optional.of(value);
            return this;
        }

        /** @throws ZoetropeException BAD_INPUT if an option is out of its range */
        public TrainingOptions build() {
            return new TrainingOptions(
                    outputFolder,
                    steps,
                    batchSize,
                    microBatches,
                    learningRate,
                    warmupSteps,
                    finalLearningRateFraction,
                    weightDecay,
                    gradientClip,
                    emaDecay,
                    seed,
                    logEvery,
                    sampleEvery,
                    checkpointEvery,
                    keepCheckpoints,
                    timeLimit);
        }
    }
}
