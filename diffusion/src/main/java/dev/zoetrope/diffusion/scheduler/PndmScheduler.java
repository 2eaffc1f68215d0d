package dev.zoetrope.diffusion.scheduler;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;

/**
 * PNDM and PLMS: Liu et al., "Pseudo Numerical Methods for Diffusion Models on Manifolds", arXiv:2202.09778.
 *
 * <pre>
 *   transfer from level a to a' with the noise E (equation 11; the DDIM step with e = E):
 *   z' = sqrt(a'/a) z - (a' - a) E / (a sqrt(1-a') + sqrt(a (1-a) a'))
 *
 *   PLMS, e1 the newest output, then e2, e3, e4 (equation 12):
 *   E = e1 | (3 e1 - e2)/2 | (23 e1 - 16 e2 + 5 e3)/12 | (55 e1 - 59 e2 + 37 e3 - 9 e4)/24
 *
 *   Runge-Kutta, four evaluations for one step (equation 13):  E = (e1 + 2 e2 + 2 e3 + e4)/6
 * </pre>
 *
 * <p>With skip_prk_steps, as published models have it, the second timestep is evaluated twice: the second time from the
 * sample of step 0 with the mean of both outputs, which is not stored; S+1 evaluations. Without it the first three steps
 * are Runge-Kutta steps; S+9 evaluations.
 */
public final class PndmScheduler extends BaseScheduler {
    static final SchedulerConfig DEFAULTS = SchedulerConfig.defaults(TimestepSpacing.LEADING, false, false);
    private static final int ORDER = 4;

    private final Options options;

    /**
     * Fields of PNDM only.
     *
     * @param skipPrkSteps begin with PLMS and not with Runge-Kutta steps
     */
    @JsonNaming(SnakeCaseStrategy.class)
    public record Options(boolean skipPrkSteps) {
        static final Options DEFAULTS = new Options(false);
    }

    public PndmScheduler(SchedulerConfig config, Options options) {
        super(SchedulerKind.PNDM, config, options, config.noiseSchedule());
        this.options = options;
        if (config.predictionType() == PredictionType.SAMPLE) {
            throw ZoetropeException.badInput(
                    "prediction_type is \"sample\", PNDM supports epsilon, v_prediction: take another scheduler");
        }
    }

    @Override
    public SamplerPlan plan(int steps) {
        double[] timesteps = spacedTimesteps(steps);
        int stride = training() / steps;
        if (options.skipPrkSteps()) {
            return new Plan(withSecondRepeated(timesteps), 0, stride);
        }
        if (steps < ORDER) {
            throw ZoetropeException.badInput(
                    "%d steps, PNDM with Runge-Kutta steps needs %d: set skip_prk_steps or take more steps",
                    steps, ORDER);
        }
        double[] rungeKutta = rungeKuttaTimesteps(timesteps, stride / 2);
        double[] all = Arrays.copyOf(rungeKutta, rungeKutta.length + steps - (ORDER - 1));
        System.arraycopy(timesteps, ORDER - 1, all, rungeKutta.length, steps - (ORDER - 1));
        return new Plan(checkExist(all), rungeKutta.length, stride);
    }

    /** Always begins with PLMS. */
    @Override
    public SamplerPlan planAt(int... timesteps) {
        return new Plan(withSecondRepeated(checkTimesteps(true, timesteps)), 0, 0);
    }

    private static double[] withSecondRepeated(double[] timesteps) {
        if (timesteps.length < 2) {
            return timesteps;
        }
        double[] repeated = new double[timesteps.length + 1];
        repeated[0] = timesteps[0];
        System.arraycopy(timesteps, 1, repeated, 1, 1);
        System.arraycopy(timesteps, 1, repeated, 2, timesteps.length - 1);
        return repeated;
    }

    /** For each of the first three steps: its start, twice its middle, its end. */
    private static double[] rungeKuttaTimesteps(double[] timesteps, int half) {
        double[] result = new double[4 * (ORDER - 1)];
        for (int k = 0; k < ORDER - 1; k++) {
            double middle = timesteps[k + 1] + half;
            double[] step = {timesteps[k], middle, middle, timesteps[k + 1]};
            System.arraycopy(step, 0, result, 4 * k, 4);
        }
        return result;
    }

