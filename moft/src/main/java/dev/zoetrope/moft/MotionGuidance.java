package dev.zoetrope.moft;

import dev.zoetrope.diffusion.denoiser.DenoiserOutput;
import dev.zoetrope.diffusion.denoiser.DenoiserRequest;
import dev.zoetrope.diffusion.denoiser.KeyValuePolicy;
import dev.zoetrope.diffusion.denoiser.KeyValuePolicy.KeyValue;
import dev.zoetrope.diffusion.denoiser.LatentGradient;
import dev.zoetrope.diffusion.sampling.StepHook;
import dev.zoetrope.diffusion.sampling.StepState;
import dev.zoetrope.diffusion.scheduler.SamplerPlan;
import dev.zoetrope.diffusion.scheduler.StepResult;
import dev.zoetrope.tensor.ErrorCode;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Steers a run by gradient descent on its latents (algorithm 1 of the paper, equation 7): before each step of the window
 * the prompts alone are evaluated as far as the tap, the loss is differentiated in the latents, the gradient is clipped to
 * the regions, and the latents are moved. One object serves one run.
 *
 * <p>With shared keys and values, or if the clip without guidance is wanted, a reference branch from the same noise runs
 * beside. In units of one evaluation of one clip, with N steps, G guided ones, R repeats and classifier-free guidance:
 * 2 N for the run, 2 n for the reference branch (n = N if the source is kept or predictions share, else the end of the
 * window if gradients share, else 0), and G R forward and G R backward as far as the tap; G R more forward if activations
 * are recomputed.
 */
public final class MotionGuidance implements StepHook, AutoCloseable {
    /** Spatial self-attention of the up blocks after the first; neither cross-attention nor temporal attention. */
    private static final Pattern SHARED =
            Pattern.compile("up_blocks\\.[1-9]\\.attentions\\.\\d+\\.transformer_blocks\\.\\d+\\.attn1");

    private static final double LARGE_UPDATE = 0.5;

    private final MotionObjective objective;
    private final GuidanceOptions options;
    private final SamplerPlan referencePlan;
    private final Consumer<String> notices;
    private final KeyValuePolicy.Recording recording =
            new KeyValuePolicy.Recording(path -> SHARED.matcher(path).matches());
    private final List<Update> updates = new ArrayList<>();
    private @Nullable Tensor reference;
    private boolean stopped;

    /**
     * One update.
     *
     * @param loss before it
     * @param gradientRms of the clipped gradient
     * @param updateRms of what was taken from the latents
     */
    public record Update(int step, int repeat, double loss, double gradientRms, double updateRms) {}

    /**
     * @param referencePlan a plan of its own for the reference branch, of the same scheduler and steps; closed by the caller
     * @param notices told what the user should know
     * @throws ZoetropeException BAD_INPUT if the window does not fit the plan
     */
    public MotionGuidance(
            MotionObjective objective, GuidanceOptions options, SamplerPlan referencePlan, Consumer<String> notices) {
        options.checkSteps(referencePlan.steps());
        this.objective = objective;
        this.options = options;
        this.referencePlan = referencePlan;
        this.notices = notices;
    }

    /**
     * Lets the reference branch start from other latents than the run; for controls.
     *
     * @param latents [B,C,F,h,w], in the units of the run
     */
    public void startReference(Tensor latents) {
        reference = Scope.own(latents.clone());
    }

    /** Whether an attention is one whose keys and values are shared. */
    static boolean isShared(String path) {
        return SHARED.matcher(path).matches();
    }

    @Override
    public void beforeStep(StepState state) {
        if (state.index() == 0 && reference == null && needsReference(0)) {
            reference = Scope.own(state.latents().clone());
        }
        if (needsReference(state.index())) {
            advanceReference(state);
        }
        if (options.sharing() == KeyValueSharing.OPTIMISE_AND_PREDICT) {
            state.request(state.request().withKeyValues(recording.replay()));
        }
        if (guides(state)) {
            for (int r = 0; r < options.repeats() && !stopped; r++) {
                optimise(state, r);
            }
        }
    }

