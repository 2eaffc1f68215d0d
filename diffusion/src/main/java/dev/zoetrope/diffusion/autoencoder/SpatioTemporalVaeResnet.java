package dev.zoetrope.diffusion.autoencoder;

import dev.zoetrope.diffusion.unet.AlphaBlender;
import dev.zoetrope.diffusion.unet.TemporalResnetBlock;
import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.Scope;
import org.bytedeco.pytorch.Tensor;

/** SpatioTemporalResBlock of the temporal decoder: (1-s) spatial + s temporal, s = sigmoid(mix) (sheet 3.6). */
final class SpatioTemporalVaeResnet extends Layer implements VaeStage {
    private final VaeResnet spatial;
    private final TemporalResnetBlock temporal;
    private final AlphaBlender mixer;

    SpatioTemporalVaeResnet(long in, long out, int groups) {
        spatial = child("spatial_res_block", new VaeResnet(in, out, groups));
        temporal = child("temporal_res_block", new TemporalResnetBlock(out, 0, groups, 1e-5));
        mixer = child("time_mixer", new AlphaBlender(0, true));
    }

    @Override
    public Tensor forward(Tensor x, long frames) {
        try (Scope scope = Scope.open()) {
            Tensor s = spatial.forward(x, frames);
            Tensor clip = TemporalConvOut.clip(s, frames);
            Tensor mixed = mixer.forward(clip, temporal.forward(clip, null));
            return scope.keep(TemporalConvOut.images(mixed));
        }
    }
}
