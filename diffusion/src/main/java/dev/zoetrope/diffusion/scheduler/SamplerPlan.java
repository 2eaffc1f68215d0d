package dev.zoetrope.diffusion.scheduler;

import dev.zoetrope.tensor.ZoetropeException;
import org.bytedeco.pytorch.Tensor;

/**
 * One run of a sampler: its timesteps, and for multistep solvers the outputs of the last steps. Belongs to one run and
 * one thread at a time; close it to free that history.
 *
 * <pre>{@code
 * Tensor x = Ops.mul(noise, plan.initNoiseSigma());
 * for (int i = 0; i < plan.steps(); i++) {
 *     Tensor out = network(plan.scaleModelInput(x, i), plan.timesteps()[i]);
 *     x = plan.step(out, i, x, noiseSource).previous();
 * }
 * }</pre>
 *
 * <p>Steps are taken in order. A run may start at a later step than 0, and may jump; a multistep solver then begins its
 * history anew. All operations are differentiable in the sample and the network's output.
 */
public interface SamplerPlan extends AutoCloseable {
    /** The timestep the network is given at each step; whole numbers but for Euler. */
    double[] timesteps();

    /** The noise-to-signal ratio of the sample before each step, and after the last one: one more than steps. */
    double[] sigmas();

    /** Number of steps, which is the number of evaluations of the network. */
    default int steps() {
        return timesteps().length;
    }

    /** What standard normal noise is multiplied by to start the run. */
    double initNoiseSigma();

    /** The sample as the network wants to see it at step {@code i}; often the same tensor. */
    Tensor scaleModelInput(Tensor sample, int i);

    /**
     * One step.
     *
     * @param modelOutput the network's output for {@link #scaleModelInput} at {@code timesteps()[i]}, shape of the
     *     sample
     * @param i index of the step, from 0
     * @param sample current sample [B,...]
     * @param noise used by stochastic samplers only
     * @throws ZoetropeException BAD_INPUT if there is no such step or the shapes differ
     */
    StepResult step(Tensor modelOutput, int i, Tensor sample, NoiseSource noise);

    /**
     * A clean sample made as noisy as this run has it at given timesteps, in the units of the run.
     *
     * @param clean [B,...]
     * @param noise standard normal, same shape
     * @param timesteps one for each sample, or one for all
     */
    Tensor addNoise(Tensor clean, Tensor noise, double... timesteps);

    @Override
    void close();
}
