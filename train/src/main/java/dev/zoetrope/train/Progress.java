package dev.zoetrope.train;

import java.time.Duration;

/**
 * How far a run is.
 *
 * @param step completed steps, from 1
 * @param total steps of the whole run
 * @param loss of the last step
 * @param secondsPerStep recent average, without samples and checkpoints
 * @param timeLeft estimate until the last step, samples and checkpoints included, or until the time limit if that is
 *     sooner
 */
public record Progress(long step, long total, double loss, double secondsPerStep, Duration timeLeft) {}
