package dev.zoetrope.diffusion.autoencoder;

import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.Layers.Conv2d;
import dev.zoetrope.tensor.Layers.GroupNorm;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Latents [N,c,h,w] to pictures [N,3,fh,fw]: mid block, levels of ResNets and upsamplers, head. */
final class Decoder extends Layer {
    private final boolean temporal;
    private final int groups;
    private final Conv2d convIn;
    private final List<VaeStage> stages = new ArrayList<>();
    private final GroupNorm normOut;
    private final Conv2d convOut;
    private final @Nullable TemporalConvOut timeConvOut;

    Decoder(AutoencoderConfig config) {
        List<Integer> channels = config.channels();
        temporal = config.temporalDecoder();
        groups = config.normGroups();
        int last = channels.size() - 1;
        long in = channels.get(last);
        convIn = child("conv_in", Conv2d.same3(config.latentChannels(), in));
        int midResnets = temporal ? config.layers() : 2;
        for (int j = 0; j < midResnets; j++) {
            stages.add(resnet("mid_block.resnets." + j, in, in));
            if (j == 0 && (temporal || config.midAttention())) {
                MidAttention attention = child("mid_block.attentions.0", new MidAttention(in, groups));
                if (midResnets > 1) {
                    // The published decoder attends between its ResNets: with one alone the weights stay unused.
                    stages.add(attention);
                }
            }
        }
        for (int i = 0; i <= last; i++) {
            long out = channels.get(last - i);
            for (int j = 0; j <= config.layers(); j++) {
                stages.add(resnet("up_blocks." + i + ".resnets." + j, in, out));
                if (config.temporalConvGroups() > 0) {
                    stages.add(child(
                            "up_blocks." + i + ".temp_convs." + j,
                            new TemporalVaeConv(out, config.temporalConvGroups())));
                }
                in = out;
            }
            if (i < last) {
                stages.add(child("up_blocks." + i + ".upsamplers.0", new Upsample(out)));
            }
        }
        normOut = child("conv_norm_out", new GroupNorm(groups, in, 1e-6));
        convOut = child("conv_out", Conv2d.same3(in, 3));
        timeConvOut = temporal ? child("time_conv_out", new TemporalConvOut(3)) : null;
    }

    private VaeStage resnet(String name, long in, long out) {
        return temporal
                ? child(name, new SpatioTemporalVaeResnet(in, out, groups))
                : child(name, new VaeResnet(in, out, groups));
    }

    /** @param frames frames of a clip, which only the temporal decoder mixes */
    Tensor forward(Tensor latents, long frames) {
        try (Scope scope = Scope.open()) {
            Tensor h = chain(stages, convIn.forward(latents), frames);
            Tensor images = convOut.forward(Ops.siluOver(normOut.forward(h)));
            return scope.keep(timeConvOut == null ? images : timeConvOut.forward(images, frames));
        }
    }

    /** One stage after the other, each result freed as soon as the next is there. */
    static Tensor chain(List<VaeStage> stages, Tensor first, long frames) {
        try (Scope scope = Scope.open()) {
            Tensor h = stages.get(0).forward(first, frames);
            for (VaeStage stage : stages.subList(1, stages.size())) {
                Tensor next = stage.forward(h, frames);
                scope.free(h);
                h = next;
            }
            return scope.keep(h);
        }
    }

    /** Nearest resize by two, then a 3x3 convolution. */
    private static final class Upsample extends Layer implements VaeStage {
        private final Conv2d conv;

        Upsample(long channels) {
            conv = child("conv", Conv2d.same3(channels, channels));
        }

        @Override
        public Tensor forward(Tensor x, long frames) {
            return conv.forward(Ops.upsampleNearest(x, 2 * x.size(2), 2 * x.size(3)));
        }
    }
}
