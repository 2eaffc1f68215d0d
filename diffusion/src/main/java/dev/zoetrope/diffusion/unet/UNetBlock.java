package dev.zoetrope.diffusion.unet;

import dev.zoetrope.tensor.Layer;
import java.util.ArrayList;
import java.util.List;

/** A down, mid or up block. The stages carry the published names: {@code resnets.0}, {@code temp_convs.0}, ... */
abstract class UNetBlock extends Layer {
    private final UNetConfig config;

    UNetBlock(UNetConfig config) {
        this.config = config;
    }

    /** ResNet and what always follows it; {@code index} counts the ResNets of the block. */
    final List<SpatialStage> resnet(int index, long in, long out, double eps) {
        List<SpatialStage> stages = new ArrayList<>();
        String name = "resnets." + index;
        int groups = config.normGroups();
        int timeWidth = config.timeWidth();
        if (config.family() == UNetConfig.Family.SPATIO_TEMPORAL) {
            stages.add(child(name, new SpatioTemporalResnet(in, out, timeWidth, eps)));
        } else {
            boolean overClip = config.family() == UNetConfig.Family.VIDRD;
            stages.add(child(name, new ResnetBlock(in, out, timeWidth, groups, config.normEps(), overClip)));
        }
        if (config.family() == UNetConfig.Family.VIDEO_3D) {
            stages.add(child("temp_convs." + index, TemporalConvLayer.modelScope(out, groups)));
        }
        if (config.temporal().convGroups() > 0) {
            int ownGroups = config.temporal().convGroups();
            stages.add(child("temp_convs." + index, TemporalConvLayer.vidrd(out, ownGroups)));
        }
        return stages;
    }

    /** Spatial attention and the family's temporal attention that belongs to it. */
    final List<SpatialStage> attention(int index, long channels, int heads) {
        List<SpatialStage> stages = new ArrayList<>();
        String name = "attentions." + index;
        int depth = config.transformerDepth();
        if (config.family() == UNetConfig.Family.SPATIO_TEMPORAL) {
            stages.add(child(name, new SpatioTemporalTransformer(channels, heads, depth, config)));
            return stages;
        }
        stages.add(child(name, new SpatialTransformer(channels, heads, depth, config, temporal())));
        if (config.family() == UNetConfig.Family.VIDEO_3D) {
            stages.add(child(
                    "temp_attentions." + index,
                    new TemporalTransformer(channels, config.normGroups(), heads, channels / heads, 1, 0)));
        }
        return stages;
    }

    private UNetConfig.Temporal temporal() {
        boolean up = this instanceof UpBlock;
        return up || !config.temporal().onlyUpBlocks()
                ? config.temporal()
                : config.temporal().withoutAttention();
    }

    /** The motion module after a layer, where the family has them; it comes with and without attention. */
    final List<SpatialStage> motion(int index, long channels, int level) {
        if (config.family() != UNetConfig.Family.MOTION) {
            return List.of();
        }
        int heads = config.motion().heads().get(level);
        return List.of(child(
                "motion_modules." + index,
                new TemporalTransformer(
                        channels,
                        config.motion().normGroups(),
                        heads,
                        channels / heads,
                        1,
                        config.motion().maxFrames())));
    }

    @SafeVarargs
    static UNetLayer layer(List<SpatialStage>... parts) {
        List<SpatialStage> stages = new ArrayList<>();
        for (List<SpatialStage> part : parts) {
            stages.addAll(part);
        }
        return new UNetLayer(stages);
    }
}
