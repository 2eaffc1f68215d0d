package dev.zoetrope.train;

/** The learning rate of every step. */
@FunctionalInterface
public interface LearningRate {
    /** The rate for the step with this index, from 0. */
    double at(long step);

    /**
     * Linear warm-up, then half a cosine from {@code peak} at its end to {@code peak * finalFraction} at the last step.
     *
     * @param peak highest rate
     * @param warmupSteps step {@code k} below this has the rate {@code peak * (k + 1) / warmupSteps}; 0 for none
     * @param steps length of the run; later steps keep the last rate
     * @param finalFraction in [0, 1]; 1 gives a constant rate
     */
    static LearningRate cosine(double peak, long warmupSteps, long steps, double finalFraction) {
        double floor = peak * finalFraction;
        double span = Math.max(1, steps - 1 - warmupSteps);
        return step -> {
            if (step < warmupSteps) {
                return peak * (step + 1) / warmupSteps;
            }
            double progress = Math.min(1, (step - warmupSteps) / span);
            return floor + (peak - floor) * (1 + Math.cos(Math.PI * progress)) / 2;
        };
    }

    /** The same rate at every step after a linear warm-up. */
    static LearningRate constant(double rate, long warmupSteps) {
        return step -> step < warmupSteps ? rate * (step + 1) / warmupSteps : rate;
    }

    /** The schedule that the options describe. */
    static LearningRate of(TrainingOptions options) {
        return options.finalLearningRateFraction() == 1
                ? constant(options.learningRate(), options.warmupSteps())
                : cosine(
                        options.learningRate(),
                        options.warmupSteps(),
                        options.steps(),
                        options.finalLearningRateFraction());
    }
}
