package dev.zoetrope.train;

import dev.zoetrope.tensor.ZoetropeException;

/**
 * The one training loop. A run in a folder that has checkpoints continues from the newest; a run that was killed and
 * continued ends with the same weights, bit for bit, as one that was not (on the same machine with the same number of
 * threads).
 */
public final class Trainer {
    private Trainer() {}

    /**
     * Trains, or continues. When the process is asked to end (Ctrl-C), the run finishes its step and writes a checkpoint
     * first.
     *
     * @return how it ended; the modules have the averaged weights then
     * @throws ZoetropeException BAD_INPUT if a checkpoint was made with other options, if the loss or a gradient is not
     *     finite, or if another run uses the folder; CHECKPOINT_MISMATCH if the checkpoints are of another model or all
     *     damaged; CANCELLED after Ctrl-C
     */
    public static TrainingResult run(Objective objective, TrainingOptions options, ProgressListener listener) {
        try (CancellationToken cancellation = CancellationToken.onShutdown()) {
            return run(objective, options, listener, cancellation);
        }
    }

    /** As {@link #run(Objective, TrainingOptions, ProgressListener)}, stopped by a token instead of Ctrl-C. */
    public static TrainingResult run(
            Objective objective, TrainingOptions options, ProgressListener listener, CancellationToken cancellation) {
        try (FolderLock lock = FolderLock.take(options.outputFolder());
                TrainingState state = new TrainingState(objective, options)) {
            return new TrainingRun(objective, options, listener, cancellation, state).run();
        }
    }
}
