package dev.zoetrope.diffusion.scheduler;

import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import org.bytedeco.pytorch.Tensor;

/**
 * The forward process: how much signal is left at each of the T training timesteps.
 *
 * <pre>
 *   alpha_t = 1 - beta_t      abar_t = prod_{s <= t} alpha_s      z_t = sqrt(abar_t) z0 + sqrt(1 - abar_t) eps
 *   sigma_t = sqrt((1 - abar_t) / abar_t)      SNR_t = abar_t / (1 - abar_t)
 * </pre>
 *
 * <p>Ho et al., "Denoising Diffusion Probabilistic Models", arXiv:2006.11239, equation 4. Computed in double precision
 * and rounded to float32, the precision that networks were trained with.
 */
public final class NoiseSchedule {
    /** Stands for an abar of 0 where a sampler divides by it; the smallest half-precision number. */
    private static final double TINY = 0x1p-24;

    private final double[] alphasCumprod;

    private NoiseSchedule(double[] alphasCumprod) {
        this.alphasCumprod = alphasCumprod;
    }

    /**
     * From beta_0..beta_{T-1}.
     *
     * @throws ZoetropeException BAD_INPUT if one is outside [0, 1)
     */
    public static NoiseSchedule ofBetas(double... betas) {
        double[] bars = new double[betas.length];
        double bar = 1;
        for (int t = 0; t < betas.length; t++) {
            if (!(betas[t] >= 0 && betas[t] < 1)) {
                throw ZoetropeException.badInput("beta %d is %s, expected at least 0 and below 1", t, betas[t]);
            }
            bar *= 1 - betas[t];
            bars[t] = bar;
        }
        return rounded(bars);
    }

    private static NoiseSchedule rounded(double[] bars) {
        return new NoiseSchedule(Arrays.stream(bars).map(bar -> (float) bar).toArray());
    }

    /**
     * Shifted and scaled so that sqrt(abar_{T-1}) = 0 and sqrt(abar_0) stays: Lin et al., arXiv:2305.08891, algorithm 1.
     */
    NoiseSchedule rescaledToZeroTerminalSnr() {
        double first = Math.sqrt(alphasCumprod[0]);
        double last = Math.sqrt(alphasCumprod[alphasCumprod.length - 1]);
        if (first == last) {
            throw ZoetropeException.badInput("rescale_betas_zero_snr needs a noise schedule that grows");
        }
        double[] bars = new double[alphasCumprod.length];
        for (int t = 0; t < bars.length; t++) {
            double root = (Math.sqrt(alphasCumprod[t]) - last) * first / (first - last);
            bars[t] = root * root;
        }
        return rounded(bars);
    }

    /** The same with an abar_{T-1} of 0 replaced by 2^-24, so that sigma is finite. */
    NoiseSchedule withFiniteSigma() {
        double[] bars = alphasCumprod.clone();
        if (bars[bars.length - 1] == 0) {
            bars[bars.length - 1] = TINY;
        }
        return new NoiseSchedule(bars);
    }

    /** Number T of training timesteps. */
    public int size() {
        return alphasCumprod.length;
    }

    /** abar_0..abar_{T-1}. */
    public double[] alphasCumprod() {
        return alphasCumprod.clone();
    }

    /**
     * abar_t.
     *
     * @throws ZoetropeException BAD_INPUT unless 0 &lt;= t &lt; T
     */
    public double alphaBar(int t) {
        checkTimestep(t);
        return alphasCumprod[t];
    }

    /** sigma_t, the noise-to-signal ratio; infinite where abar is 0. */
    public double sigma(int t) {
        double bar = alphaBar(t);
        return Math.sqrt((1 - bar) / bar);
    }

    /** SNR_t. */
    public double snr(int t) {
        double bar = alphaBar(t);
        return bar / (1 - bar);
    }

    double[] sigmas() {
        double[] sigmas = new double[size()];
        Arrays.setAll(sigmas, this::sigma);
        return sigmas;
    }

    private void checkTimestep(int t) {
        if (t < 0 || t >= alphasCumprod.length) {
            throw ZoetropeException.badInput(
                    "timestep %d does not exist, the noise schedule has 0 to %d: use fewer steps or a smaller offset",
                    t, alphasCumprod.length - 1);
        }
    }

    /**
     * The noisy sample z_t.
     *
     * @param clean z0, [B,...]
     * @param noise eps, same shape
     * @param timesteps one for each sample, or one for all
     */
    public Tensor addNoise(Tensor clean, Tensor noise, int... timesteps) {
        try (Scope scope = Scope.open()) {
            Tensor a = perSample(clean, Math::sqrt, timesteps);
            Tensor s = perSample(clean, bar -> Math.sqrt(1 - bar), timesteps);
            return scope.keep(clean.mul(a).add(noise.mul(s)));
        }
    }

    /** What a network is trained to output for the result of {@link #addNoise}. */
    public Tensor target(PredictionType type, Tensor clean, Tensor noise, int... timesteps) {
        try (Scope scope = Scope.open()) {
            Tensor a = perSample(clean, Math::sqrt, timesteps);
            Tensor s = perSample(clean, bar -> Math.sqrt(1 - bar), timesteps);
            return scope.keep(type.target(clean, noise, a, s));
        }
    }

    /** min-SNR-gamma weight of the mean square error at a timestep (gamma 5 is usual). */
    public double lossWeight(PredictionType type, double gamma, int timestep) {
        return type.minSnrWeight(snr(timestep), gamma);
    }

    private Tensor perSample(Tensor like, DoubleUnaryOperator level, int... timesteps) {
        if (timesteps.length != 1 && timesteps.length != like.size(0)) {
            throw ZoetropeException.badInput(
                    "%d timesteps for %d samples: expected one for each or one for all",
                    timesteps.length, like.size(0));
        }
        double[] levels = Arrays.stream(timesteps)
                .mapToDouble(t -> level.applyAsDouble(alphaBar(t)))
                .toArray();
        return column(levels, like.dim());
    }

    /** Values as [N,1,1,..] with {@code dimensions} axes. */
    static Tensor column(double[] values, long dimensions) {
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        long[] shape = new long[Math.toIntExact(dimensions)];
        Arrays.fill(shape, 1);
        shape[0] = floats.length;
        return Tensors.of(floats, shape);
    }
}
