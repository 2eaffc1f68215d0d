package dev.zoetrope.vidrd;

import dev.zoetrope.tensor.ZoetropeException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How much a clip takes over from the clip before it (sheet 2.3).
 *
 * @param promptFrames M: frames that start from the previous clip's noise unchanged and are guided; 0 to the frames of a
 *     clip. Default 4
 * @param alpha weight of the previous clip's noise in the other frames: 0 is fresh noise, infinity only reverses the old
 *     one, so that the clip plays backwards. Default 1
 * @param beta share of the steps in which frame 0 is guided, 0 (none) to 1; it falls to 0 at frame M. Default 1
 * @param indexing what guidance copies; default {@link GuidanceIndexing#RELEASED}
 * @param releasedQuirks also reproduce two faults of the released code, for comparisons with it: with M equal to the
 *     frames of a clip all frames get new noise, and noise priors lack the square root of their variances. Default false
 */
public record ReuseOptions(
        int promptFrames, double alpha, double beta, GuidanceIndexing indexing, boolean releasedQuirks) {
    private static final Map<String, double[]> PRESETS = new TreeMap<>(Map.of(
            "seamless", new double[] {1, 1},
            "smooth", new double[] {4, 0.4},
            "balanced", new double[] {1, 0.4},
            "fresh", new double[] {0.5, 0.6}));

    /** Presets' number of prompt frames. */
    public static final int PROMPT_FRAMES = 4;

    /** @throws ZoetropeException BAD_INPUT naming the option that cannot be */
    public ReuseOptions {
        if (promptFrames < 0) {
            throw ZoetropeException.badInput("prompt frames: %d, expected at least 0", promptFrames);
        }
        if (!(alpha >= 0)) {
            throw ZoetropeException.badInput(
                    "alpha: %s, expected 0 (fresh noise) or more; infinity reverses the old noise unchanged", alpha);
        }
        if (!(beta >= 0 && beta <= 1)) {
            throw ZoetropeException.badInput("beta: %s, expected 0 (no guidance) to 1 (every step)", beta);
        }
    }

    /** With {@link GuidanceIndexing#RELEASED}, without quirks. */
    public static ReuseOptions of(int promptFrames, double alpha, double beta) {
        return new ReuseOptions(promptFrames, alpha, beta, GuidanceIndexing.RELEASED, false);
    }

    /**
     * The preset of this name: {@code seamless} (alpha 1, beta 1: guided in every step, no jump at the border), {@code smooth}
     * (4, 0.4, what the release uses; on content that looks the same in both directions of time it nearly replays the clip),
     * {@code balanced} (1, 0.4), {@code fresh} (0.5, 0.6).
     *
     * @throws ZoetropeException BAD_INPUT listing the names
     */
    public static ReuseOptions preset(String name) {
        double[] values = PRESETS.get(name);
        if (values == null) {
            throw ZoetropeException.badInput("preset \"%s\" is not known; there are %s", name, presets());
        }
        return of(PROMPT_FRAMES, values[0], values[1]);
    }

    /** Names {@link #preset} knows. */
    public static List<String> presets() {
        return List.copyOf(PRESETS.keySet());
    }

    /** The same with other prompt frames. */
    public ReuseOptions withPromptFrames(int frames) {
        return new ReuseOptions(frames, alpha, beta, indexing, releasedQuirks);
    }

    /** The same with another indexing. */
    public ReuseOptions withIndexing(GuidanceIndexing other) {
        return new ReuseOptions(promptFrames, alpha, beta, other, releasedQuirks);
    }

    /** The same with the faults of the released code. */
    public ReuseOptions withReleasedQuirks() {
        return new ReuseOptions(promptFrames, alpha, beta, indexing, true);
    }

    /** alpha / sqrt(1 + alpha^2): what is kept of the old noise. */
    double kept() {
        return Double.isInfinite(alpha) ? 1 : alpha / Math.sqrt(1 + alpha * alpha);
    }

    /** 1 / sqrt(1 + alpha^2): standard deviation of the fresh noise. */
    double fresh() {
        return 1 / Math.sqrt(1 + alpha * alpha);
    }

    /** First frame that is not a copy of the old noise. */
    int firstFreshFrame(long frames) {
        return releasedQuirks && promptFrames == frames ? 0 : promptFrames;
    }

    /** In how many of the first steps of a run of {@code steps} steps frame {@code j} is guided. */
    public int guidedSteps(int steps, int j) {
        return stages(steps).guidedSteps(j);
    }

    /** The stages of guidance of a run of {@code steps} steps. */
    GuidanceStages stages(int steps) {
        return new GuidanceStages(promptFrames, steps, beta);
    }
}
