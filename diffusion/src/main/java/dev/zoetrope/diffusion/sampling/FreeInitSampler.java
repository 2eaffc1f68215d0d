package dev.zoetrope.diffusion.sampling;

import dev.zoetrope.diffusion.scheduler.FreeInit;
import dev.zoetrope.diffusion.scheduler.NoiseSource;
import dev.zoetrope.diffusion.scheduler.SamplerPlan;
import dev.zoetrope.diffusion.scheduler.Scheduler;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** Samples several times, each run from the low frequencies of the last result and fresh high ones ({@link FreeInit}). */
public final class FreeInitSampler {
    private final Sampler sampler;
    private final int iterations;
    private final FreeInit.LowPass filter;

    /**
     * @param iterations whole runs, at least 1
     * @throws ZoetropeException BAD_INPUT for fewer
     */
    public FreeInitSampler(Sampler sampler, int iterations, FreeInit.LowPass filter) {
        if (iterations < 1) {
            throw ZoetropeException.badInput("%d FreeInit iterations, expected at least 1", iterations);
        }
        this.sampler = sampler;
        this.iterations = iterations;
        this.filter = filter;
    }

    /**
     * As {@link Sampler#run}, with a plan of {@code steps} steps for each iteration.
     *
     * @throws ZoetropeException BAD_INPUT if the scheduler starts from scaled noise, or the source not from noise
     */
    public Tensor run(
            Scheduler scheduler,
            int steps,
            LatentSource source,
            NoiseSource noise,
            List<StepHook> hooks,
            long... shape) {
        try (Scope scope = Scope.noGrad()) {
            Tensor first = first(scheduler, steps, source, noise, shape);
            Tensor start = first;
            for (int i = 0; ; i++) {
                Tensor sample = once(scheduler, steps, LatentSource.given(start), noise, hooks, shape);
                if (i == iterations - 1) {
                    return scope.keep(sample);
                }
                Tensor fresh = noise.next(shape);
                start = FreeInit.restart(sample, first, fresh, scheduler.noiseSchedule(), filter);
            }
        }
    }

    private Tensor once(
            Scheduler scheduler, int steps, LatentSource start, NoiseSource noise, List<StepHook> hooks, long[] shape) {
        try (SamplerPlan plan = scheduler.plan(steps)) {
            return sampler.run(plan, start, noise, hooks, shape);
        }
    }

    private static Tensor first(Scheduler scheduler, int steps, LatentSource source, NoiseSource noise, long[] shape) {
        try (SamplerPlan plan = scheduler.plan(steps)) {
            if (plan.initNoiseSigma() != 1) {
                throw ZoetropeException.badInput(
                        "FreeInit needs a scheduler that starts from noise of variance 1, such as ddim");
            }
            LatentSource.Start start = source.start(new LatentSource.Request(shape.clone(), plan, noise));
            if (start.firstStep() != 0) {
                throw ZoetropeException.badInput("FreeInit starts from noise, not from a clip; leave one of them out");
            }
            return start.latents();
        }
    }
}
