package dev.zoetrope.diffusion.unet;

import dev.zoetrope.diffusion.denoiser.DenoiserRequest;
import dev.zoetrope.diffusion.denoiser.KeyValuePolicy.KeyValue;
import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import java.util.HashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** The state of one evaluation of a U-Net: sizes, embeddings, and what the request wants to see or change. */
final class UNetPass {
    /** Ends an evaluation early; caught by {@link UNet#forward}. Without a stack trace, since it is no failure. */
    static final class EarlyStop extends RuntimeException {
        private static final long serialVersionUID = 1;

        EarlyStop() {
            super(null, null, false, false);
        }
    }

    final long batch;
    final long frames;
    /** Time embedding [B,4c]. */
    final Tensor timeEmbedding;
    /** Text or image embedding [B,L,D]. */
    final Tensor context;

    private final DenoiserRequest request;
    private final Scope scope;
    private final Map<String, Tensor> taps = new HashMap<>();

    /** @param scope the scope of the whole evaluation; taps are handed to the scope around it */
    UNetPass(long batch, long frames, Tensor timeEmbedding, Tensor context, DenoiserRequest request, Scope scope) {
        this.batch = batch;
        this.frames = frames;
        this.timeEmbedding = timeEmbedding;
        this.context = context;
        this.request = request;
        this.scope = scope;
    }

    /** Shows the output of a module to the request. */
    void tap(Layer module, Tensor output) {
        tap(module.path(), output);
    }

    void tap(String name, Tensor output) {
        if (request.taps().contains(name)) {
            taps.put(name, scope.keep(output));
        }
        if (request.stopAfter().isPresent() && request.stopAfter().get().equals(name)) {
            throw new EarlyStop();
        }
    }

    /** Whether the request wants to see the output of a module. */
    boolean isTapped(Layer module) {
        return request.taps().contains(module.path());
    }

    KeyValue keyValue(String path, Tensor key, Tensor value) {
        tap(path + ".to_k", key);
        tap(path + ".to_v", value);
        return request.keyValues().apply(path, new KeyValue(key, value));
    }

    Map<String, Tensor> taps() {
        return taps;
    }

    /** [(B F),C,H,W] to [B,C,F,H,W]. */
    Tensor unfold(Tensor x) {
        return x.reshape(batch, frames, x.size(1), x.size(2), x.size(3)).permute(0, 2, 1, 3, 4);
    }

    /** [B,C,F,H,W] to [(B F),C,H,W]. */
    Tensor fold(Tensor x) {
        return x.permute(0, 2, 1, 3, 4).contiguous().view(batch * frames, x.size(1), x.size(3), x.size(4));
    }

    /** A value per clip [B,C] as one per frame [(B F),C,1,1]. */
    Tensor perFrame(Tensor perClip) {
        return Ops.repeatInterleave(perClip, frames, 0).unsqueeze(-1).unsqueeze(-1);
    }
}
