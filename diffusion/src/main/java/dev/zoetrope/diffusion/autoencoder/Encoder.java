package dev.zoetrope.diffusion.autoencoder;

import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.Layers.Conv2d;
import dev.zoetrope.tensor.Layers.GroupNorm;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** Pictures [N,3,H,W] to moments [N,2c,H/f,W/f]: levels of ResNets and stride-2 convolutions, mid block, head. */
final class Encoder extends Layer {
    private final Conv2d convIn;
    private final List<VaeStage> stages = new ArrayList<>();
    private final GroupNorm normOut;
    private final Conv2d convOut;

    Encoder(AutoencoderConfig config) {
        List<Integer> channels = config.channels();
        int groups = config.normGroups();
        convIn = child("conv_in", Conv2d.same3(3, channels.get(0)));
        long in = channels.get(0);
        for (int i = 0; i < channels.size(); i++) {
            long out = channels.get(i);
            for (int j = 0; j < config.layers(); j++) {
                stages.add(child("down_blocks." + i + ".resnets." + j, new VaeResnet(in, out, groups)));
                in = out;
            }
            if (i < channels.size() - 1) {
                stages.add(child("down_blocks." + i + ".downsamplers.0", new Downsample(out)));
            }
        }
        stages.add(child("mid_block.resnets.0", new VaeResnet(in, in, groups)));
        if (config.midAttention()) {
            stages.add(child("mid_block.attentions.0", new MidAttention(in, groups)));
        }
        stages.add(child("mid_block.resnets.1", new VaeResnet(in, in, groups)));
        normOut = child("conv_norm_out", new GroupNorm(groups, in, 1e-6));
        convOut = child("conv_out", Conv2d.same3(in, 2L * config.latentChannels()));
    }

    Tensor forward(Tensor images) {
        try (Scope scope = Scope.open()) {
            Tensor h = Decoder.chain(stages, convIn.forward(images), 1);
            return scope.keep(convOut.forward(Ops.siluOver(normOut.forward(h))));
        }
    }

    /** Zero row below and column right, then a 3x3 convolution of stride 2 without padding. */
    private static final class Downsample extends Layer implements VaeStage {
        private final Conv2d conv;

        Downsample(long channels) {
            conv = child("conv", new Conv2d(channels, channels, 3, 2, 0));
        }

        @Override
        public Tensor forward(Tensor x, long frames) {
            return conv.forward(Ops.pad2d(x, 0, 1, 0, 1));
        }
    }
}
