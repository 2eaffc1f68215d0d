package dev.zoetrope.diffusion.unet;

import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.Layers.Linear;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Sinusoid of a number, then Linear, SiLU, Linear (sheet 3.1). */
public final class TimestepEmbedding extends Layer {
    private final Linear linear1;
    private final Linear linear2;

    public TimestepEmbedding(long in, long hidden, long out) {
        linear1 = child("linear_1", new Linear(in, hidden));
        linear2 = child("linear_2", new Linear(hidden, out));
    }

    /** [N,in] to [N,out]. */
    public Tensor forward(Tensor sinusoid) {
        try (Scope scope = Scope.open()) {
            return scope.keep(linear2.forward(torch.silu(linear1.forward(sinusoid))));
        }
    }

    /** [cos(t f), sin(t f)], f_k = exp(-ln(10000) k / (width/2)); t [N] to [N,width], width even. */
    public static Tensor sinusoid(Tensor t, long width) {
        try (Scope scope = Scope.open()) {
            int half = Math.toIntExact(width / 2);
            float[] exponents = new float[half];
            for (int k = 0; k < half; k++) {
                exponents[k] = (float) -Math.log(10000.0) * k / half;
            }
            Tensor frequencies = torch.exp(Tensors.of(exponents, 1, half));
            Tensor phase = t.view(-1, 1).mul(frequencies);
            return scope.keep(Ops.cat(1, torch.cos(phase), torch.sin(phase)));
        }
    }
}
