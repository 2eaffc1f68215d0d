package dev.zoetrope.diffusion.scheduler;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import org.bytedeco.pytorch.Tensor;

/**
 * Multistep consistency sampling: Luo et al., "Latent Consistency Models", arXiv:2310.04378, algorithm 3 and equation 9.
 *
 * <pre>
 *   x = z0 from the network, u = timestep_scaling * timestep, d = 0.5
 *   f = c_out x + c_skip z;   c_skip = d^2/(u^2 + d^2),  c_out = u/sqrt(u^2 + d^2)
 *   z' = sqrt(abar') f + sqrt(1-abar') noise; the last step gives f
 * </pre>
 *
 * <p>The timesteps are every (K/S)-th of the K timesteps the student was distilled on.
 */
public final class LcmScheduler extends BaseScheduler {
    static final SchedulerConfig DEFAULTS = SchedulerConfig.defaults(TimestepSpacing.LEADING, false, true)
            .withBetas(BetaSchedule.SCALED_LINEAR, 0.00085, 0.012);
    private static final double SIGMA_DATA = 0.5;

    private final Options options;

    /**
     * Fields of LCM.
     *
     * @param originalInferenceSteps number K of timesteps of the distillation
     * @param timestepScaling how fast the output of the network takes over from the sample
     */
    @JsonNaming(SnakeCaseStrategy.class)
    public record Options(int originalInferenceSteps, double timestepScaling) {
        static final Options DEFAULTS = new Options(50, 10);
    }

    /** @throws ZoetropeException BAD_INPUT if original_inference_steps is not from 1 to T */
    public LcmScheduler(SchedulerConfig config, Options options) {
        super(SchedulerKind.LCM, config, options, config.noiseSchedule());
        this.options = options;
        if (options.originalInferenceSteps() < 1 || options.originalInferenceSteps() > training()) {
            throw ZoetropeException.badInput(
                    "original_inference_steps is %d, expected 1 to %d", options.originalInferenceSteps(), training());
        }
    }

    @Override
    public SamplerPlan plan(int steps) {
        int distilled = options.originalInferenceSteps();
        if (steps < 1 || steps > distilled) {
            throw ZoetropeException.badInput(
                    "%d sampling steps, expected 1 to %d, the original_inference_steps of this model",
                    steps, distilled);
        }
        double[] timesteps = new double[steps];
        for (int i = 0; i < steps; i++) {
            int index = (int) Math.floor(i * ((double) distilled / steps)); // counted from the noisy end
            timesteps[i] = (distilled - index) * (training() / distilled) - 1;
        }
        return new Plan(timesteps);
    }

    @Override
    public SamplerPlan planAt(int... timesteps) {
        return new Plan(checkTimesteps(true, timesteps));
    }

    private final class Plan extends BasePlan {
        Plan(double[] timesteps) {
            super(LcmScheduler.this, timesteps, path(timesteps, 1));
            checkSignal(timesteps);
        }

        @Override
        StepResult advance(Tensor modelOutput, int i, Tensor sample, NoiseSource noise) {
            double bar = noiseSchedule().alphaBar(timestep(i));
            double u = options.timestepScaling() * timestep(i);
            double skip = SIGMA_DATA * SIGMA_DATA / (u * u + SIGMA_DATA * SIGMA_DATA);
            double out = u / Math.sqrt(u * u + SIGMA_DATA * SIGMA_DATA);
            try (Scope scope = Scope.open()) {
                Tensor z0 = config().predictionType().original(modelOutput, sample, Math.sqrt(bar), Math.sqrt(1 - bar));
                Tensor f = Ops.axpby(out, SampleClamp.apply(z0, config()), skip, sample);
                Tensor previous = new Tensor(f);
                if (i + 1 < steps()) {
                    double next = noiseSchedule().alphaBar(timestep(i + 1));
                    Tensor fresh = noise.next(Tensors.shape(sample));
                    previous = Ops.axpby(Math.sqrt(next), f, Math.sqrt(1 - next), fresh);
                }
                return new StepResult(scope.keep(previous), scope.keep(f));
            }
        }
    }
}