    private boolean guides(StepState state) {
        return options.guides(state.index())
                && !stopped
                && options.strength() > 0
                && objective.isActive(state.index(), state.steps());
    }

    private boolean needsReference(int step) {
        return options.keepSource()
                || options.sharing() == KeyValueSharing.OPTIMISE_AND_PREDICT
                || options.sharing() == KeyValueSharing.OPTIMISE && step < options.endStep();
    }

    private boolean records(int step) {
        return options.sharing() == KeyValueSharing.OPTIMISE_AND_PREDICT
                || options.sharing() == KeyValueSharing.OPTIMISE && options.guides(step);
    }

    private void advanceReference(StepState state) {
        Tensor at = source();
        DenoiserRequest request =
                records(state.index()) ? DenoiserRequest.NONE.withKeyValues(recording) : DenoiserRequest.NONE;
        try (Scope scope = Scope.noGrad()) {
            Tensor input = referencePlan.scaleModelInput(at, state.index());
            Tensor prediction =
                    state.denoiser().evaluate(input, state.timestep(), request).prediction();
            StepResult result = referencePlan.step(prediction, state.index(), at, state.noise());
            reference = Scope.own(result.previous());
        }
        at.close();
    }

    /**
     * The latents of the clip without guidance, [B,C,F,h,w]; whole once the run has ended, if the source is kept. They belong
     * to this object.
     */
    public Tensor source() {
        Tensor tensor = reference;
        if (tensor == null) {
            throw new IllegalStateException("no reference branch ran: keep the source, or share keys and values");
        }
        return tensor;
    }

    /** The updates so far; their number is the number of evaluations and of gradients as far as the tap. */
    public List<Update> updates() {
        return List.copyOf(updates);
    }

    private void optimise(StepState state, int repeat) {
        List<MotionObjective> parts = options.regionClip() == RegionClip.OWN ? objective.parts() : List.of(objective);
        try (Scope scope = Scope.withGrad()) {
            double loss = 0;
            Tensor sum = Tensors.zeros();
            for (LatentGradient part : gradients(state, parts)) {
                loss += part.loss();
                sum = sum.add(part.gradient());
            }
            move(state, repeat, loss, sum);
        }
    }

    /** The gradient of each part, clipped; one evaluation for all but where activations are recomputed. */
    private List<LatentGradient> gradients(StepState state, List<MotionObjective> parts) {
        Tensor z = state.latents().detach();
        boolean whole = options.pass() == GuidanceOptions.Pass.WHOLE;
        DenoiserRequest tapping = DenoiserRequest.tapping(options.tap());
        DenoiserRequest request =
                (whole ? tapping : tapping.stoppingAfter(options.tap())).withKeyValues(conditionalHalf());
        if (options.pass() == GuidanceOptions.Pass.RECOMPUTED) {
            return parts.stream()
                    .map(part ->
                            clip(part, state.conditionalGradient(z, request, output -> loss(part, state, output, z))))
                    .toList();
        }
        z.requires_grad_(true);
        DenoiserOutput output = state.conditional(z, request);
        return parts.stream()
                .map(part -> clip(part, gradient(loss(part, state, output, z), z)))
                .toList();
    }

    private static LatentGradient gradient(Tensor loss, Tensor z) {
        Tensor gradient = loss.requires_grad() ? Ops.gradientKeepingGraph(loss, z) : Ops.mul(z.detach(), 0);
        return new LatentGradient(Tensors.item(loss), gradient);
    }

    private Tensor loss(MotionObjective part, StepState state, DenoiserOutput output, Tensor z) {
        return part.loss(state.index(), state.steps(), features(output.tap(options.tap()), z), z);
    }

    /** The tap on the wanted grid, [B,F,C,H,W]. */
    private Tensor features(Tensor tap, Tensor z) {
        long rows = options.featureGrid().isPresent() ? options.featureGrid().getAsInt() : z.size(3);
        long columns = options.featureGrid().isPresent() ? options.featureGrid().getAsInt() : z.size(4);
        return Moft.resize(Moft.unfold(tap, z.size(0)), rows, columns);
    }

