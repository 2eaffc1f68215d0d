package dev.zoetrope.vidrd;

import dev.zoetrope.diffusion.sampling.StepHook;
import dev.zoetrope.diffusion.sampling.StepState;
import dev.zoetrope.tensor.Ops;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * Denoising with staged guidance (DSG): in the first steps the first M frames are overwritten by the latents that the
 * mirrored last frames of the previous clip had in the same step (sheet 2.3, 2.4). The last clip of a loop is guided in the
 * same way at its end, by the first frames of the first clip. Records what the next clip needs.
 */
final class StagedGuidance implements StepHook {
    private final GuidanceStages stages;
    private final GuidanceIndexing indexing;
    private final Optional<ClipEdge> before;
    private final Optional<ClipEdge> after;
    private final ClipEdge.Recording end = new ClipEdge.Recording(true);
    private final ClipEdge.Recording start = new ClipEdge.Recording(false);
    private final boolean recordStart;

    /**
     * @param before end of the previous clip
     * @param after start of the clip that follows, in a loop
     * @param recordStart whether this clip's start is needed, too
     */
    StagedGuidance(
            ReuseOptions options, int steps, Optional<ClipEdge> before, Optional<ClipEdge> after, boolean recordStart) {
        this.stages = options.stages(steps);
        this.indexing = options.indexing();
        this.before = before;
        this.after = after;
        this.recordStart = recordStart;
    }

    @Override
    public void beforeStep(StepState state) {
        if (indexing == GuidanceIndexing.RELEASED) {
            guide(state);
        }
        if (state.index() == 0) {
            end.noise(state.latents(), state.latents().size(2));
            if (recordStart) {
                start.noise(state.latents(), stages.promptFrames());
            }
        }
        if (indexing == GuidanceIndexing.RELEASED) {
            record(state);
        }
    }

    @Override
    public void afterStep(StepState state) {
        if (indexing == GuidanceIndexing.PAPER) {
            guide(state);
            record(state);
        }
    }

    private void guide(StepState state) {
        int k = state.index();
        long guided = stages.guidedFrames(k);
        if (guided == 0) {
            return;
        }
        before.ifPresent(edge -> {
            Tensor z = state.latents();
            state.replaceLatents(Ops.cat(2, edge.guide(k), z.narrow(2, guided, z.size(2) - guided)));
        });
        after.ifPresent(edge -> {
            Tensor z = state.latents();
            Tensor own = z.narrow(2, 0, z.size(2) - guided);
            state.replaceLatents(Ops.cat(2, own, edge.guide(k).flip(2)));
        });
    }

    private void record(StepState state) {
        int guided = stages.guidedFrames(state.index());
        if (guided > 0) {
            end.guide(state.latents(), guided);
            if (recordStart) {
                start.guide(state.latents(), guided);
            }
        }
    }

    /** The end of the finished clip. */
    ClipEdge end() {
        return end.finish();
    }

    /** The start of the finished clip; only if it was asked for. */
    ClipEdge start() {
        return start.finish();
    }

    /** Frees what was recorded of a clip that failed. */
    void discard() {
        end.discard();
        start.discard();
    }
}
