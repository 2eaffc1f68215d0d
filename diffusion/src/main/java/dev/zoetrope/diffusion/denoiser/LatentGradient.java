package dev.zoetrope.diffusion.denoiser;

import org.bytedeco.pytorch.Tensor;

/**
 * A loss and its gradient.
 *
 * @param loss its value
 * @param gradient with respect to the latents, same shape; belongs to the caller's scope
 */
public record LatentGradient(double loss, Tensor gradient) {}
