package dev.zoetrope.diffusion.sampling;

import dev.zoetrope.diffusion.denoiser.Conditioning;
import dev.zoetrope.diffusion.denoiser.DenoiserOutput;
import dev.zoetrope.diffusion.denoiser.DenoiserRequest;
import dev.zoetrope.diffusion.denoiser.LatentGradient;
import dev.zoetrope.diffusion.denoiser.VideoDenoiser;
import dev.zoetrope.diffusion.scheduler.Guidance;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;

/**
 * A denoiser with its prompts and its guidance: one function of latents and timestep.
 *
 * <p>Guided evaluations see the batch [unconditional ; conditional] of 2B samples in one pass, or in two passes of B,
 * which gives the same and needs half the memory. Inputs are latents as the network wants to see them ({@code
 * SamplerPlan.scaleModelInput}). All evaluations are differentiable in the latents.
 */
public final class GuidedDenoiser {
    private final VideoDenoiser denoiser;
    private final Conditioning conditional;
    private final Optional<Conditioning> unconditional;
    private final Guidance guidance;
    private final boolean twoPasses;

    /**
     * @param denoiser not closed here
     * @param conditional of the prompts, B contexts
     * @param unconditional of the negative prompts, B contexts; may be empty if the guidance is not active
     * @param twoPasses evaluate both halves one after the other to save memory
     * @throws ZoetropeException BAD_INPUT if guidance is active without unconditional contexts, or their shapes differ
     */
    public GuidedDenoiser(
            VideoDenoiser denoiser,
            Conditioning conditional,
            Optional<Conditioning> unconditional,
            Guidance guidance,
            boolean twoPasses) {
        if (guidance.isActive() && unconditional.isEmpty()) {
            throw ZoetropeException.badInput(
                    "guidance scale %s needs the embedding of a negative prompt; give one, or scale 1",
                    guidance.scale());
        }
        unconditional.ifPresent(other -> checkAlike(conditional.context(), other.context()));
        this.denoiser = denoiser;
        this.conditional = conditional;
        this.unconditional = unconditional;
        this.guidance = guidance;
        this.twoPasses = twoPasses;
    }

    private static void checkAlike(Tensor a, Tensor b) {
        if (a.size(0) != b.size(0) || a.size(1) != b.size(1)) {
            throw ZoetropeException.badInput(
                    "%d prompts of %d tokens with %d negative prompts of %d: expected the same numbers",
                    a.size(0), a.size(1), b.size(0), b.size(1));
        }
    }

    /** The bare network. */
    public VideoDenoiser denoiser() {
        return denoiser;
    }

    public Guidance guidance() {
        return guidance;
    }

    /** Contexts of the prompts [B,L,D]. */
    public Conditioning conditional() {
        return conditional;
    }

    /** Contexts of the negative prompts [B,L,D]. */
    public Optional<Conditioning> unconditional() {
        return unconditional;
    }

    /** The guided prediction: latents [B,C,F,h,w] to the same shape. */
    public Tensor predict(Tensor input, double timestep) {
        return evaluate(input, timestep, DenoiserRequest.NONE).prediction();
    }

    /**
     * The guided prediction, and what the request asks for.
     *
     * @return the prediction [B,...] unless the request stops early; taps see 2B samples, the unconditional ones first,
     *     if guidance is active. A request other than {@link DenoiserRequest#NONE} is always one pass.
     */
    public DenoiserOutput evaluate(Tensor input, double timestep, DenoiserRequest request) {
        if (!guidance.isActive()) {
            return conditional(input, timestep, request);
        }
        try (Scope scope = Scope.open()) {
            if (twoPasses && request.equals(DenoiserRequest.NONE)) {
                Tensor without = forward(input, timestep, negative(), request).prediction();
                Tensor with = forward(input, timestep, conditional, request).prediction();
                return new DenoiserOutput(scope.keep(guidance.apply(without, with)), Map.of());
            }
            DenoiserOutput both = both(input, timestep, request);
            both.taps().values().forEach(scope::keep);
            return request.stopAfter().isPresent()
                    ? both
                    : new DenoiserOutput(scope.keep(guidance.apply(both.prediction())), both.taps());
        }
    }

    /** Both halves raw in one pass: latents [B,...] to [2B,...], the unconditional ones first. */
    public DenoiserOutput both(Tensor input, double timestep, DenoiserRequest request) {
        try (Scope scope = Scope.open()) {
            Conditioning negative = negative();
            Conditioning joined = new Conditioning(
                    Ops.cat(0, negative.context(), conditional.context()),
                    conditional
                            .addedTimeIds()
                            .map(ids -> Ops.cat(0, negative.addedTimeIds().orElse(ids), ids)));
            return kept(scope, forward(Ops.cat(0, input, input), timestep, joined, request), request);
        }
    }

    /** The prompts alone, without guidance. */
    public DenoiserOutput conditional(Tensor input, double timestep, DenoiserRequest request) {
        return forward(input, timestep, conditional, request);
    }

    /**
     * A loss of the prompts alone and its gradient in the input, with as little memory as the network can; see {@link
     * VideoDenoiser#gradient}.
     */
    public LatentGradient conditionalGradient(
            Tensor input, double timestep, DenoiserRequest request, Function<DenoiserOutput, Tensor> loss) {
        try (Scope scope = Scope.open()) {
            Tensor timesteps = Tensors.full(timestep, input.size(0));
            LatentGradient result = denoiser.gradient(input, timesteps, conditional, request, loss);
            scope.keep(result.gradient());
            return result;
        }
    }

    /** Any other conditioning, without guidance. */
    public DenoiserOutput forward(Tensor input, double timestep, Conditioning conditioning, DenoiserRequest request) {
        try (Scope scope = Scope.open()) {
            Tensor timesteps = Tensors.full(timestep, input.size(0));
            return kept(scope, denoiser.forward(input, timesteps, conditioning, request), request);
        }
    }

    private static DenoiserOutput kept(Scope scope, DenoiserOutput output, DenoiserRequest request) {
        output.taps().values().forEach(scope::keep);
        if (request.stopAfter().isEmpty()) {
            scope.keep(output.prediction());
        }
        return output;
    }

    private Conditioning negative() {
        return unconditional.orElseThrow(() -> ZoetropeException.badInput(
                "this evaluation needs the embedding of a negative prompt; give one when the denoiser is made"));
    }
}
