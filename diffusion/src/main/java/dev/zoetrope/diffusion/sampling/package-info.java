/**
 * The one denoising loop, and where systems plug into it.
 *
 * <pre>{@code
 * GuidedDenoiser denoiser = new GuidedDenoiser(unet, prompt, Optional.of(negative), Guidance.of(7.5), false);
 * try (SamplerPlan plan = scheduler.plan(50);
 *         SampleGenerators generators = SampleGenerators.of(seed, 1)) {
 *     Tensor latents = new Sampler(denoiser)
 *             .run(plan, LatentSource.noise(), generators.noise(), hooks, 1, 4, 16, 32, 32);
 * }
 * }</pre>
 *
 * <p>Map of the files:
 *
 * <ul>
 *   <li>{@link dev.zoetrope.diffusion.sampling.Sampler}: the loop;
 *   <li>{@link dev.zoetrope.diffusion.sampling.GuidedDenoiser}: denoiser, prompts and guidance as one function of
 *       latents and timestep;
 *   <li>{@link dev.zoetrope.diffusion.sampling.LatentSource}: what the loop starts from;
 *   <li>{@link dev.zoetrope.diffusion.sampling.StepHook} and {@link dev.zoetrope.diffusion.sampling.StepState}: seeing and
 *       changing the latents before and after each step; {@link
 *       dev.zoetrope.diffusion.sampling.CancellationSignal} is the simplest one;
 *   <li>{@link dev.zoetrope.diffusion.sampling.SampleGenerators}: one random generator for each sample of a batch.
 * </ul>
 *
 * <p>Legend of all files here: B samples (clips) of a batch, C latent channels, F frames, h w latent rows and columns,
 * L tokens, D context width.
 */
@NullMarked
package dev.zoetrope.diffusion.sampling;

import org.jspecify.annotations.NullMarked;
