package dev.zoetrope.diffusion.sampling;

import dev.zoetrope.diffusion.denoiser.DenoiserOutput;
import dev.zoetrope.diffusion.denoiser.DenoiserRequest;
import dev.zoetrope.diffusion.denoiser.LatentGradient;
import dev.zoetrope.diffusion.scheduler.NoiseSource;
import dev.zoetrope.diffusion.scheduler.SamplerPlan;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** A run of the {@link Sampler} at one of its steps, as a {@link StepHook} sees it. */
public final class StepState {
    private final GuidedDenoiser denoiser;
    private final SamplerPlan plan;
    private final NoiseSource noise;
    private final double[] timesteps;
    private final double[] sigmas;
    private final List<Tensor> retired = new ArrayList<>();

    private int index;
    private Tensor latents;
    private DenoiserRequest request = DenoiserRequest.NONE;
    private Map<String, Tensor> taps = Map.of();
    private @Nullable Tensor predictedOriginal;

    StepState(GuidedDenoiser denoiser, SamplerPlan plan, NoiseSource noise, Tensor latents) {
        this.denoiser = denoiser;
        this.plan = plan;
        this.noise = noise;
        this.timesteps = plan.timesteps();
        this.sigmas = plan.sigmas();
        this.latents = Scope.own(latents);
    }

    /** Index of this step, 0 for the first of a whole run. */
    public int index() {
        return index;
    }

    /** Number of steps of a whole run. */
    public int steps() {
        return timesteps.length;
    }

    /** The timestep the network is given. */
    public double timestep() {
        return timesteps[index];
    }

    /** Noise-to-signal ratio of the latents before this step. */
    public double sigma() {
        return sigmas[index];
    }

    /** Noise-to-signal ratio of the latents after this step. */
    public double nextSigma() {
        return sigmas[index + 1];
    }

    /** The latents [B,C,F,h,w] as they are now, in the units of the run. Valid until the step ends. */
    public Tensor latents() {
        return latents;
    }

    /**
     * Continues with other latents.
     *
     * @param replacement [B,C,F,h,w]; gradients recorded on it are dropped
     * @throws ZoetropeException BAD_INPUT if the shape changes
     */
    public void replaceLatents(Tensor replacement) {
        if (!Arrays.equals(Tensors.shape(replacement), Tensors.shape(latents))) {
            throw ZoetropeException.badInput(
                    "a hook replaced latents of shape %s by %s at step %d; the shape must stay",
                    Arrays.toString(Tensors.shape(latents)), Arrays.toString(Tensors.shape(replacement)), index);
        }
        retired.add(latents);
        latents = Scope.own(replacement.detach());
    }

    /** The clean latents as this step saw them; only after the step. */
    public Optional<Tensor> predictedOriginal() {
        return Optional.ofNullable(predictedOriginal);
    }

    /**
     * Asks the evaluation of this step for taps, or steers its keys and values; for this step only. Taps and policies see
     * 2B samples, the unconditional ones first, if guidance is active.
     *
     * @throws ZoetropeException BAD_INPUT if it stops before the prediction
     */
    public void request(DenoiserRequest wanted) {
        if (wanted.stopAfter().isPresent()) {
            throw ZoetropeException.badInput(
                    "the evaluation of a step cannot stop early; evaluate on your own for that");
        }
        request = wanted;
    }

    /** The request of this step's evaluation so far, for hooks that add to it. */
    public DenoiserRequest request() {
        return request;
    }

    /** What the request asked for; only after the step. */
    public Map<String, Tensor> taps() {
        return taps;
    }

    /** The samples' own random numbers. */
    public NoiseSource noise() {
        return noise;
    }

    /** The run; do not step it. */
    public SamplerPlan plan() {
        return plan;
    }

    /** The denoiser with prompts and guidance, for evaluations of a hook's own. */
    public GuidedDenoiser denoiser() {
        return denoiser;
    }

    /** Another evaluation at this step: the guided prediction for given latents in the units of the run. */
    public Tensor predict(Tensor at) {
        return denoiser.predict(plan.scaleModelInput(at, index), timestep());
    }

    /** Another evaluation at this step, of both halves: [2B,...], the unconditional ones first. */
    public DenoiserOutput both(Tensor at, DenoiserRequest wanted) {
        return denoiser.both(plan.scaleModelInput(at, index), timestep(), wanted);
    }

    /** Another evaluation at this step, of the prompts alone; record gradients in a {@link Scope#withGrad()}. */
    public DenoiserOutput conditional(Tensor at, DenoiserRequest wanted) {
        return denoiser.conditional(plan.scaleModelInput(at, index), timestep(), wanted);
    }

    /**
     * A loss of the prompts' evaluation at given latents, and its gradient with respect to them, with as little memory as
     * the network can.
     *
     * @param at [B,C,F,h,w], in the units of the run
     */
    public LatentGradient conditionalGradient(
            Tensor at, DenoiserRequest wanted, Function<DenoiserOutput, Tensor> loss) {
        try (Scope scope = Scope.withGrad()) {
            Tensor leaf = at.detach().requires_grad_(true);
            Tensor input = plan.scaleModelInput(leaf, index);
            LatentGradient ofInput = denoiser.conditionalGradient(input, timestep(), wanted, loss);
            Tensor chained = Ops.gradients(input.mul(ofInput.gradient()).sum(), List.of(leaf))
                    .get(0);
            return new LatentGradient(ofInput.loss(), scope.keep(chained));
        }
    }

    void begin(int step) {
        index = step;
        request = DenoiserRequest.NONE;
        taps = Map.of();
        predictedOriginal = null;
    }

    void stepped(Tensor next, Tensor original, Map<String, Tensor> tapped) {
        replaceLatents(next);
        predictedOriginal = original;
        taps = tapped;
    }

    /** Frees what was replaced during the step. */
    void end() {
        retired.forEach(Tensor::close);
        retired.clear();
    }

    void release() {
        end();
        latents.close();
    }
}
