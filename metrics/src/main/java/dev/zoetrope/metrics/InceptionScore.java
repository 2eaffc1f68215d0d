package dev.zoetrope.metrics;

import dev.zoetrope.tensor.ZoetropeException;

/**
 * Inception score, exp(E_x KL(p(y|x) || p(y))) with p(y) the mean within a split, then mean and population standard
 * deviation over the splits (Salimans et al. 2016; video: StyleGAN-V). From 1 to the number of classes; small splits pull
 * it down.
 *
 * <p>Works from logits through the log-softmax, so that a probability of 0 is no special case. Keeps sums only: memory does
 * not grow with the samples, whose number is given at the start because it decides the splits.
 */
public final class InceptionScore {
    /** Seed of the published shuffle of video samples. */
    public static final int PUBLISHED_SEED = 42;

    private final int samples;
    private final int classes;
    private final int[] splitOfSample;
    private final long[] counts;
    private final double[] negativeEntropies;
    private final double[][] probabilities;
    private int next;

    private InceptionScore(int samples, int classes, int splits, int[] order) {
        if (splits < 1 || samples < splits || classes < 1) {
            throw ZoetropeException.badInput(
                    "an inception score of %d samples in %d splits with %d classes; expected at least one sample a split",
                    samples, splits, classes);
        }
        this.samples = samples;
        this.classes = classes;
        this.splitOfSample = new int[samples];
        this.counts = new long[splits];
        this.negativeEntropies = new double[splits];
        this.probabilities = new double[splits][classes];
        for (int split = 0; split < splits; split++) {
            for (int place = bound(split, samples, splits); place < bound(split + 1, samples, splits); place++) {
                splitOfSample[order[place]] = split;
            }
        }
    }

    /** Pictures: splits are consecutive samples. */
    public static InceptionScore inOrder(int samples, int classes, int splits) {
        int[] order = new int[Math.max(0, samples)];
        for (int i = 0; i < order.length; i++) {
            order[i] = i;
        }
        return new InceptionScore(samples, classes, splits, order);
    }

    /** Videos: samples are shuffled first, as NumPy's RandomState(42) does. */
    public static InceptionScore shuffled(int samples, int classes, int splits) {
        return new InceptionScore(samples, classes, splits, order(samples));
    }

    /** The shuffled order of samples. */
    public static int[] order(int samples) {
        int[] order = new int[Math.max(0, samples)];
        for (int i = 0; i < order.length; i++) {
            order[i] = i;
        }
        new NumpyRandom(PUBLISHED_SEED).shuffle(order);
        return order;
    }

    /** Where split {@code split} starts. */
    public static int bound(int split, int samples, int splits) {
        return (int) ((long) split * samples / splits);
    }

    /**
     * Adds the next sample.
     *
     * @throws ZoetropeException BAD_INPUT for another number of classes, values that are not finite, or one sample too many
     */
    public void add(double... logits) {
        if (logits.length != classes || next == samples) {
            throw ZoetropeException.badInput(
                    "sample %d with %d classes; expected %d samples with %d classes",
                    next, logits.length, samples, classes);
        }
        int split = splitOfSample[next++];
        double[] logProbabilities = logSoftmax(logits);
        counts[split]++;
        for (int k = 0; k < classes; k++) {
            double p = Math.exp(logProbabilities[k]);
            probabilities[split][k] += p;
            // A probability that underflows to 0 contributes 0.
            negativeEntropies[split] += p == 0 ? 0 : p * logProbabilities[k];
        }
    }

    /** log p(y|x) from logits. */
    public static double[] logSoftmax(double... logits) {
        double largest = Double.NEGATIVE_INFINITY;
        for (double logit : logits) {
            if (!Double.isFinite(logit)) {
                throw ZoetropeException.badInput(
                        "a classifier gave the logit %s; the network or its weights are broken", logit);
            }
            largest = Math.max(largest, logit);
        }
        double sum = 0;
        for (double logit : logits) {
            sum += Math.exp(logit - largest);
        }
        double[] result = new double[logits.length];
        for (int k = 0; k < result.length; k++) {
            result[k] = logits[k] - largest - Math.log(sum);
        }
        return result;
    }

    /** The score of each split. */
    public double[] splitScores() {
        if (next < samples) {
            throw ZoetropeException.badInput("the inception score got %d of its %d samples", next, samples);
        }
        double[] scores = new double[counts.length];
        for (int s = 0; s < scores.length; s++) {
            // mean KL = mean Σ p log p - Σ q log q, where q is the mean of p.
            double divergence = negativeEntropies[s] / counts[s];
            for (double sum : probabilities[s]) {
                double q = sum / counts[s];
                divergence -= q == 0 ? 0 : q * Math.log(q);
            }
            scores[s] = Math.exp(divergence);
        }
        return scores;
    }

    /** Mean over the splits. */
    public double mean() {
        return java.util.Arrays.stream(splitScores()).average().orElseThrow();
    }

    /** Population standard deviation over the splits. */
    public double standardDeviation() {
        double mean = mean();
        return Math.sqrt(java.util.Arrays.stream(splitScores())
                .map(score -> (score - mean) * (score - mean))
                .average()
                .orElseThrow());
    }
}