    /** E from the outputs so far. */
    private static Tensor multistep(History e) {
        return switch (e.size()) {
            case 1 -> e.get(0);
            case 2 -> Ops.axpby(3 / 2.0, e.get(0), -1 / 2.0, e.get(1));
            case 3 -> Ops.axpby(23 / 12.0, e.get(0), -16 / 12.0, e.get(1)).add(Ops.mul(e.get(2), 5 / 12.0));
            default ->
                Ops.axpby(55 / 24.0, e.get(0), -59 / 24.0, e.get(1))
                        .add(Ops.axpby(37 / 24.0, e.get(2), -9 / 24.0, e.get(3)));
        };
    }

    private final class Plan extends BasePlan {
        private final int rungeKutta;
        private final int stride;
        private final History outputs = new History(ORDER);
        private final History sum = new History(1);
        private final History start = new History(1);

        /**
         * @param rungeKutta evaluations that belong to Runge-Kutta steps
         * @param stride from a timestep to the next level; 0: the next timestep of the list
         */
        Plan(double[] timesteps, int rungeKutta, int stride) {
            super(PndmScheduler.this, timesteps, path(timesteps, finalAlphaBar()));
            this.rungeKutta = rungeKutta;
            this.stride = stride;
            checkSignal(timesteps);
        }

        @Override
        StepResult advance(Tensor modelOutput, int i, Tensor sample, NoiseSource noise) {
            outputs.at(i);
            sum.at(i);
            start.at(i);
            if (i < rungeKutta) {
                return rungeKutta(modelOutput, i, sample);
            }
            if (i == 1 && start.size() == 1) {
                return correction(modelOutput);
            }
            try (Scope scope = Scope.open()) {
                outputs.push(modelOutput);
                if (i == 0) {
                    start.push(sample);
                }
                int next = stride > 0 ? timestep(i) - stride : i + 1 < steps() ? timestep(i + 1) : -1;
                return transfer(scope, sample, multistep(outputs), timestep(i), next);
            }
        }

        /** The repeated timestep: once more from the start, with the mean of both outputs. */
        private StepResult correction(Tensor modelOutput) {
            int from = stride > 0 ? timestep(1) + stride : timestep(0);
            try (Scope scope = Scope.open()) {
                Tensor mean = Ops.axpby(0.5, modelOutput, 0.5, outputs.get(0));
                return transfer(scope, start.get(0), mean, from, timestep(1));
            }
        }

        private StepResult rungeKutta(Tensor modelOutput, int i, Tensor sample) {
            int part = i % 4;
            if (part > 0 && start.size() == 0) {
                throw ZoetropeException.badInput("step %d is inside a Runge-Kutta step: begin at a multiple of 4", i);
            }
            try (Scope scope = Scope.open()) {
                Tensor e = modelOutput;
                if (part == 0) {
                    outputs.push(e);
                    start.push(sample);
                    sum.push(Ops.mul(e, 1 / 6.0));
                } else if (part < 3) {
                    sum.push(Ops.axpby(1, sum.get(0), 1 / 3.0, e));
                } else {
                    e = Ops.axpby(1, sum.get(0), 1 / 6.0, e);
                }
                int next = timestep(i) - (part % 2 == 0 ? stride / 2 : 0);
                return transfer(scope, start.get(0), e, timestep(i - part), next);
            }
        }

        private StepResult transfer(Scope scope, Tensor z, Tensor output, int from, int to) {
            double bar = noiseSchedule().alphaBar(from);
            double next = to >= 0 ? noiseSchedule().alphaBar(to) : finalAlphaBar();
            Tensor e = config().predictionType().noise(output, z, Math.sqrt(bar), Math.sqrt(1 - bar));
            double denominator = bar * Math.sqrt(1 - next) + Math.sqrt(bar * (1 - bar) * next);
            Tensor previous = Ops.axpby(Math.sqrt(next / bar), z, -(next - bar) / denominator, e);
            Tensor z0 = PredictionType.EPSILON.original(e, z, Math.sqrt(bar), Math.sqrt(1 - bar));
            return new StepResult(scope.keep(previous), scope.keep(z0));
        }

        @Override
        public void close() {
            outputs.close();
            sum.close();
            start.close();
        }
    }
}
