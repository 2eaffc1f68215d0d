package dev.zoetrope.diffusion.scheduler;

import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import org.bytedeco.pytorch.Tensor;

/**
 * DDIM: Song et al., "Denoising Diffusion Implicit Models", arXiv:2010.02502, equations 12 and 16.
 *
 * <pre>
 *   a = abar at the timestep, a' = abar at the next level; z0, e from the network's output
 *   s = eta sqrt((1-a')/(1-a)) sqrt(1 - a/a')
 *   z' = sqrt(a') z0 + sqrt(1 - a' - s^2) e + s noise
 * </pre>
 *
 * <p>The next level is floor(T/S) below, whatever the spacing; below 0 it is abar_0, or 1 if set_alpha_to_one. eta 0 is
 * deterministic, eta 1 has the variance of DDPM.
 */
public final class DdimScheduler extends BaseScheduler {
    static final SchedulerConfig DEFAULTS = SchedulerConfig.defaults(TimestepSpacing.LEADING, true, true);

    private final double eta;
    private final boolean useClippedModelOutput;

    /** No fields of its own. */
    record Options() {}

    public DdimScheduler(SchedulerConfig config) {
        this(config, 0, false);
    }

    private DdimScheduler(SchedulerConfig config, double eta, boolean useClippedModelOutput) {
        super(SchedulerKind.DDIM, config, new Options(), config.noiseSchedule());
        if (!(eta >= 0 && eta <= 1)) {
            throw ZoetropeException.badInput("eta is %s, expected 0 (deterministic) to 1", eta);
        }
        this.eta = eta;
        this.useClippedModelOutput = useClippedModelOutput;
    }

    /**
     * The same sampler with noise in each step.
     *
     * @param newEta 0 to 1
     * @throws ZoetropeException BAD_INPUT if it is outside
     */
    public DdimScheduler withEta(double newEta) {
        return new DdimScheduler(config(), newEta, useClippedModelOutput);
    }

    /** The same sampler; {@code true} computes the noise again from the clipped clean sample. */
    public DdimScheduler withUseClippedModelOutput(boolean use) {
        return new DdimScheduler(config(), eta, use);
    }

    @Override
    public SamplerPlan plan(int steps) {
        double[] timesteps = spacedTimesteps(steps);
        int stride = training() / steps;
        double[] next = new double[steps];
        for (int i = 0; i < steps; i++) {
            next[i] = levelAt((int) timesteps[i] - stride);
        }
        return new Plan(timesteps, next);
    }

    @Override
    public SamplerPlan planAt(int... timesteps) {
        double[] checked = checkTimesteps(true, timesteps);
        double[] next = new double[timesteps.length];
        for (int i = 0; i < timesteps.length; i++) {
            next[i] = levelAt(i + 1 < timesteps.length ? timesteps[i + 1] : -1);
        }
        return new Plan(checked, next);
    }

    private double levelAt(int timestep) {
        return timestep >= 0 ? noiseSchedule().alphaBar(timestep) : finalAlphaBar();
    }

    /**
     * The variance of a step at eta 1, equation 16.
     *
     * @param alphaBar at the timestep
     * @param next at the next level
     */
    static double variance(double alphaBar, double next) {
        return (1 - next) / (1 - alphaBar) * (1 - alphaBar / next);
    }

    private final class Plan extends BasePlan {
        private final double[] next;

        Plan(double[] timesteps, double[] next) {
            super(DdimScheduler.this, timesteps, path(timesteps, next[next.length - 1]));
            this.next = next;
            checkSignal(timesteps);
        }

        @Override
        StepResult advance(Tensor modelOutput, int i, Tensor sample, NoiseSource noise) {
            double bar = noiseSchedule().alphaBar(timestep(i));
            double a = Math.sqrt(bar);
            double s = Math.sqrt(1 - bar);
            double std = eta * Math.sqrt(Math.max(0, variance(bar, next[i])));
            try (Scope scope = Scope.open()) {
                PredictionType type = config().predictionType();
                Tensor z0 = SampleClamp.apply(type.original(modelOutput, sample, a, s), config());
                Tensor e = useClippedModelOutput
                        ? PredictionType.SAMPLE.noise(z0, sample, a, s)
                        : type.noise(modelOutput, sample, a, s);
                Tensor previous = Ops.axpby(Math.sqrt(next[i]), z0, Math.sqrt(Math.max(0, 1 - next[i] - std * std)), e);
                if (eta > 0) {
                    previous = Ops.axpby(1, previous, std, noise.next(Tensors.shape(sample)));
                }
                return new StepResult(scope.keep(previous), scope.keep(z0));
            }
        }
    }
}
