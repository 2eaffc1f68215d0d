package dev.zoetrope.diffusion.unet;

import com.fasterxml.jackson.databind.JsonNode;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.ArrayList;
import java.util.List;

/**
 * A U-Net's configuration with the published misnomers resolved (sheet 3.1): heads are always counts of heads.
 *
 * @param family which published class
 * @param inChannels latent channels in
 * @param outChannels latent channels out
 * @param channels width of each level, first the finest
 * @param downAttention for each down block, whether it has attention
 * @param upAttention for each up block, first the coarsest
 * @param layers layers of a down block; an up block has one more
 * @param heads spatial attention heads of each level
 * @param transformerDepth transformer blocks in a spatial transformer
 * @param contextWidth width D of the context
 * @param normGroups groups of the norms
 * @param normEps epsilon of the ResNet norms
 * @param linearProjection whether the files hold projections as linear layers, not 1x1 convolutions
 * @param entryHeadSize head size of UNet3D's transformer_in, which always has eight heads
 * @param motion the motion modules of UNetMotion
 * @param temporal the temporal layers of VidRD
 * @param addedTime width of each added time id's sinusoid, and of all of them together; 0 without
 */
public record UNetConfig(
        Family family,
        int inChannels,
        int outChannels,
        List<Integer> channels,
        List<Boolean> downAttention,
        List<Boolean> upAttention,
        int layers,
        List<Integer> heads,
        int transformerDepth,
        int contextWidth,
        int normGroups,
        double normEps,
        boolean linearProjection,
        int entryHeadSize,
        Motion motion,
        Temporal temporal,
        AddedTime addedTime) {

    /** The published classes. */
    public enum Family {
        IMAGE("UNet2DConditionModel"),
        VIDEO_3D("UNet3DConditionModel"),
        MOTION("UNetMotionModel"),
        SPATIO_TEMPORAL("UNetSpatioTemporalConditionModel"),
        /** VidRD's temporal-aware U-Net; the release calls it UNet3DConditionModel, too. */
        VIDRD("VidRDUNet");

        private final String className;

        Family(String className) {
            this.className = className;
        }

        /** The {@code _class_name} in config.json. */
        public String className() {
            return className;
        }
    }

    /**
     * Motion modules.
     *
     * @param heads heads of each level
     * @param normGroups groups of the entry norm
     * @param maxFrames length of the positional code
     * @param inMidBlock whether the mid block has one
     */
    public record Motion(List<Integer> heads, int normGroups, int maxFrames, boolean inMidBlock) {
        static final Motion NONE = new Motion(List.of(), 0, 0, false);
    }

    /**
     * Temporal layers of VidRD.
     *
     * @param convGroups norm groups of the temporal convolution after each ResNet; 0 without it
     * @param attention whether transformer blocks attend over frames
     * @param positionCode whether the code of frame positions is added before that
     * @param onlyUpBlocks whether only the up blocks attend over frames
     * @param sparseCausal whether spatial self-attention looks at the first frame and the one before, not at its own
     */
    public record Temporal(
            int convGroups, boolean attention, boolean positionCode, boolean onlyUpBlocks, boolean sparseCausal) {
        public static final Temporal NONE = new Temporal(0, false, false, false, false);

        Temporal withoutAttention() {
            return new Temporal(convGroups, false, false, onlyUpBlocks, sparseCausal);
        }
    }

    /** Added time ids of the image-to-video family. */
    public record AddedTime(int width, int inputWidth) {
        public static final AddedTime NONE = new AddedTime(0, 0);
    }

    public UNetConfig {
        channels = List.copyOf(channels);
        downAttention = List.copyOf(downAttention);
        upAttention = List.copyOf(upAttention);
        heads = List.copyOf(heads);
        if (channels.isEmpty()
                || downAttention.size() != channels.size()
                || upAttention.size() != channels.size()
                || heads.size() != channels.size()) {
            throw ZoetropeException.checkpoint(
                    "U-Net configuration: %d widths need as many down blocks, up blocks and head counts; got %d, %d, %d",
                    channels.size(), downAttention.size(), upAttention.size(), heads.size());
        }
    }

    /** Width of the time embedding. */
    public int timeWidth() {
        return 4 * channels.get(0);
    }

    /** Number of levels. */
    public int levels() {
        return channels.size();
    }

    /** Heads of the last level, also used by the mid block. */
    int midHeads() {
        return heads.get(heads.size() - 1);
    }

    /** The same image U-Net with motion modules after its layers. */
    public UNetConfig withMotion(Motion modules) {
        return new UNetConfig(
                Family.MOTION,
                inChannels,
                outChannels,
                channels,
                downAttention,
                upAttention,
                layers,
                heads,
                transformerDepth,
                contextWidth,
                normGroups,
                normEps,
                linearProjection,
                0,
                modules,
                Temporal.NONE,
                AddedTime.NONE);
    }

    /**
     * Reads a published config.json.
     *
     * @throws ZoetropeException CHECKPOINT_MISMATCH for a class or feature that is not supported
     */
    public static UNetConfig parse(JsonNode json) {
        return UNetConfigReader.read(json);
    }

    static List<Boolean> attention(JsonNode blockTypes, String attentionPrefix, String plainPrefix) {
        List<Boolean> attention = new ArrayList<>();
        for (JsonNode type : blockTypes) {
            String name = type.asText();
            if (!name.startsWith(attentionPrefix) && !name.startsWith(plainPrefix)) {
                throw ZoetropeException.checkpoint(
                        "U-Net block type %s is not supported; known are %s* and %s*",
                        name, attentionPrefix, plainPrefix);
            }
            attention.add(name.startsWith(attentionPrefix));
        }
        return attention;
    }
}
