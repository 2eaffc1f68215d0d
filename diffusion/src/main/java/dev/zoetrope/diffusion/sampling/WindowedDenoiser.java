package dev.zoetrope.diffusion.sampling;

import dev.zoetrope.diffusion.denoiser.Conditioning;
import dev.zoetrope.diffusion.denoiser.DelegatingDenoiser;
import dev.zoetrope.diffusion.denoiser.DenoiserOutput;
import dev.zoetrope.diffusion.denoiser.DenoiserRequest;
import dev.zoetrope.diffusion.denoiser.VideoDenoiser;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.bytedeco.pytorch.Tensor;

/**
 * A clip of more frames than the network was trained on, by overlapping windows in time: each is predicted for itself, and
 * every frame is the weighted average of the windows that hold it (Bar-Tal et al., "MultiDiffusion", arXiv:2302.08113,
 * equation 5, along the frames). Weights fall linearly from the middle of a window to its ends, so that no window shows.
 *
 * <p>Predictions only: taps, key/value policies and early stops have no meaning over windows.
 */
public final class WindowedDenoiser extends DelegatingDenoiser {
    private final int window;
    private final int overlap;

    /**
     * @param inner not closed here
     * @param window frames the network sees at once, at least 2
     * @param overlap frames that neighbouring windows share, 1 to window - 1
     * @throws ZoetropeException BAD_INPUT naming the value that cannot be
     */
    public WindowedDenoiser(VideoDenoiser inner, int window, int overlap) {
        super(inner);
        check(window, overlap, inner.maxFrames());
        this.window = window;
        this.overlap = overlap;
    }

    /** Refuses windows that a network with this limit of frames cannot see. */
    public static void check(int window, int overlap, OptionalInt maxFrames) {
        int limit = maxFrames.orElse(Integer.MAX_VALUE);
        if (window < 2 || window > limit) {
            throw ZoetropeException.badInput(
                    "window: %d frames, expected 2 to %s",
                    window, maxFrames.isPresent() ? limit + ", this model's limit" : "the frames of the clip");
        }
        if (overlap < 1 || overlap >= window) {
            throw ZoetropeException.badInput(
                    "overlap of windows: %d frames, expected 1 to %d, less than the window", overlap, window - 1);
        }
    }

    @Override
    public OptionalInt maxFrames() {
        return OptionalInt.empty();
    }

    /** @throws ZoetropeException BAD_INPUT if the request is not {@link DenoiserRequest#NONE} */
    @Override
    public DenoiserOutput forward(Tensor latents, Tensor timestep, Conditioning conditioning, DenoiserRequest request) {
        if (!request.equals(DenoiserRequest.NONE)) {
            throw ZoetropeException.badInput("taps and key/value policies need the whole clip: leave the window away");
        }
        int frames = Math.toIntExact(latents.size(2));
        if (frames <= window) {
            return inner.forward(latents, timestep, conditioning, request);
        }
        try (Scope scope = Scope.open()) {
            Tensor sum = Tensors.zeros(Tensors.shape(latents));
            Tensor total = Tensors.zeros(1, 1, frames, 1, 1);
            Tensor weights = weights();
            for (int start : starts(frames)) {
                try (Scope each = Scope.open()) {
                    Tensor part = latents.narrow(2, start, window).contiguous();
                    Tensor prediction =
                            inner.predict(part, timestep, conditioning).mul(weights);
                    sum = replace(scope, each, sum, sum.add(embed(prediction, start, frames)));
                    total = replace(scope, each, total, total.add(embed(weights, start, frames)));
                }
            }
            return new DenoiserOutput(scope.keep(sum.div(total)), Map.of());
        }
    }

    private static Tensor replace(Scope outer, Scope inner, Tensor before, Tensor after) {
        inner.keep(after);
        outer.free(before);
        return after;
    }

    /** First frames of the windows: evenly spread, the last one ends with the clip. */
    private List<Integer> starts(int frames) {
        int step = window - overlap;
        int count = (frames - overlap + step - 1) / step;
        List<Integer> starts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            starts.add((int) Math.round((double) i * (frames - window) / (count - 1)));
        }
        return starts;
    }

    /** [1,1,window,1,1]: 1, 2, 3, ... 3, 2, 1. */
    private Tensor weights() {
        float[] values = new float[window];
        for (int i = 0; i < window; i++) {
            values[i] = Math.min(i + 1, window - i);
        }
        return Tensors.of(values, 1, 1, window, 1, 1);
    }

    /** Zero but for {@code part} from frame {@code start} on. */
    private static Tensor embed(Tensor part, int start, int frames) {
        try (Scope scope = Scope.open()) {
            long[] before = Tensors.shape(part);
            long[] after = before.clone();
            before[2] = start;
            after[2] = frames - start - part.size(2);
            return scope.keep(Ops.cat(2, Tensors.zeros(before), part, Tensors.zeros(after)));
        }
    }
}
