package dev.zoetrope.diffusion.scheduler;

import com.fasterxml.jackson.annotation.JsonCreator;
import dev.zoetrope.diffusion.config.ConfigName;
import dev.zoetrope.tensor.ZoetropeException;

/**
 * Which of the T training timesteps a sampler visits, {@code timestep_spacing} in the JSON; Lin et al.,
 * arXiv:2305.08891, table 2. Rounding is half to even, as in NumPy.
 */
public enum TimestepSpacing implements ConfigName {
    /** Multiples of floor(T/S), plus an offset; never reaches T-1. */
    LEADING("leading"),
    /** Counted down from T-1 in steps of T/S. */
    TRAILING("trailing"),
    /** Evenly from T-1 to 0. */
    LINSPACE("linspace");

    private final String configName;

    TimestepSpacing(String configName) {
        this.configName = configName;
    }

    @Override
    public String configName() {
        return configName;
    }

    /** @throws ZoetropeException BAD_INPUT listing the supported names */
    @JsonCreator
    public static TimestepSpacing of(String name) {
        return ConfigName.find(TimestepSpacing.class, "timestep_spacing", name);
    }

    /**
     * The timesteps in descending order.
     *
     * @param training number T of training timesteps
     * @param steps number S of steps, 1 to T
     * @param offset added in the leading case
     */
    double[] descending(int training, int steps, int offset) {
        double[] timesteps = new double[steps];
        for (int i = 0; i < steps; i++) {
            timesteps[i] = switch (this) {
                case LEADING -> (steps - 1 - i) * (training / steps) + offset;
                case TRAILING -> Math.rint(training - i * ((double) training / steps)) - 1;
                case LINSPACE -> Math.rint(linspace(training, steps)[steps - 1 - i]);
            };
        }
        return timesteps;
    }

    /**
     * As {@link #descending} for solvers whose last step leaves the lowest timestep: S+1 are laid out and the lowest is
     * left off, except when counting down from the top.
     *
     * @param last timesteps from here on are not used; at most T
     */
    double[] descendingWithoutLast(int training, int last, int steps, int offset) {
        if (this == TRAILING) {
            double stride = (double) training / steps;
            int count = Math.min(steps, (int) Math.ceil(last / stride));
            double[] timesteps = new double[count];
            for (int i = 0; i < count; i++) {
                timesteps[i] = Math.rint(last - i * stride) - 1;
            }
            return timesteps;
        }
        double[] timesteps = new double[steps];
        double[] even = linspace(last, steps + 1);
        for (int i = 0; i < steps; i++) {
            timesteps[i] = this == LEADING ? (steps - i) * (last / (steps + 1)) + offset : Math.rint(even[steps - i]);
        }
        return timesteps;
    }

    /** {@code count} numbers from 0 to {@code training - 1}, not rounded, ascending. */
    static double[] linspace(int training, int count) {
        return BetaSchedule.linspace(0, training - 1, count);
    }
}
