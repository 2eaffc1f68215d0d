package dev.zoetrope.diffusion.scheduler;

import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import java.util.Arrays;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Keeps a predicted clean sample within the range of pixels. */
final class SampleClamp {
    private SampleClamp() {}

    /** Dynamic thresholding if the config has it, else a clamp if it has that, else the sample itself. */
    static Tensor apply(Tensor original, SchedulerConfig config) {
        if (config.thresholding()) {
            return threshold(original, config);
        }
        return applyClip(original, config);
    }

    /** The clamp alone, for samplers without thresholding. */
    static Tensor applyClip(Tensor original, SchedulerConfig config) {
        if (!config.clipSample()) {
            return original;
        }
        try (Scope scope = Scope.open()) {
            return scope.keep(Ops.clamp(original, -config.clipSampleRange(), config.clipSampleRange()));
        }
    }

    /** Dynamic thresholding alone, for samplers without a clamp. */
    static Tensor applyThreshold(Tensor original, SchedulerConfig config) {
        return config.thresholding() ? threshold(original, config) : original;
    }

    /**
     * q = quantile of |z0| of each sample, held in [1, max]; z0 clamped to +-q and divided by q: Saharia et al.,
     * "Imagen", arXiv:2205.11487, section 2.3.
     */
    private static Tensor threshold(Tensor original, SchedulerConfig config) {
        try (Scope scope = Scope.open()) {
            Tensor sizes = original.detach().abs().flatten(1, -1); // [B,N]
            Tensor q = torch.quantile(
                    sizes, config.dynamicThresholdingRatio(), new LongOptional(1), true, "linear"); // [B,1]
            q = Ops.clamp(q, 1, Math.max(1, config.sampleMaxValue()));
            long[] shape = new long[Math.toIntExact(original.dim())];
            Arrays.fill(shape, 1);
            shape[0] = original.size(0);
            q = q.view(shape);
            return scope.keep(torch.minimum(torch.maximum(original, q.neg()), q).div(q));
        }
    }
}
