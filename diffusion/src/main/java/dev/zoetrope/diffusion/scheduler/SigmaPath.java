package dev.zoetrope.diffusion.scheduler;

import com.fasterxml.jackson.annotation.JsonCreator;
import dev.zoetrope.diffusion.config.ConfigName;
import java.util.Arrays;

/**
 * Timesteps and noise levels of a solver that works on sigma.
 *
 * @param timesteps given to the network, descending
 * @param sigmas level before each step and after the last one
 */
record SigmaPath(double[] timesteps, double[] sigmas) {
    /** rho of Karras et al., arXiv:2206.00364, section 3.1. */
    private static final double RHO = 7;

    /** Where the last step ends, {@code final_sigmas_type} in the JSON. */
    enum FinalSigma implements ConfigName {
        /** No noise. */
        ZERO("zero"),
        /** The lowest level of training. */
        SIGMA_MIN("sigma_min");

        private final String configName;

        FinalSigma(String configName) {
            this.configName = configName;
        }

        @Override
        public String configName() {
            return configName;
        }

        @JsonCreator
        static FinalSigma of(String name) {
            return ConfigName.find(FinalSigma.class, "final_sigmas_type", name);
        }
    }

    /** The path through {@code levels} to the end; levels are rounded to float32 as in the reference. */
    static SigmaPath of(double[] timesteps, double[] levels, double last) {
        double[] sigmas = Arrays.copyOf(levels, levels.length + 1);
        sigmas[levels.length] = last;
        return new SigmaPath(
                timesteps, Arrays.stream(sigmas).map(sigma -> (float) sigma).toArray());
    }

    /** Levels evenly spaced in sigma^(1/rho) from {@code max} to {@code min}: Karras et al., equation 5. */
    static double[] karras(double max, double min, int count) {
        double[] ramp = BetaSchedule.linspace(0, 1, count);
        double high = Math.pow(max, 1 / RHO);
        double low = Math.pow(min, 1 / RHO);
        return Arrays.stream(ramp)
                .map(r -> Math.pow(high + r * (low - high), RHO))
                .toArray();
    }

    /** The level at a fractional timestep: linear between the whole ones, constant beyond the ends. */
    static double at(double[] table, double timestep) {
        if (timestep <= 0) {
            return table[0];
        }
        if (timestep >= table.length - 1) {
            return table[table.length - 1];
        }
        int low = (int) timestep;
        return table[low] + (timestep - low) * (table[low + 1] - table[low]);
    }

    static double[] at(double[] table, double[] timesteps) {
        return Arrays.stream(timesteps).map(t -> at(table, t)).toArray();
    }

    /** The fractional timestep of a level: linear in log sigma, held within the table. */
    static double timestepOf(double[] table, double sigma) {
        double log = Math.log(Math.max(sigma, 1e-10));
        int low = 0;
        while (low < table.length - 2 && Math.log(table[low + 1]) <= log) {
            low++;
        }
        double lowLog = Math.log(table[low]);
        double highLog = Math.log(table[low + 1]);
        double w = Math.min(1, Math.max(0, (lowLog - log) / (lowLog - highLog)));
        return (1 - w) * low + w * (low + 1);
    }

    static double[] timestepsOf(double[] table, double[] sigmas) {
        return Arrays.stream(sigmas).map(sigma -> timestepOf(table, sigma)).toArray();
    }

    /** The position of a timestep, or -1. Of equal ones the second, so that no level is skipped. */
    static int indexOf(double[] timesteps, double timestep) {
        int found = -1;
        int count = 0;
        for (int i = 0; i < timesteps.length && count < 2; i++) {
            if ((float) timesteps[i] == (float) timestep) {
                found = i;
                count++;
            }
        }
        return found;
    }
}
