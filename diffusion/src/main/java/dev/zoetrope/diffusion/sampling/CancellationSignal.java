package dev.zoetrope.diffusion.sampling;

import dev.zoetrope.tensor.ErrorCode;
import dev.zoetrope.tensor.ZoetropeException;

/** Asks a long job to stop, from any thread. As a hook it stops the loop before and after each step. */
public final class CancellationSignal implements StepHook {
    private volatile boolean cancelled;

    /** Asks; the job ends at its next check. */
    public void cancel() {
        cancelled = true;
    }

    public boolean isCancelled() {
        return cancelled;
    }

    /** @throws ZoetropeException CANCELLED once {@link #cancel()} was called */
    public void check() {
        if (cancelled) {
            throw new ZoetropeException(ErrorCode.CANCELLED, "cancelled");
        }
    }

    @Override
    public void beforeStep(StepState state) {
        check();
    }

    @Override
    public void afterStep(StepState state) {
        check();
    }
}
