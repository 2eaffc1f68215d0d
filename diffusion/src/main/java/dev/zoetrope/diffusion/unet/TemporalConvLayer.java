package dev.zoetrope.diffusion.unet;

import dev.zoetrope.tensor.Scope;
import org.bytedeco.pytorch.Tensor;

/**
 * The temporal convolution after a ResNet: x + four layers over frames (sheet 3.3). VidRD's leaves single frames alone
 * (sheet vidrd, 3.1).
 */
final class TemporalConvLayer extends TemporalConvStack implements SpatialStage {
    private static final int LAYERS = 4;

    private final boolean skipsSingleFrames;

    private TemporalConvLayer(long channels, int groups, Names names, boolean skipsSingleFrames) {
        super(channels, groups, LAYERS, names);
        this.skipsSingleFrames = skipsSingleFrames;
    }

    static TemporalConvLayer modelScope(long channels, int groups) {
        return new TemporalConvLayer(channels, groups, Names.NUMBERED, false);
    }

    static TemporalConvLayer vidrd(long channels, int groups) {
        return new TemporalConvLayer(channels, groups, Names.FLAT, true);
    }

    @Override
    public Tensor forward(Tensor x, UNetPass pass) {
        try (Scope scope = Scope.open()) {
            boolean skip = skipsSingleFrames && pass.frames == 1;
            // Skipping gives a handle of its own: the caller frees what it gave.
            Tensor out =
                    skip ? new Tensor(x) : pass.fold(branch(pass.unfold(x))).add(x);
            pass.tap(this, out);
            return scope.keep(out);
        }
    }
}
