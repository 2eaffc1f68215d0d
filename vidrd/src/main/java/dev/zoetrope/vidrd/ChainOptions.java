package dev.zoetrope.vidrd;

import dev.zoetrope.diffusion.scheduler.DpmSolverScheduler;
import dev.zoetrope.diffusion.scheduler.PndmScheduler;
import dev.zoetrope.diffusion.scheduler.Scheduler;
import dev.zoetrope.diffusion.scheduler.UniPcScheduler;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.ArrayList;
import java.util.List;

/**
 * What a chain of clips is made of.
 *
 * @param reuse what a clip takes over from the one before
 * @param prior noise of the first clip
 * @param scheduler the sampler; with guidance (beta above 0) a single-step one
 * @param steps S of each clip, at least 1
 * @param clips K, at least 1
 * @param loop whether the last clip ends at the first frame
 * @param shape [B,C,N,h,w] of each clip
 */
public record ChainOptions(
        ReuseOptions reuse,
        NoisePrior prior,
        Scheduler scheduler,
        int steps,
        int clips,
        boolean loop,
        List<Long> shape) {
    /** @throws ZoetropeException BAD_INPUT naming what does not fit together */
    public ChainOptions {
        shape = List.copyOf(shape);
        long frames = shape.get(2);
        if (clips < 1) {
            throw ZoetropeException.badInput("clips: %d, expected at least 1", clips);
        }
        if (steps < 1) {
            throw ZoetropeException.badInput("steps: %d, expected at least 1", steps);
        }
        if (reuse.promptFrames() > frames) {
            throw ZoetropeException.badInput(
                    "prompt frames: %d, expected at most %d, the frames of a clip", reuse.promptFrames(), frames);
        }
        if (loop && (clips < 2 || reuse.promptFrames() < 1 || 2L * reuse.promptFrames() > frames)) {
            throw ZoetropeException.badInput(
                    "a loop needs at least 2 clips and 1 to %d prompt frames (half a clip), got %d clips and %d",
                    frames / 2, clips, reuse.promptFrames());
        }
        boolean guided = clips > 1 && reuse.beta() > 0 && reuse.promptFrames() > 0;
        if (guided && hasHistory(scheduler)) {
            throw ZoetropeException.badInput(
                    "staged guidance needs a single-step sampler such as ddim, %s remembers earlier steps; choose ddim, or"
                            + " beta 0",
                    scheduler.toJson().path("_class_name").asText());
        }
    }

    private static boolean hasHistory(Scheduler scheduler) {
        return scheduler instanceof PndmScheduler
                || scheduler instanceof DpmSolverScheduler
                || scheduler instanceof UniPcScheduler;
    }

    long[] shapeArray() {
        return shape.stream().mapToLong(Long::longValue).toArray();
    }

    /** What the user should know before the run; empty if nothing. */
    public List<String> notices() {
        List<String> notices = new ArrayList<>();
        if (clips > 1 && shape.get(2) == 1) {
            notices.add("with one frame a clip, every clip repeats the same picture");
        } else if (clips > 1 && reuse.promptFrames() == shape.get(2)) {
            notices.add("all frames are prompt frames: a clip can only be replayed; use fewer");
        }
        return notices;
    }
}
