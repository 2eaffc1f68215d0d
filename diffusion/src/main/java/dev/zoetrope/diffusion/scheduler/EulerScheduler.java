package dev.zoetrope.diffusion.scheduler;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.zoetrope.diffusion.config.ConfigName;
import dev.zoetrope.diffusion.scheduler.SigmaPath.FinalSigma;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;

/**
 * Euler steps of the probability flow: Karras et al., "Elucidating the Design Space of Diffusion-Based Generative
 * Models", arXiv:2206.00364, algorithm 1 with equation 3.
 *
 * <pre>
 *   x = z0 + sigma eps (variance exploding; z = x / sqrt(sigma^2 + 1) is what the network sees)
 *   z0 = x - sigma eps | x/(sigma^2 + 1) - v sigma/sqrt(sigma^2 + 1)
 *   d = (x - z0)/sigma;   x' = x + d (sigma' - sigma)
 * </pre>
 */
public final class EulerScheduler extends BaseScheduler {
    static final SchedulerConfig DEFAULTS = SchedulerConfig.defaults(TimestepSpacing.LINSPACE, false, true);

    private final Options options;
    private final double[] table;

    /** What the network is given as the timestep, {@code timestep_type} in the JSON. */
    public enum TimestepType implements ConfigName {
        /** The timestep. */
        DISCRETE("discrete"),
        /** ln(sigma)/4, as Stable Video Diffusion was trained; takes effect for v-prediction only. */
        CONTINUOUS("continuous");

        private final String configName;

        TimestepType(String configName) {
            this.configName = configName;
        }

        @Override
        public String configName() {
            return configName;
        }

        @JsonCreator
        static TimestepType of(String name) {
            return ConfigName.find(TimestepType.class, "timestep_type", name);
        }
    }

    /** How levels between whole timesteps are found, {@code interpolation_type} in the JSON. */
    public enum Interpolation implements ConfigName {
        /** Linear in sigma. */
        LINEAR("linear"),
        /** Levels evenly spaced in log sigma over the whole range, whatever the timesteps. */
        LOG_LINEAR("log_linear");

        private final String configName;

        Interpolation(String configName) {
            this.configName = configName;
        }

        @Override
        public String configName() {
            return configName;
        }

        @JsonCreator
        static Interpolation of(String name) {
            return ConfigName.find(Interpolation.class, "interpolation_type", name);
        }
    }

    /**
     * Fields of the Euler sampler.
     *
     * @param interpolationType levels between whole timesteps
     * @param useKarrasSigmas levels by Karras et al., equation 5
     * @param sigmaMin lowest of these levels; 0: that of the schedule
     * @param sigmaMax highest of these levels; 0: that of the schedule
     * @param timestepType what the network is given
     * @param finalSigmasType where the last step ends
     */
    @JsonNaming(SnakeCaseStrategy.class)
    public record Options(
            Interpolation interpolationType,
            boolean useKarrasSigmas,
            double sigmaMin,
            double sigmaMax,
            TimestepType timestepType,
            FinalSigma finalSigmasType) {
        static final Options DEFAULTS =
                new Options(Interpolation.LINEAR, false, 0, 0, TimestepType.DISCRETE, FinalSigma.ZERO);

        /** @throws ZoetropeException BAD_INPUT if the range is empty */
        public Options {
            if (!(sigmaMin >= 0 && sigmaMax >= 0) || (sigmaMax > 0 && sigmaMin >= sigmaMax)) {
                throw ZoetropeException.badInput(
                        "sigma_min %s and sigma_max %s: expected 0 < sigma_min < sigma_max", sigmaMin, sigmaMax);
            }
        }
    }

    public EulerScheduler(SchedulerConfig config, Options options) {
        super(SchedulerKind.EULER, config, options, config.noiseSchedule().withFiniteSigma());
        this.options = options;
        this.table = noiseSchedule().sigmas();
    }

