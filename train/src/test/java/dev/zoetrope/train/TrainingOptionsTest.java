package dev.zoetrope.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.zoetrope.tensor.ErrorCode;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainingOptionsTest {
    @Test
    void theListOfOptionsAndDefaultsIsThis() {
        assertThat(TrainingOptions.builder(Path.of("out")).build())
                .hasToString("TrainingOptions[outputFolder=out, steps=10000, batchSize=8, microBatches=1, "
                        + "learningRate=1.0E-4, warmupSteps=100, finalLearningRateFraction=0.1, weightDecay=0.01, "
                        + "gradientClip=1.0, emaDecay=0.999, seed=0, logEvery=10, sampleEvery=1000, "
                        + "checkpointEvery=500, keepCheckpoints=2, timeLimit=Optional.empty]");
    }

    @ParameterizedTest
    @CsvSource({
        "steps,0",
        "batchSize,0",
        "microBatches,3",
        "learningRate,0",
        "learningRate,NaN",
        "warmupSteps,-1",
        "finalLearningRateFraction,1.5",
        "weightDecay,-1",
        "gradientClip,-1",
        "emaDecay,1",
        "logEvery,0",
        "sampleEvery,-1",
        "checkpointEvery,0",
        "keepCheckpoints,0",
        "timeLimit,0"
    })
    void badValuesAreNamed(String option, double value) {
        assertThatThrownBy(() -> with(option, value)
                        .apply(TrainingOptions.builder(Path.of("out")))
                        .build())
                .isInstanceOfSatisfying(
                        ZoetropeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.BAD_INPUT))
                .hasMessageContaining(option);
    }

    private static UnaryOperator<TrainingOptions.Builder> with(String option, double value) {
        return builder -> switch (option) {
            case "steps" -> builder.steps((long) value);
            case "batchSize" -> builder.batchSize((int) value);
            case "microBatches" -> builder.microBatches((int) value);
            case "learningRate" -> builder.learningRate(value);
            case "warmupSteps" -> builder.warmupSteps((long) value);
            case "finalLearningRateFraction" -> builder.finalLearningRateFraction(value);
            case "weightDecay" -> builder.weightDecay(value);
            case "gradientClip" -> builder.gradientClip(value);
            case "emaDecay" -> builder.emaDecay(value);
            case "logEvery" -> builder.logEvery((long) value);
            case "sampleEvery" -> builder.sampleEvery((long) value);
            case "checkpointEvery" -> builder.checkpointEvery((long) value);
            case "keepCheckpoints" -> builder.keepCheckpoints((int) value);
            case "timeLimit" -> builder.timeLimit(Duration.ofMillis((long) value));
            default -> throw new IllegalArgumentException(option);
        };
    }
}
