/**
 * Training a text-to-video model from scratch: {@link dev.zoetrope.diffusion.training.TextToVideoTraining} runs the two
 * stages (autoencoder, then text encoder with U-Net) and writes a folder in the published layout. {@link
 * dev.zoetrope.diffusion.training.AutoencoderObjective} and {@link dev.zoetrope.diffusion.training.DenoiserObjective} are
 * what the shared trainer optimises. Sheet: backbone, section 4.
 */
@NullMarked
package dev.zoetrope.diffusion.training;

import org.jspecify.annotations.NullMarked;
