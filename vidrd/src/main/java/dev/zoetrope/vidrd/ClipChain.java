package dev.zoetrope.vidrd;

import dev.zoetrope.diffusion.sampling.GuidedDenoiser;
import dev.zoetrope.diffusion.sampling.Sampler;
import dev.zoetrope.diffusion.sampling.StepHook;
import dev.zoetrope.diffusion.scheduler.NoiseSource;
import dev.zoetrope.diffusion.scheduler.SamplerPlan;
import dev.zoetrope.tensor.ErrorCode;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.IntFunction;
import org.bytedeco.pytorch.Tensor;

/**
 * Latents of clips that continue each other, one {@link #next()} a clip, on any denoiser. Memory does not depend on the
 * number of clips: of the clip before, only what the next one takes over is kept.
 *
 * <p>Between two clips the chain's {@link #state()} can be stored, and another chain of the same options continued from it.
 */
public final class ClipChain implements Iterator<Tensor>, AutoCloseable {
    private static final String PREVIOUS = "previous.";
    private static final String FIRST = "first.";

    private final ChainOptions options;
    private final IntFunction<GuidedDenoiser> denoisers;
    private final NoiseSource noise;
    private final List<StepHook> hooks;

    private int index;
    private Optional<ClipEdge> previous = Optional.empty();
    private Optional<ClipEdge> first = Optional.empty();

    /**
     * @param denoisers the denoiser with its prompt for each clip, by index from 0
     * @param noise standard normal numbers, each sample of the batch from its own generator
     * @param hooks see the latents of every step after they were guided
     */
    public ClipChain(
            ChainOptions options, IntFunction<GuidedDenoiser> denoisers, NoiseSource noise, List<StepHook> hooks) {
        this.options = options;
        this.denoisers = denoisers;
        this.noise = noise;
        this.hooks = List.copyOf(hooks);
    }

    /** Makes the chain go on from a clip that was not sampled; before the first {@link #next()}. Takes the edge over. */
    void continueFrom(ClipEdge end) {
        previous = Optional.of(end);
    }

    /** Clips made so far. */
    public int index() {
        return index;
    }

    @Override
    public boolean hasNext() {
        return index < options.clips();
    }

    /**
     * Samples the next clip.
     *
     * @return [B,C,N,h,w], in the caller's scope
     * @throws ZoetropeException as {@code Sampler.run}; the chain then is as it was before
     */
    @Override
    public Tensor next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        boolean recordFirst = options.loop() && index == 0;
        Optional<ClipEdge> after = options.loop() && index == options.clips() - 1 ? first : Optional.empty();
        StagedGuidance guidance = new StagedGuidance(options.reuse(), options.steps(), previous, after, recordFirst);
        NoiseReuse source = new NoiseReuse(options.reuse(), options.prior(), previous, after);
        List<StepHook> all = new ArrayList<>(List.of(guidance));
        all.addAll(hooks);
        try (Scope scope = Scope.noGrad();
                SamplerPlan plan = options.scheduler().plan(options.steps())) {
            Tensor latents = new Sampler(denoisers.apply(index)).run(plan, source, noise, all, options.shapeArray());
            previous.ifPresent(ClipEdge::close);
            previous = Optional.of(guidance.end());
            first = recordFirst ? Optional.of(guidance.start()) : first;
            index++;
            return scope.keep(latents);
        } catch (RuntimeException e) {
            guidance.discard();
            throw named(e);
        }
    }

    private RuntimeException named(RuntimeException e) {
        return e instanceof ZoetropeException known && known.code() == ErrorCode.NATIVE
                ? new ZoetropeException(known.code(), "clip " + index + ": " + known.getMessage(), known)
                : e;
    }

    /** What the next clip needs, by name; the tensors stay the chain's. */
    public Map<String, Tensor> state() {
        Map<String, Tensor> all = new TreeMap<>();
        previous.ifPresent(edge -> all.putAll(edge.tensors(PREVIOUS)));
        first.ifPresent(edge -> all.putAll(edge.tensors(FIRST)));
        return all;
    }

    /**
     * Continues after {@code clips} clips from what {@link #state()} gave then. The source of noise must continue, too.
     *
     * @throws ZoetropeException CHECKPOINT_MISMATCH if a tensor is missing or has another shape
     */
    public void restore(int clips, Map<String, Tensor> state) {
        close();
        index = clips;
        ReuseOptions reuse = options.reuse();
        long[] shape = options.shapeArray();
        GuidanceStages stages = reuse.stages(options.steps());
        previous = Optional.of(ClipEdge.of(state, PREVIOUS, shape, shape[2], stages));
        first = options.loop()
                ? Optional.of(ClipEdge.of(state, FIRST, shape, reuse.promptFrames(), stages))
                : Optional.empty();
    }

    @Override
    public void close() {
        previous.ifPresent(ClipEdge::close);
        first.ifPresent(ClipEdge::close);
        previous = Optional.empty();
        first = Optional.empty();
    }
}
