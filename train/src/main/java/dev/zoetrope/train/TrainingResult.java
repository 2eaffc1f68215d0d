package dev.zoetrope.train;

import java.nio.file.Path;
import java.util.Optional;

/**
 * How a run ended.
 *
 * @param step completed steps
 * @param end why it ended
 * @param loss smoothed loss at the end; empty if nothing was ever logged
 * @param seconds wall-clock time of all runs in this folder together
 * @param weights folder with {@code <module>.safetensors}, the averaged weights
 */
public record TrainingResult(long step, End end, Optional<Double> loss, double seconds, Path weights) {
    /** Why a run ended. */
    public enum End {
        /** All steps are done. */
        COMPLETED,
        /** The time limit was reached; the same command continues. */
        TIME_LIMIT
    }
}
