package dev.zoetrope.diffusion.unet;

import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.Scope;
import org.bytedeco.pytorch.Tensor;

/** The residual block of Stable Video Diffusion: a spatial block, a temporal one on top, and a learned mix. */
final class SpatioTemporalResnet extends Layer implements SpatialStage {
    private static final int GROUPS = 32;

    private final ResnetBlock spatial;
    private final TemporalResnetBlock temporal;
    private final AlphaBlender mixer;

    SpatioTemporalResnet(long in, long out, long timeWidth, double eps) {
        spatial = child("spatial_res_block", new ResnetBlock(in, out, timeWidth, GROUPS, eps));
        temporal = child("temporal_res_block", new TemporalResnetBlock(out, timeWidth, GROUPS, eps));
        mixer = child("time_mixer", new AlphaBlender(0.5, false));
    }

    @Override
    public Tensor forward(Tensor x, UNetPass pass) {
        try (Scope scope = Scope.open()) {
            Tensor clip = pass.unfold(spatial.forward(x, pass));
            Tensor mixed = mixer.forward(clip, temporal.forward(clip, pass.timeEmbedding));
            Tensor out = pass.fold(mixed);
            pass.tap(this, out);
            return scope.keep(out);
        }
    }
}
