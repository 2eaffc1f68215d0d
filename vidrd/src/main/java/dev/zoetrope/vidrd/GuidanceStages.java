package dev.zoetrope.vidrd;

/**
 * Which frames are guided in which step: frame j in the steps k &lt; beta S (1 - j / M), so that guidance ends earlier for
 * later frames (sheet 2.3, 2.4).
 *
 * @param promptFrames M
 * @param steps S
 * @param beta share of the steps in which frame 0 is guided
 */
record GuidanceStages(int promptFrames, int steps, double beta) {
    /** In how many of the first steps frame {@code j} is guided. */
    int guidedSteps(int j) {
        int count = 0;
        while (count < steps && guides(count, j)) {
            count++;
        }
        return count;
    }

    /** How many frames, from the first, are guided in step {@code k}. */
    int guidedFrames(int k) {
        int count = 0;
        while (count < promptFrames && guides(k, count)) {
            count++;
        }
        return count;
    }

    /** In double precision and this order of operations: rounding decides ties, and the released code rounds so. */
    private boolean guides(int k, int j) {
        return k < (promptFrames - j) * ((double) steps / promptFrames) * beta;
    }
}
