package dev.zoetrope.diffusion.scheduler;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.List;

/**
 * The fields of {@code scheduler_config.json} that schedulers share. Fields of one class only are the {@code Options} of
 * that scheduler.
 *
 * @param numTrainTimesteps T
 * @param betaStart beta_0
 * @param betaEnd beta_{T-1}
 * @param betaSchedule the curve between
 * @param trainedBetas the T betas themselves; overrides the three before; empty: none
 * @param rescaleBetasZeroSnr shift the schedule so that abar_{T-1} = 0
 * @param predictionType what the network predicts
 * @param timestepSpacing which timesteps are visited
 * @param stepsOffset added to the timesteps of leading spacing
 * @param clipSample clamp the predicted clean sample; never for latents
 * @param clipSampleRange to plus and minus this
 * @param thresholding dynamic thresholding of the predicted clean sample instead; never for latents
 * @param dynamicThresholdingRatio the quantile of it, 0 to 1
 * @param sampleMaxValue the largest threshold of it
 * @param setAlphaToOne abar past the last step is 1, else abar_0
 */
@JsonNaming(SnakeCaseStrategy.class)
public record SchedulerConfig(
        int numTrainTimesteps,
        double betaStart,
        double betaEnd,
        BetaSchedule betaSchedule,
        List<Double> trainedBetas,
        boolean rescaleBetasZeroSnr,
        PredictionType predictionType,
        TimestepSpacing timestepSpacing,
        int stepsOffset,
        boolean clipSample,
        double clipSampleRange,
        boolean thresholding,
        double dynamicThresholdingRatio,
        double sampleMaxValue,
        boolean setAlphaToOne) {
    private static final int MAX_TIMESTEPS = 1_000_000;

    /** @throws ZoetropeException BAD_INPUT naming the field that cannot be */
    public SchedulerConfig {
        trainedBetas = List.copyOf(trainedBetas);
        if (numTrainTimesteps < 1 || numTrainTimesteps > MAX_TIMESTEPS) {
            throw ZoetropeException.badInput(
                    "num_train_timesteps is %d, expected 1 to %d", numTrainTimesteps, MAX_TIMESTEPS);
        }
        if (!(betaStart >= 0 && betaStart <= betaEnd && betaEnd < 1)) {
            throw ZoetropeException.badInput(
                    "beta_start %s and beta_end %s: expected 0 <= beta_start <= beta_end < 1", betaStart, betaEnd);
        }
        if (!trainedBetas.isEmpty() && trainedBetas.size() != numTrainTimesteps) {
            throw ZoetropeException.badInput(
                    "trained_betas has %d values, expected num_train_timesteps = %d",
                    trainedBetas.size(), numTrainTimesteps);
        }
        if (stepsOffset < 0 || stepsOffset >= numTrainTimesteps) {
            throw ZoetropeException.badInput(
                    "steps_offset is %d, expected 0 to %d", stepsOffset, numTrainTimesteps - 1);
        }
        if (!(clipSampleRange > 0) || !(sampleMaxValue > 0)) {
            throw ZoetropeException.badInput(
                    "clip_sample_range %s and sample_max_value %s: expected positive numbers",
                    clipSampleRange, sampleMaxValue);
        }
        if (!(dynamicThresholdingRatio >= 0 && dynamicThresholdingRatio <= 1)) {
            throw ZoetropeException.badInput(
                    "dynamic_thresholding_ratio is %s, expected 0 to 1", dynamicThresholdingRatio);
        }
    }

    /** What the reference classes assume for absent fields, but for the three that differ among them. */
    static SchedulerConfig defaults(TimestepSpacing spacing, boolean clipSample, boolean setAlphaToOne) {
        return new SchedulerConfig(
                1000,
                1e-4,
                0.02,
                BetaSchedule.LINEAR,
                List.of(),
                false,
                PredictionType.EPSILON,
                spacing,
                0,
                clipSample,
                1,
                false,
                0.995,
                1,
                setAlphaToOne);
    }

    /** The settings of Stable Diffusion 1.x and 2.x and of the video models made from them. */
    public static SchedulerConfig stableDiffusion() {
        return defaults(TimestepSpacing.LEADING, false, false)
                .withBetas(BetaSchedule.SCALED_LINEAR, 0.00085, 0.012)
                .withSpacing(TimestepSpacing.LEADING, 1);
    }

    /** The same with another noise schedule. */
    public SchedulerConfig withBetas(BetaSchedule schedule, double start, double end) {
        return new SchedulerConfig(
                numTrainTimesteps,
                start,
                end,
                schedule,
                List.of(),
                rescaleBetasZeroSnr,
                predictionType,
                timestepSpacing,
                stepsOffset,
                clipSample,
                clipSampleRange,
                thresholding,
                dynamicThresholdingRatio,
                sampleMaxValue,
                setAlphaToOne);
    }

    /** The same with other timesteps. */
    public SchedulerConfig withSpacing(TimestepSpacing spacing, int offset) {
        return new SchedulerConfig(
                numTrainTimesteps,
                betaStart,
                betaEnd,
                betaSchedule,
                trainedBetas,
                rescaleBetasZeroSnr,
                predictionType,
                spacing,
                offset,
                clipSample,
                clipSampleRange,
                thresholding,
                dynamicThresholdingRatio,
                sampleMaxValue,
                setAlphaToOne);
    }

    /** The same for a network that predicts something else. */
    public SchedulerConfig withPrediction(PredictionType prediction) {
        return new SchedulerConfig(
                numTrainTimesteps,
                betaStart,
                betaEnd,
                betaSchedule,
                trainedBetas,
                rescaleBetasZeroSnr,
                prediction,
                timestepSpacing,
                stepsOffset,
                clipSample,
                clipSampleRange,
                thresholding,
                dynamicThresholdingRatio,
                sampleMaxValue,
                setAlphaToOne);
    }

    /** The noise schedule these fields describe. */
    public NoiseSchedule noiseSchedule() {
        double[] betas = trainedBetas.isEmpty()
                ? betaSchedule.betas(numTrainTimesteps, betaStart, betaEnd)
                : trainedBetas.stream().mapToDouble(Double::doubleValue).toArray();
        NoiseSchedule schedule = NoiseSchedule.ofBetas(betas);
        return rescaleBetasZeroSnr ? schedule.rescaledToZeroTerminalSnr() : schedule;
    }
}
