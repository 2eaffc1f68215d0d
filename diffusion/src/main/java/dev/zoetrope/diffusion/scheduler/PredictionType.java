package dev.zoetrope.diffusion.scheduler;

import com.fasterxml.jackson.annotation.JsonCreator;
import dev.zoetrope.diffusion.config.ConfigName;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.ZoetropeException;
import org.bytedeco.pytorch.Tensor;

/**
 * What the network predicts, {@code prediction_type} in the JSON. With a = sqrt(abar_t), s = sqrt(1-abar_t):
 *
 * <pre>
 *   z_t = a z0 + s eps        v = a eps - s z0        z0 = a z_t - s v        eps = a v + s z_t
 * </pre>
 *
 * <p>Salimans and Ho, "Progressive Distillation", arXiv:2202.00512, appendix D.
 */
public enum PredictionType implements ConfigName {
    /** The noise eps. */
    EPSILON("epsilon"),
    /** The velocity v. */
    V_PREDICTION("v_prediction"),
    /** The clean sample z0. */
    SAMPLE("sample");

    private final String configName;

    PredictionType(String configName) {
        this.configName = configName;
    }

    @Override
    public String configName() {
        return configName;
    }

    /** @throws ZoetropeException BAD_INPUT listing the supported names */
    @JsonCreator
    public static PredictionType of(String name) {
        return ConfigName.find(PredictionType.class, "prediction_type", name);
    }

    /**
     * The clean sample z0 that an output of the network implies.
     *
     * @param output of the network at {@code z}
     * @param z noisy sample, same shape
     * @param a signal level sqrt(abar), above 0 for {@link #EPSILON}
     * @param s noise level sqrt(1 - abar)
     */
    public Tensor original(Tensor output, Tensor z, double a, double s) {
        try (Scope scope = Scope.open()) {
            return scope.keep(
                    switch (this) {
                        case EPSILON -> Ops.axpby(1 / a, z, -s / a, output);
                        case V_PREDICTION -> Ops.axpby(a, z, -s, output);
                        case SAMPLE -> new Tensor(output); // a handle of its own
                    });
        }
    }

    /**
     * The noise eps that an output of the network implies; parameters as {@link #original}, {@code s} above 0 for
     * {@link #SAMPLE}.
     */
    public Tensor noise(Tensor output, Tensor z, double a, double s) {
        try (Scope scope = Scope.open()) {
            return scope.keep(
                    switch (this) {
                        case EPSILON -> new Tensor(output);
                        case V_PREDICTION -> Ops.axpby(a, output, s, z);
                        case SAMPLE -> Ops.axpby(1 / s, z, -a / s, output);
                    });
        }
    }

    /**
     * What a network of this type is trained to output.
     *
     * @param z0 clean sample
     * @param eps noise, same shape
     * @param a signal level, a number for all or [B,1,..]
     * @param s noise level, likewise
     */
    Tensor target(Tensor z0, Tensor eps, Tensor a, Tensor s) {
        try (Scope scope = Scope.open()) {
            return scope.keep(
                    switch (this) {
                        case EPSILON -> new Tensor(eps);
                        case V_PREDICTION -> eps.mul(a).sub(z0.mul(s));
                        case SAMPLE -> new Tensor(z0);
                    });
        }
    }

    /** min-SNR-gamma weight of the mean square error: Hang et al., arXiv:2303.09556, section 3.4. */
    double minSnrWeight(double snr, double gamma) {
        double clipped = Math.min(snr, gamma);
        return switch (this) {
            case EPSILON -> clipped / snr;
            case V_PREDICTION -> clipped / (snr + 1);
            case SAMPLE -> clipped;
        };
    }
}
