package dev.zoetrope.train;

import java.time.Duration;

/** The time of a run and of its steps. */
final class StepClock {
    private static final double SMOOTHING = 0.95;

    private final long startNanos = System.nanoTime();
    private long stepStartNanos;
    private long steps;
    private double sum;
    private double weight;

    void startStep() {
        stepStartNanos = System.nanoTime();
    }

    void endStep() {
        sum = SMOOTHING * sum + (1 - SMOOTHING) * (System.nanoTime() - stepStartNanos) / 1e9;
        weight = SMOOTHING * weight + (1 - SMOOTHING);
        steps++;
    }

    /** Steps of this run. */
    long steps() {
        return steps;
    }

    /** Wall-clock time since the run started. */
    double seconds() {
        return (System.nanoTime() - startNanos) / 1e9;
    }

    /** Recent average. */
    double secondsPerStep() {
        return sum / weight;
    }

    Progress progress(long completed, TrainingOptions options, double loss) {
        double left = (options.steps() - completed) * (seconds() / steps);
        double limit = options.timeLimit()
                .map(time -> Math.max(0, time.toMillis() / 1000.0 - seconds()))
                .orElse(left);
        Duration timeLeft = Duration.ofMillis(Math.round(1000 * Math.min(left, limit)));
        return new Progress(completed, options.steps(), loss, secondsPerStep(), timeLeft);
    }
}
