package dev.zoetrope.diffusion.scheduler;

import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;

/** A run in the units of the forward process, where the variance of the sample is 1 and the network sees it as it is. */
abstract class BasePlan implements SamplerPlan {
    private final Scheduler scheduler;
    private final double[] timesteps;
    private final double[] sigmas;

    BasePlan(Scheduler scheduler, double[] timesteps, double[] sigmas) {
        this.scheduler = scheduler;
        this.timesteps = timesteps;
        this.sigmas = sigmas;
    }

    @Override
    public final double[] timesteps() {
        return timesteps.clone();
    }

    @Override
    public final double[] sigmas() {
        return sigmas.clone();
    }

    @Override
    public final int steps() {
        return timesteps.length;
    }

    @Override
    public double initNoiseSigma() {
        return 1;
    }

    @Override
    public Tensor scaleModelInput(Tensor sample, int i) {
        checkStep(i);
        return sample;
    }

    @Override
    public Tensor addNoise(Tensor clean, Tensor noise, double... at) {
        int[] whole = Arrays.stream(at).mapToInt(t -> (int) t).toArray();
        return scheduler.noiseSchedule().addNoise(clean, noise, whole);
    }

    @Override
    public final StepResult step(Tensor modelOutput, int i, Tensor sample, NoiseSource noise) {
        checkStep(i);
        long[] shape = Tensors.shape(sample);
        if (!Arrays.equals(Tensors.shape(modelOutput), shape)) {
            throw ZoetropeException.badInput(
                    "the network's output has shape %s, the sample %s: expected the same (networks that predict a"
                            + " variance too are not supported)",
                    Arrays.toString(Tensors.shape(modelOutput)), Arrays.toString(shape));
        }
        return advance(modelOutput, i, sample, noise);
    }

    /** {@link #step} after the checks. */
    abstract StepResult advance(Tensor modelOutput, int i, Tensor sample, NoiseSource noise);

    /** The timestep of step {@code i} of samplers with whole timesteps. */
    final int timestep(int i) {
        return (int) timesteps[i];
    }

    final double sigma(int i) {
        return sigmas[i];
    }

    private void checkStep(int i) {
        if (i < 0 || i >= timesteps.length) {
            throw ZoetropeException.badInput("step %d, this run has steps 0 to %d", i, timesteps.length - 1);
        }
    }

    @Override
    public void close() {}

    /** sigma of a level given as abar. */
    static double sigmaOf(double alphaBar) {
        return Math.sqrt((1 - alphaBar) / alphaBar);
    }
}
