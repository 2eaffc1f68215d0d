package dev.zoetrope.diffusion.model;

import java.util.Arrays;
import java.util.Optional;

/** The published networks by their exact numbers of tensors and parameters (sheet section 1), which identify them. */
public enum PublishedNetwork {
    UNET_SD15("UNet2DConditionModel", "Stable Diffusion 1.x", 686, 859_520_964L),
    UNET_SD21("UNet2DConditionModel", "Stable Diffusion 2.x", 686, 865_910_724L),
    UNET_MODELSCOPE("UNet3DConditionModel", "ModelScope, ZeroScope", 1480, 1_411_233_860L),
    ADAPTER_WITH_MID("MotionAdapter", "AnimateDiff v2", 546, 453_209_280L),
    ADAPTER_WITHOUT_MID("MotionAdapter", "AnimateDiff v1, v3", 520, 417_137_600L),
    UNET_MOTION("UNetMotionModel", "AnimateDiff v2 on Stable Diffusion 1.x", 1232, 1_312_730_244L),
    VAE_SD("AutoencoderKL", "Stable Diffusion", 248, 83_653_863L),
    VAE_SVD("AutoencoderKLTemporalDecoder", "Stable Video Diffusion", 374, 97_742_847L),
    TEXT_SD1("CLIPTextModel", "Stable Diffusion 1.x (ViT-L/14)", 196, 123_060_480L),
    TEXT_SD2("CLIPTextModel", "Stable Diffusion 2.x, ModelScope (ViT-H/14)", 372, 340_387_840L);

    private final String className;
    private final String model;
    private final int tensors;
    private final long parameters;

    PublishedNetwork(String className, String model, int tensors, long parameters) {
        this.className = className;
        this.model = model;
        this.tensors = tensors;
        this.parameters = parameters;
    }

    /** The network of a class with so many parameters; empty if it is none of the published ones. */
    public static Optional<PublishedNetwork> of(String className, long parameters) {
        return Arrays.stream(values())
                .filter(network -> network.className.equals(className) && network.parameters == parameters)
                .findFirst();
    }

    /** Which models it belongs to, for people. */
    public String model() {
        return model;
    }

    /** Number of parameter tensors; buffers are not counted. */
    public int tensors() {
        return tensors;
    }

    /** Number of parameters. */
    public long parameters() {
        return parameters;
    }
}