    @Override
    public SamplerPlan plan(int steps) {
        checkSteps(steps);
        double[] timesteps = config().timestepSpacing().descending(training(), steps, config().stepsOffset());
        if (config().timestepSpacing() == TimestepSpacing.LINSPACE) {
            double[] ascending = TimestepSpacing.linspace(training(), steps);
            Arrays.setAll(timesteps, i -> (float) ascending[steps - 1 - i]); // not rounded
        }
        double[] levels = SigmaPath.at(table, checkExist(timesteps));
        if (options.interpolationType() == Interpolation.LOG_LINEAR) {
            double[] logs = BetaSchedule.linspace(Math.log(table[training() - 1]), Math.log(table[0]), steps + 1);
            levels = Arrays.stream(logs).limit(steps).map(Math::exp).toArray();
        }
        if (options.useKarrasSigmas()) {
            double max = options.sigmaMax() > 0 ? options.sigmaMax() : levels[0];
            double min = options.sigmaMin() > 0 ? options.sigmaMin() : levels[steps - 1];
            levels = SigmaPath.karras(max, min, steps);
            timesteps = SigmaPath.timestepsOf(table, levels);
        }
        return plan(timesteps, levels);
    }

    @Override
    public SamplerPlan planAt(int... timesteps) {
        double[] checked = checkTimesteps(true, timesteps);
        return plan(checked, SigmaPath.at(table, checked));
    }

    private SamplerPlan plan(double[] timesteps, double[] levels) {
        SigmaPath path = SigmaPath.of(timesteps, levels, options.finalSigmasType() == FinalSigma.ZERO ? 0 : table[0]);
        boolean continuous = options.timestepType() == TimestepType.CONTINUOUS
                && config().predictionType() == PredictionType.V_PREDICTION;
        double[] given = timesteps.clone();
        if (continuous) {
            Arrays.setAll(given, i -> 0.25 * Math.log(path.sigmas()[i]));
        }
        Arrays.setAll(given, i -> (float) given[i]);
        return new Plan(given, path.sigmas());
    }

    private final class Plan extends BasePlan {
        Plan(double[] timesteps, double[] sigmas) {
            super(EulerScheduler.this, timesteps, sigmas);
        }

        @Override
        public double initNoiseSigma() {
            double max = Arrays.stream(sigmas()).max().orElseThrow();
            return config().timestepSpacing() == TimestepSpacing.LEADING ? Math.sqrt(max * max + 1) : max;
        }

        @Override
        public Tensor scaleModelInput(Tensor sample, int i) {
            super.scaleModelInput(sample, i);
            double sigma = sigma(i);
            try (Scope scope = Scope.open()) {
                return scope.keep(Ops.mul(sample, 1 / Math.sqrt(sigma * sigma + 1)));
            }
        }

        @Override
        StepResult advance(Tensor modelOutput, int i, Tensor sample, NoiseSource noise) {
            double sigma = sigma(i);
            try (Scope scope = Scope.open()) {
                Tensor z0 = original(modelOutput, sample, sigma);
                Tensor d = Ops.mul(sample.sub(z0), 1 / sigma);
                Tensor previous = Ops.axpby(1, sample, sigma(i + 1) - sigma, d);
                return new StepResult(scope.keep(previous), scope.keep(z0));
            }
        }

        private Tensor original(Tensor output, Tensor x, double sigma) {
            double square = sigma * sigma + 1;
            return switch (config().predictionType()) {
                case EPSILON -> Ops.axpby(1, x, -sigma, output);
                case V_PREDICTION -> Ops.axpby(1 / square, x, -sigma / Math.sqrt(square), output);
                case SAMPLE -> new Tensor(output);
            };
        }

        @Override
        public Tensor addNoise(Tensor clean, Tensor noise, double... at) {
            double[] levels = new double[at.length];
            for (int k = 0; k < at.length; k++) {
                int i = SigmaPath.indexOf(timesteps(), at[k]);
                if (i < 0) {
                    throw ZoetropeException.badInput(
                            "timestep %s is not among those of this run: %s", at[k], Arrays.toString(timesteps()));
                }
                levels[k] = sigma(i);
            }
            try (Scope scope = Scope.open()) {
                return scope.keep(clean.add(noise.mul(NoiseSchedule.column(levels, clean.dim()))));
            }
        }
    }
}
