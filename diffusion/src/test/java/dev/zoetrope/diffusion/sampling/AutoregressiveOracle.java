package dev.zoetrope.diffusion.sampling;

import dev.zoetrope.diffusion.scheduler.NoiseSchedule;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.SeededGenerator;
import dev.zoetrope.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The optimal noise predictor for clips whose frames are Gaussian with covariance rho^|j-k|, independent positions: eps =
 * sqrt(1-abar) (abar Sigma + (1-abar) I)^-1 z over frames.
 */
final class AutoregressiveOracle {
    private final NoiseSchedule schedule;
    private final Tensor covariance;
    private final double rho;

    AutoregressiveOracle(NoiseSchedule schedule, int frames, double rho) {
        this.schedule = schedule;
        this.rho = rho;
        float[] values = new float[frames * frames];
        for (int j = 0; j < frames; j++) {
            for (int k = 0; k < frames; k++) {
                values[j * frames + k] = (float) Math.pow(rho, Math.abs(j - k));
            }
        }
        covariance = Tensors.of(values, frames, frames);
    }

    /** eps for latents [B,1,F,h,w]. */
    Tensor noise(Tensor z, double timestep) {
        try (Scope scope = Scope.noGrad()) {
            double bar = schedule.alphaBar((int) timestep);
            Tensor eye = torch.eye(covariance.size(0));
            Tensor inverse = Ops.axpby(bar, covariance, 1 - bar, eye).inverse();
            Tensor frames = z.transpose(2, 4); // frames last
            return scope.keep(Ops.mul(frames.matmul(inverse).transpose(2, 4), Math.sqrt(1 - bar))
                    .contiguous());
        }
    }

    /** Clean clips [1,1,F,1,positions]. */
    Tensor clips(SeededGenerator generator, int positions) {
        try (Scope scope = Scope.noGrad()) {
            List<Tensor> frames = new ArrayList<>();
            frames.add(generator.normal(1, 1, 1, 1, positions));
            for (int j = 1; j < covariance.size(0); j++) {
                Tensor fresh = generator.normal(1, 1, 1, 1, positions);
                frames.add(Ops.axpby(rho, frames.get(j - 1), Math.sqrt(1 - rho * rho), fresh));
            }
            return scope.keep(Ops.cat(2, frames));
        }
    }
}
