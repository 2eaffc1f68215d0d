package dev.zoetrope.diffusion.scheduler;

import org.bytedeco.pytorch.Tensor;

/**
 * What one step of a sampler gives; both tensors have the shape of the sample.
 *
 * @param previous the sample at the next, less noisy level (noisier in the case of inversion)
 * @param predictedOriginal the clean sample as this step sees it, in the units of the clean sample
 */
public record StepResult(Tensor previous, Tensor predictedOriginal) {}
