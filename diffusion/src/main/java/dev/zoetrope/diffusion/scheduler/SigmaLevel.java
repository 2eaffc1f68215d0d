package dev.zoetrope.diffusion.scheduler;

/**
 * One noise level of the forward process: z = a z0 + s eps with a^2 + s^2 = 1.
 *
 * @param a signal level, sqrt(abar)
 * @param s noise level, sqrt(1 - abar)
 * @param lambda ln(a/s), half the log signal-to-noise ratio; infinite without noise
 */
record SigmaLevel(double a, double s, double lambda) {
    /** From the noise-to-signal ratio. */
    static SigmaLevel of(double sigma) {
        double a = 1 / Math.sqrt(sigma * sigma + 1);
        double s = sigma * a;
        return new SigmaLevel(a, s, Math.log(a) - Math.log(s));
    }
}
