/**
 * Noise schedules, samplers and guidance.
 *
 * <p>A {@link dev.zoetrope.diffusion.scheduler.Scheduler} is read from {@code scheduler_config.json}; a {@link
 * dev.zoetrope.diffusion.scheduler.SamplerPlan} is one run of it.
 *
 * <pre>{@code
 * Scheduler scheduler = Schedulers.read(model.resolve("scheduler"), SampleSpace.LATENTS);
 * try (SamplerPlan plan = scheduler.plan(50)) {
 *     Tensor x = Ops.mul(noise, plan.initNoiseSigma());
 *     for (int i = 0; i < plan.steps(); i++) {
 *         Tensor out = network(plan.scaleModelInput(x, i), plan.timesteps()[i]);
 *         x = plan.step(out, i, x, NoiseSource.none()).previous();
 *     }
 * }
 * }</pre>
 *
 * <p>Map of the files:
 *
 * <ul>
 *   <li>the forward process: {@link dev.zoetrope.diffusion.scheduler.BetaSchedule}, {@link
 *       dev.zoetrope.diffusion.scheduler.NoiseSchedule}, {@link dev.zoetrope.diffusion.scheduler.PredictionType} (what
 *       the network predicts, training targets and weights);
 *   <li>configuration: {@link dev.zoetrope.diffusion.scheduler.Schedulers}, {@link
 *       dev.zoetrope.diffusion.scheduler.SchedulerConfig}, {@link dev.zoetrope.diffusion.scheduler.TimestepSpacing};
 *   <li>samplers, one file each, the method in the class comment: {@link
 *       dev.zoetrope.diffusion.scheduler.DdimScheduler}, {@link dev.zoetrope.diffusion.scheduler.DdimInverseScheduler},
 *       {@link dev.zoetrope.diffusion.scheduler.DdpmScheduler}, {@link dev.zoetrope.diffusion.scheduler.PndmScheduler},
 *       {@link dev.zoetrope.diffusion.scheduler.EulerScheduler}, {@link
 *       dev.zoetrope.diffusion.scheduler.DpmSolverScheduler}, {@link dev.zoetrope.diffusion.scheduler.UniPcScheduler},
 *       {@link dev.zoetrope.diffusion.scheduler.LcmScheduler}. {@code BaseScheduler}, {@code BasePlan} and {@code
 *       SolverPlan} are what they share, {@code SigmaPath} lays out levels, {@code History} keeps the last outputs;
 *   <li>around the sampler: {@link dev.zoetrope.diffusion.scheduler.NoiseSource}, {@link
 *       dev.zoetrope.diffusion.scheduler.Guidance}, {@link dev.zoetrope.diffusion.scheduler.FreeInit};
 *   <li>{@link dev.zoetrope.diffusion.scheduler.SchedulerParity}: comparison with the reference.
 * </ul>
 *
 * <p>Symbols: T training timesteps, S sampler steps, abar signal left, a = sqrt(abar), s = sqrt(1-abar), sigma = s/a,
 * z0 (x0) clean sample, z sample with variance 1, x sample with variance sigma^2 + 1, e (eps) noise.
 */
@NullMarked
package dev.zoetrope.diffusion.scheduler;

import org.jspecify.annotations.NullMarked;
