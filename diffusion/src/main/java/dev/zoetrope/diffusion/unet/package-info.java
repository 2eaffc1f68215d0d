/**
 * The U-Nets of the published families on one skeleton.
 *
 * <p>{@link dev.zoetrope.diffusion.unet.UNet} is the skeleton (down, mid, up with skips); {@link
 * dev.zoetrope.diffusion.unet.UNetConfig} reads the published configuration; {@code UNetFamily} says what a layer of
 * each family is made of. Module paths and parameter names are those of the published checkpoints.
 *
 * <p>Legend of all files here: B batch, F frames, C channels, H W rows and columns of the latents, L tokens, D context
 * width. Inside, frames are folded into the batch: x is [(B F),C,H,W]. Sheet: backbone, section 3.
 */
@NullMarked
package dev.zoetrope.diffusion.unet;

import org.jspecify.annotations.NullMarked;
