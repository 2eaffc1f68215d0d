/**
 * Autoencoders between pixels and latents: {@link dev.zoetrope.diffusion.autoencoder.AutoencoderKL} with a plain decoder
 * (frame by frame) or the temporal decoder of Stable Video Diffusion, and decoding in slices and tiles.
 *
 * <p>Legend of all files here: N frames (B batch times F), C channels, H W rows and columns. Sheet: backbone, 3.5 and
 * 3.6.
 */
@NullMarked
package dev.zoetrope.diffusion.autoencoder;

import org.jspecify.annotations.NullMarked;
