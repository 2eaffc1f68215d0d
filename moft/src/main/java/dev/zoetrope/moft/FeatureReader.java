package dev.zoetrope.moft;

import dev.zoetrope.diffusion.denoiser.Conditioning;
import dev.zoetrope.diffusion.denoiser.DenoiserRequest;
import dev.zoetrope.diffusion.sampling.CancellationSignal;
import dev.zoetrope.diffusion.scheduler.NoiseSource;
import dev.zoetrope.diffusion.scheduler.SamplerPlan;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/**
 * Reads the features of a clip after some steps of DDIM inversion (sheet 2.3): z at step k, then the tap of one evaluation
 * at t_k. The inversion step at t = 0 is the identity and is not evaluated.
 *
 * <p>Cost: k evaluations (max(k - 1, 0) of the inversion and one more as far as the tap).
 */
public final class FeatureReader {
    private static final NoiseSource NO_NOISE = shape -> {
        throw new IllegalStateException("an inversion draws no noise");
    };

    private final MotionBackbone backbone;
    private final int referenceStep;
    private final int steps;
    private final CancellationSignal cancel;

    /**
     * @param referenceStep k, 0 (the clean clip) to steps - 1
     * @param steps N of the whole inversion
     * @throws ZoetropeException BAD_INPUT naming the one that cannot be
     */
    public FeatureReader(MotionBackbone backbone, int referenceStep, int steps, CancellationSignal cancel) {
        backbone.checkSteps(steps);
        if (referenceStep < 0 || referenceStep >= steps) {
            throw ZoetropeException.badInput("reference step: %d, expected 0 to %d", referenceStep, steps - 1);
        }
        this.backbone = backbone;
        this.referenceStep = referenceStep;
        this.steps = steps;
        this.cancel = cancel;
    }

    /**
     * Inverts.
     *
     * @param latents [B,C,F,h,w] of the clean clip
     * @return at the noise level of step k, in the caller's scope
     */
    public Tensor invert(Tensor latents, Conditioning conditioning) {
        try (Scope scope = Scope.noGrad();
                SamplerPlan plan = backbone.inversion().plan(steps)) {
            Tensor z = latents;
            for (int i = 1; i < referenceStep; i++) {
                cancel.check();
                z = step(plan, i, z, conditioning);
            }
            return scope.keep(z.alias());
        }
    }

    private Tensor step(SamplerPlan plan, int i, Tensor z, Conditioning conditioning) {
        try (Scope scope = Scope.noGrad()) {
            Tensor output = backbone.denoiser().predict(z, time(plan, i, z), conditioning);
            return scope.keep(plan.step(output, i, z, NO_NOISE).previous());
        }
    }

    private static Tensor time(SamplerPlan plan, int i, Tensor z) {
        return Tensors.full(plan.timesteps()[i], z.size(0));
    }

    /**
     * The features of one tap, as wide as the latents.
     *
     * @param latents [B,C,F,h,w] of the clean clip
     * @return [B,F,C,h,w], in the caller's scope
     */
    public Tensor read(Tensor latents, Conditioning conditioning, String tap) {
        try (Scope scope = Scope.noGrad()) {
            Tensor own = Objects.requireNonNull(
                    readTaps(latents, conditioning, Set.of(tap)).get(tap));
            Tensor features = Moft.resize(own, latents.size(3), latents.size(4));
            return scope.keep(features);
        }
    }

    /** The features of several taps, each on its own grid. */
    public Map<String, Tensor> readTaps(Tensor latents, Conditioning conditioning, Set<String> taps) {
        try (Scope scope = Scope.noGrad();
                SamplerPlan plan = backbone.inversion().plan(steps)) {
            Tensor z = invert(latents, conditioning);
            cancel.check();
            DenoiserRequest request = DenoiserRequest.tapping(new HashSet<>(taps).toArray(new String[0]));
            if (taps.size() == 1) {
                request = request.stoppingAfter(taps.iterator().next());
            }
            Map<String, Tensor> features = new LinkedHashMap<>();
            backbone.denoiser()
                    .forward(z, time(plan, referenceStep, z), conditioning, request)
                    .taps()
                    .forEach((name, tap) -> features.put(name, scope.keep(Moft.unfold(tap, latents.size(0)))));
            return features;
        }
    }
}
