package dev.zoetrope.diffusion.autoencoder;

import org.bytedeco.pytorch.Tensor;

/** One stage of an encoder or decoder. */
interface VaeStage {
    /**
     * @param x [N,C,H,W]
     * @param frames frames of a clip; N is a multiple of it
     */
    Tensor forward(Tensor x, long frames);
}
