package dev.zoetrope.diffusion.unet;

import org.bytedeco.pytorch.Tensor;

/** One stage of a U-Net layer: maps [(B F),C,H,W] to [(B F),C',H,W]. */
interface SpatialStage {
    Tensor forward(Tensor x, UNetPass pass);
}
