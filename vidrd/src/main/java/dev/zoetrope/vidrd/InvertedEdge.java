package dev.zoetrope.vidrd;

import dev.zoetrope.diffusion.sampling.StepHook;
import dev.zoetrope.diffusion.sampling.StepState;
import dev.zoetrope.tensor.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;

/**
 * Collects, during a DDIM inversion, the edge that sampling would have left: inversion step i ends where sampling step
 * S-1-i begins, and its last latents are the noise.
 */
final class InvertedEdge implements StepHook {
    private final GuidanceStages stages;
    private final int shift;
    private final Map<Integer, Tensor> guides = new TreeMap<>();
    private final List<Tensor> noise = new ArrayList<>();

    InvertedEdge(ReuseOptions options, int steps) {
        this.stages = options.stages(steps);
        this.shift = options.indexing() == GuidanceIndexing.RELEASED ? 0 : 1;
    }

    @Override
    public void beforeStep(StepState state) {
        if (state.index() == 0) {
            keep(state.steps(), state.latents()); // the clean clip, which the last sampling step would put out
        }
    }

    @Override
    public void afterStep(StepState state) {
        int samplingStep = state.steps() - 1 - state.index();
        keep(samplingStep, state.latents());
        if (samplingStep == 0) {
            noise.add(Scope.own(state.latents().flip(2)));
        }
    }

    /** Latents that enter sampling step {@code k} and leave step {@code k - 1}. */
    private void keep(int k, Tensor latents) {
        int guided = k - shift;
        if (guided >= 0 && guided < stages.steps() && stages.guidedFrames(guided) > 0) {
            long frames = stages.guidedFrames(guided);
            try (Scope scope = Scope.noGrad()) {
                guides.put(
                        guided,
                        Scope.own(latents.narrow(2, latents.size(2) - frames, frames)
                                .flip(2)));
            }
        }
    }

    /** The edge, after the last step. */
    ClipEdge finish() {
        return new ClipEdge(noise.get(0), List.copyOf(guides.values()));
    }

    /** Frees what was collected of an inversion that failed. */
    void discard() {
        guides.values().forEach(Tensor::close);
        noise.forEach(Tensor::close);
    }
}
