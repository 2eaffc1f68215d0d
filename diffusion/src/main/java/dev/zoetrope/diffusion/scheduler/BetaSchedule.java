package dev.zoetrope.diffusion.scheduler;

import com.fasterxml.jackson.annotation.JsonCreator;
import dev.zoetrope.diffusion.config.ConfigName;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.function.DoubleUnaryOperator;

/** How the noise variances beta_0..beta_{T-1} of the forward process grow, {@code beta_schedule} in the JSON. */
public enum BetaSchedule implements ConfigName {
    /** Evenly spaced betas: Ho et al., arXiv:2006.11239, section 4. */
    LINEAR("linear") {
        @Override
        double[] betas(int count, double start, double end) {
            return linspace(start, end, count);
        }
    },
    /** Evenly spaced square roots of beta: latent diffusion, Rombach et al., arXiv:2112.10752. */
    SCALED_LINEAR("scaled_linear") {
        @Override
        double[] betas(int count, double start, double end) {
            double[] betas = linspace(Math.sqrt(start), Math.sqrt(end), count);
            for (int t = 0; t < count; t++) {
                betas[t] *= betas[t];
            }
            return betas;
        }
    },
    /** abar follows a squared cosine: Nichol and Dhariwal, arXiv:2102.09672, equation 17. Ignores the ends. */
    SQUARED_COSINE("squaredcos_cap_v2") {
        @Override
        double[] betas(int count, double start, double end) {
            return fromAlphaBar(count, u -> {
                double cosine = Math.cos((u + 0.008) / 1.008 * Math.PI / 2);
                return cosine * cosine;
            });
        }
    },
    /** A logistic curve between the ends: GeoDiff, Xu et al., arXiv:2203.02923. */
    SIGMOID("sigmoid") {
        @Override
        double[] betas(int count, double start, double end) {
            double[] betas = linspace(-6, 6, count);
            for (int t = 0; t < count; t++) {
                betas[t] = (end - start) / (1 + Math.exp(-betas[t])) + start;
            }
            return betas;
        }
    },
    /** The log signal-to-noise ratio follows a Laplace distribution: Hang et al., arXiv:2407.03297. Ignores the ends. */
    LAPLACE("laplace") {
        @Override
        double[] betas(int count, double start, double end) {
            return fromAlphaBar(count, u -> {
                double lambda = -0.5 * Math.copySign(1, 0.5 - u) * Math.log(1 - 2 * Math.abs(0.5 - u) + 1e-6);
                double snr = Math.exp(lambda);
                return Math.sqrt(snr / (1 + snr));
            });
        }
    };

    private static final double MAX_BETA = 0.999;

    private final String configName;

    BetaSchedule(String configName) {
        this.configName = configName;
    }

    @Override
    public String configName() {
        return configName;
    }

    /** @throws ZoetropeException BAD_INPUT listing the supported names */
    @JsonCreator
    public static BetaSchedule of(String name) {
        return ConfigName.find(BetaSchedule.class, "beta_schedule", name);
    }

    abstract double[] betas(int count, double start, double end);

    /** beta_i = min(1 - g((i+1)/T) / g(i/T), 0.999). */
    private static double[] fromAlphaBar(int count, DoubleUnaryOperator g) {
        double[] betas = new double[count];
        for (int i = 0; i < count; i++) {
            double ratio = g.applyAsDouble((i + 1.0) / count) / g.applyAsDouble((double) i / count);
            betas[i] = Math.min(1 - ratio, MAX_BETA);
        }
        return betas;
    }

    /** {@code count} evenly spaced numbers, both ends included; only the start if there is one. */
    static double[] linspace(double start, double end, int count) {
        double[] values = new double[count];
        double step = count > 1 ? (end - start) / (count - 1) : 0;
        for (int i = 0; i < count; i++) {
            values[i] = start + i * step;
        }
        if (count > 1) {
            values[count - 1] = end;
        }
        return values;
    }
}
