package dev.zoetrope.diffusion.sampling;

import dev.zoetrope.diffusion.denoiser.DenoiserOutput;
import dev.zoetrope.diffusion.scheduler.NoiseSource;
import dev.zoetrope.diffusion.scheduler.SamplerPlan;
import dev.zoetrope.diffusion.scheduler.StepResult;
import dev.zoetrope.tensor.ErrorCode;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The denoising loop: for each step of a plan, hooks, one guided evaluation, the scheduler's step, hooks. With the plan of
 * an inversion the same loop goes from clean latents to noise.
 *
 * <p>Every step has a scope of its own; memory does not grow with their number. Stateless: one sampler serves any number
 * of runs.
 */
public final class Sampler {
    private final GuidedDenoiser denoiser;

    public Sampler(GuidedDenoiser denoiser) {
        this.denoiser = denoiser;
    }

    /**
     * Runs a plan to its end.
     *
     * @param plan fresh from {@code Scheduler.plan}; closed by the caller
     * @param source the first latents, and the step to begin with
     * @param noise each sample's own random numbers, for the source and for stochastic schedulers
     * @param hooks called in this order at every step
     * @param shape [B,C,F,h,w]
     * @return the latents after the last step, in the caller's scope
     * @throws ZoetropeException NATIVE naming step and timestep if a value is not finite; CANCELLED from a {@link
     *     CancellationSignal}; BAD_INPUT if shapes do not fit
     */
    public Tensor run(SamplerPlan plan, LatentSource source, NoiseSource noise, List<StepHook> hooks, long... shape) {
        try (Scope scope = Scope.noGrad()) {
            LatentSource.Start start = source.start(new LatentSource.Request(shape.clone(), plan, noise));
            checkStart(start, plan, shape);
            StepState state = new StepState(denoiser, plan, noise, start.latents());
            try {
                for (int i = start.firstStep(); i < plan.steps(); i++) {
                    step(state, i, hooks);
                }
                return scope.keep(state.latents());
            } finally {
                state.release();
            }
        }
    }

    private void step(StepState state, int i, List<StepHook> hooks) {
        try (Scope scope = Scope.noGrad()) {
            state.begin(i);
            hooks.forEach(hook -> hook.beforeStep(state));
            advance(state);
            checkFinite(state, "the scheduler's step");
            hooks.forEach(hook -> hook.afterStep(state));
            checkFinite(state, "a hook");
        } finally {
            state.end();
        }
    }

    private void advance(StepState state) {
        SamplerPlan plan = state.plan();
        Tensor input = plan.scaleModelInput(state.latents(), state.index());
        DenoiserOutput output = denoiser.evaluate(input, state.timestep(), state.request());
        StepResult result = plan.step(output.prediction(), state.index(), state.latents(), state.noise());
        state.stepped(result.previous(), result.predictedOriginal(), output.taps());
    }

    private static void checkStart(LatentSource.Start start, SamplerPlan plan, long[] shape) {
        if (!Arrays.equals(Tensors.shape(start.latents()), shape)) {
            throw ZoetropeException.badInput(
                    "the first latents are %s, this run needs %s",
                    Arrays.toString(Tensors.shape(start.latents())), Arrays.toString(shape));
        }
        if (start.firstStep() < 0 || start.firstStep() >= plan.steps()) {
            throw ZoetropeException.badInput(
                    "the run would begin with step %d, it has steps 0 to %d", start.firstStep(), plan.steps() - 1);
        }
    }

    private static void checkFinite(StepState state, String culprit) {
        try (Scope scope = Scope.noGrad()) {
            if (torch.isfinite(state.latents()).all().item_bool()) {
                return;
            }
        }
        throw new ZoetropeException(
                ErrorCode.NATIVE,
                String.format(
                        "the latents are not finite after %s at step %d of %d (timestep %s); lower the guidance scale, or"
                                + " check the weights and the scheduler's prediction_type",
                        culprit, state.index() + 1, state.steps(), state.timestep()));
    }
}
