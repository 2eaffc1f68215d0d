package dev.zoetrope.diffusion.scheduler;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.zoetrope.diffusion.config.ConfigName;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;

/**
 * Ancestral sampling: Ho et al., "Denoising Diffusion Probabilistic Models", arXiv:2006.11239, equations 6 and 7.
 *
 * <pre>
 *   abar at the timestep, abar' at the next timestep of the run (1 past the end);  a = abar/abar',  b = 1 - a
 *   z' = sqrt(abar') b/(1-abar) z0 + sqrt(a) (1-abar')/(1-abar) z + sqrt(V) noise
 *   V = (1-abar')/(1-abar) b (fixed_small) or b (fixed_large); no noise at timestep 0
 * </pre>
 */
public final class DdpmScheduler extends BaseScheduler {
    static final SchedulerConfig DEFAULTS = SchedulerConfig.defaults(TimestepSpacing.LEADING, true, true);
    private static final double MIN_VARIANCE = 1e-20;

    private final Options options;

    /** The variance of a step. */
    public enum VarianceType implements ConfigName {
        FIXED_SMALL("fixed_small"),
        /** The same as fixed_small, computed through its logarithm. */
        FIXED_SMALL_LOG("fixed_small_log"),
        FIXED_LARGE("fixed_large");

        private final String configName;

        VarianceType(String configName) {
            this.configName = configName;
        }

        @Override
        public String configName() {
            return configName;
        }

        @JsonCreator
        static VarianceType of(String name) {
            return ConfigName.find(VarianceType.class, "variance_type", name);
        }
    }

    /** Fields of DDPM only. */
    @JsonNaming(SnakeCaseStrategy.class)
    public record Options(VarianceType varianceType) {
        static final Options DEFAULTS = new Options(VarianceType.FIXED_SMALL);
    }

    public DdpmScheduler(SchedulerConfig config, Options options) {
        super(SchedulerKind.DDPM, config, options, config.noiseSchedule());
        this.options = options;
    }

    @Override
    public SamplerPlan plan(int steps) {
        return new Plan(spacedTimesteps(steps));
    }

    @Override
    public SamplerPlan planAt(int... timesteps) {
        return new Plan(checkTimesteps(true, timesteps));
    }

    /**
     * V of a step.
     *
     * @param alphaBar at the timestep
     * @param next at the next one
     */
    double variance(double alphaBar, double next) {
        double b = 1 - alphaBar / next;
        double small = Math.max((1 - next) / (1 - alphaBar) * b, MIN_VARIANCE);
        return options.varianceType() == VarianceType.FIXED_LARGE ? b : small;
    }

    /** Factor of z0 in the mean. */
    static double originalCoefficient(double alphaBar, double next) {
        return Math.sqrt(next) * (1 - alphaBar / next) / (1 - alphaBar);
    }

    /** Factor of z in the mean. */
    static double sampleCoefficient(double alphaBar, double next) {
        return Math.sqrt(alphaBar / next) * (1 - next) / (1 - alphaBar);
    }

    private final class Plan extends BasePlan {
        Plan(double[] timesteps) {
            super(DdpmScheduler.this, timesteps, path(timesteps, 1));
            checkSignal(timesteps);
        }

        @Override
        StepResult advance(Tensor modelOutput, int i, Tensor sample, NoiseSource noise) {
            double bar = noiseSchedule().alphaBar(timestep(i));
            double next = i + 1 < steps() ? noiseSchedule().alphaBar(timestep(i + 1)) : 1;
            try (Scope scope = Scope.open()) {
                Tensor z0 = config().predictionType().original(modelOutput, sample, Math.sqrt(bar), Math.sqrt(1 - bar));
                z0 = SampleClamp.apply(z0, config());
                Tensor previous = Ops.axpby(originalCoefficient(bar, next), z0, sampleCoefficient(bar, next), sample);
                if (timestep(i) > 0) {
                    Tensor fresh = noise.next(Tensors.shape(sample));
                    previous = Ops.axpby(1, previous, Math.sqrt(variance(bar, next)), fresh);
                }
                return new StepResult(scope.keep(previous), scope.keep(z0));
            }
        }
    }
}
