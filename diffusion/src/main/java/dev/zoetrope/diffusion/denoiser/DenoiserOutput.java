package dev.zoetrope.diffusion.denoiser;

import dev.zoetrope.tensor.ZoetropeException;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** What a denoiser gives back: the prediction, absent after an early stop, and the requested taps by name. */
public final class DenoiserOutput {
    private final @Nullable Tensor prediction;
    private final Map<String, Tensor> taps;

    public DenoiserOutput(@Nullable Tensor prediction, Map<String, Tensor> taps) {
        this.prediction = prediction;
        this.taps = Map.copyOf(taps);
    }

    public boolean hasPrediction() {
        return prediction != null;
    }

    /** The prediction [B,C,F,h,w]. */
    public Tensor prediction() {
        Tensor tensor = prediction;
        if (tensor == null) {
            throw new IllegalStateException("the request stopped the denoiser before its prediction");
        }
        return tensor;
    }

    /**
     * A tapped tensor as the network computes it: inside, frames are folded into the batch, [(B F),C,h,w]; keys and
     * values are [N,L,C] with heads concatenated.
     */
    public Tensor tap(String name) {
        Tensor tensor = taps.get(name);
        if (tensor == null) {
            throw ZoetropeException.badInput("the tap %s was not requested; taps here: %s", name, taps.keySet());
        }
        return tensor;
    }

    public Map<String, Tensor> taps() {
        return taps;
    }
}
