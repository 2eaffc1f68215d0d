package dev.zoetrope.vidrd.experiment;

import dev.zoetrope.diffusion.scheduler.NoiseSchedule;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.vidrd.FunctionDenoiser;
import org.bytedeco.pytorch.Tensor;

/**
 * The optimal noise predictor for clips whose frames are Gaussian with covariance rho^|j-k|, positions independent: eps =
 * sqrt(1-abar) (abar Sigma + (1-abar) I)^-1 z over frames.
 */
final class AutoregressiveOracle implements FunctionDenoiser.Formula {
    private final NoiseSchedule schedule;
    private final int frames;
    private final double rho;

    AutoregressiveOracle(NoiseSchedule schedule, int frames, double rho) {
        this.schedule = schedule;
        this.frames = frames;
        this.rho = rho;
    }

    /** eps for latents [B,1,F,1,positions]. */
    @Override
    public Tensor apply(Tensor z, double timestep, Tensor context) {
        double bar = schedule.alphaBar((int) timestep);
        try (Scope scope = Scope.noGrad()) {
            Tensor inverse = covariance(bar).inverse();
            Tensor mixed = z.transpose(2, 4).matmul(inverse).transpose(2, 4); // over frames
            return scope.keep(Ops.mul(mixed, Math.sqrt(1 - bar)).contiguous());
        }
    }

    /** abar Sigma + (1 - abar) I. */
    private Tensor covariance(double bar) {
        float[] values = new float[frames * frames];
        for (int j = 0; j < frames; j++) {
            for (int k = 0; k < frames; k++) {
                values[j * frames + k] = (float) (bar * Math.pow(rho, Math.abs(j - k)) + (j == k ? 1 - bar : 0));
            }
        }
        return Tensors.of(values, frames, frames);
    }
}
