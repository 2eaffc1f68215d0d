package dev.zoetrope.diffusion.autoencoder;

import dev.zoetrope.diffusion.unet.TemporalConvStack;
import dev.zoetrope.tensor.Scope;
import org.bytedeco.pytorch.Tensor;

/**
 * The temporal convolution after a ResNet of VidRD's decoder: three layers, residual, nothing for single frames. A new one
 * is the identity.
 */
final class TemporalVaeConv extends TemporalConvStack implements VaeStage {
    private static final int LAYERS = 3;

    TemporalVaeConv(long channels, int groups) {
        super(channels, groups, LAYERS, Names.FLAT);
    }

    @Override
    public Tensor forward(Tensor x, long frames) {
        if (frames == 1) {
            return new Tensor(x); // a handle of its own: the caller frees what it gave
        }
        try (Scope scope = Scope.open()) {
            Tensor branch = branch(TemporalConvOut.clip(x, frames));
            return scope.keep(TemporalConvOut.images(branch).add(x));
        }
    }
}
