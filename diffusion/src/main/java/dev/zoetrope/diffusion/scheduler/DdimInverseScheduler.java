package dev.zoetrope.diffusion.scheduler;

import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import org.bytedeco.pytorch.Tensor;

/**
 * DDIM inversion: from a clean sample to the noise that DDIM turns into it. Song et al., arXiv:2010.02502, section 4.3;
 * Mokady et al., arXiv:2211.09794, section 3.1.
 *
 * <pre>
 *   timesteps ascend; a' = abar at the timestep, a = abar one stride floor(T/S) below it
 *   z0, e from the network's output at the timestep, for the sample at a
 *   z' = sqrt(a') z0 + sqrt(1 - a') e
 * </pre>
 */
public final class DdimInverseScheduler extends BaseScheduler {
    static final SchedulerConfig DEFAULTS = SchedulerConfig.defaults(TimestepSpacing.LEADING, true, true);

    /** No fields of its own. */
    record Options() {}

    public DdimInverseScheduler(SchedulerConfig config) {
        super(SchedulerKind.DDIM_INVERSE, config, new Options(), config.noiseSchedule());
    }

    @Override
    public SamplerPlan plan(int steps) {
        double[] descending = spacedTimesteps(steps);
        int stride = training() / steps;
        double[] timesteps = new double[steps];
        double[] source = new double[steps];
        for (int i = 0; i < steps; i++) {
            timesteps[i] = descending[steps - 1 - i];
            source[i] = levelAt((int) timesteps[i] - stride);
        }
        return new Plan(timesteps, source);
    }

    @Override
    public SamplerPlan planAt(int... timesteps) {
        double[] checked = checkTimesteps(false, timesteps);
        double[] source = new double[timesteps.length];
        for (int i = 0; i < timesteps.length; i++) {
            source[i] = levelAt(i > 0 ? timesteps[i - 1] : -1);
        }
        return new Plan(checked, source);
    }

    private double levelAt(int timestep) {
        return timestep >= 0 ? noiseSchedule().alphaBar(timestep) : finalAlphaBar();
    }

    private final class Plan extends BasePlan {
        private final double[] source;

        Plan(double[] timesteps, double[] source) {
            super(DdimInverseScheduler.this, timesteps, ascendingPath(timesteps, source[0]));
            this.source = source;
        }

        @Override
        StepResult advance(Tensor modelOutput, int i, Tensor sample, NoiseSource noise) {
            double a = Math.sqrt(source[i]);
            double s = Math.sqrt(1 - source[i]);
            double target = noiseSchedule().alphaBar(timestep(i));
            try (Scope scope = Scope.open()) {
                PredictionType type = config().predictionType();
                Tensor e = type.noise(modelOutput, sample, a, s);
                Tensor z0 = SampleClamp.applyClip(type.original(modelOutput, sample, a, s), config());
                Tensor next = Ops.axpby(Math.sqrt(target), z0, Math.sqrt(1 - target), e);
                return new StepResult(scope.keep(next), scope.keep(z0));
            }
        }
    }

    /** The sample is at the source level before the first step and at timestep i after step i. */
    private double[] ascendingPath(double[] timesteps, double firstAlphaBar) {
        double[] sigmas = new double[timesteps.length + 1];
        sigmas[0] = BasePlan.sigmaOf(firstAlphaBar);
        for (int i = 0; i < timesteps.length; i++) {
            sigmas[i + 1] = noiseSchedule().sigma((int) timesteps[i]);
        }
        return sigmas;
    }
}