    /** Gives the prompts' half of what the reference branch recorded. */
    private KeyValuePolicy conditionalHalf() {
        if (options.sharing() == KeyValueSharing.OFF) {
            return KeyValuePolicy.NONE;
        }
        Map<String, KeyValue> recorded = recording.recorded();
        return (path, own) -> {
            KeyValue shared = recorded.get(path);
            if (shared == null) {
                return own;
            }
            long have = shared.key().size(0);
            long need = own.key().size(0);
            return new KeyValue(
                    Ops.slice(shared.key(), 0, have - need, have), Ops.slice(shared.value(), 0, have - need, have));
        };
    }

    /** Equation 8 as the text means it: on the first K frames the gradient is zero outside what may change. */
    private LatentGradient clip(MotionObjective part, LatentGradient whole) {
        Tensor gradient = whole.gradient();
        long frames = gradient.size(2);
        long clipped = Math.min(frames, options.clippedFrames().orElse(Math.toIntExact(frames)));
        Optional<Tensor> changeable = part.changeable(gradient.size(3), gradient.size(4));
        if (clipped == 0 || changeable.isEmpty()) {
            return whole;
        }
        Tensor inside = changeable.get().expand(frames, -1, -1);
        Tensor first = Ops.slice(inside, 0, 0, clipped);
        Tensor rest = Tensors.full(1, frames - clipped, gradient.size(3), gradient.size(4));
        Tensor mask = Ops.cat(0, first, rest).unsqueeze(0).unsqueeze(0);
        return new LatentGradient(whole.loss(), gradient.mul(mask));
    }

    private void move(StepState state, int repeat, double loss, Tensor gradient) {
        double gradientRms = Tensors.item(Moft.rms(gradient).mean());
        if (!Double.isFinite(loss) || !Double.isFinite(gradientRms)) {
            notFinite(state, repeat);
            return;
        }
        Tensor update = gradient;
        if (options.stepSize() == GuidanceOptions.StepSize.NORMALISED) {
            // A clip whose gradient is zero stays where it is.
            update = gradient.div(Moft.rms(gradient).clamp_min(new org.bytedeco.pytorch.Scalar(1e-20)));
        }
        update = limited(Ops.mul(update, options.strength()));
        double updateRms = Tensors.item(Moft.rms(update).mean());
        double latentRms = Tensors.item(Moft.rms(state.latents()).mean());
        if (updateRms > LARGE_UPDATE * latentRms) {
            notices.accept(String.format(
                    "step %d: an update of %.2f against latents of %.2f (root mean square) is very strong; lower the"
                            + " strength, or limit it by --max-step-rms",
                    state.index(), updateRms, latentRms));
        }
        updates.add(new Update(state.index(), repeat, loss, gradientRms, updateRms));
        state.replaceLatents(state.latents().sub(update));
    }

    private Tensor limited(Tensor update) {
        if (options.maxStepRms().isEmpty()) {
            return update;
        }
        Tensor rms = Moft.rms(update).clamp_min(new org.bytedeco.pytorch.Scalar(1e-20));
        Tensor factor = torch.minimum(
                Tensors.full(1, 1),
                rms.reciprocal()
                        .mul(new org.bytedeco.pytorch.Scalar(
                                options.maxStepRms().getAsDouble())));
        return update.mul(factor);
    }

    private void notFinite(StepState state, int repeat) {
        String message = String.format(
                "the motion gradient is not finite at step %d, repeat %d; lower the weight or strength, or use float32",
                state.index(), repeat);
        if (!options.keepPartial()) {
            throw new ZoetropeException(ErrorCode.NATIVE, message);
        }
        stopped = true;
        notices.accept(message + "; the rest of the run is not guided");
    }

    @Override
    public void close() {
        recording.close();
        if (reference != null) {
            reference.close();
            reference = null;
        }
    }
}
