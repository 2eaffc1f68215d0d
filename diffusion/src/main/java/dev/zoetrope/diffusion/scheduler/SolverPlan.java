package dev.zoetrope.diffusion.scheduler;

import dev.zoetrope.tensor.Scope;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;

/** A run of a solver that takes its levels from a {@link SigmaPath}, in the units of the forward process. */
abstract class SolverPlan extends BasePlan {
    SolverPlan(Scheduler scheduler, SigmaPath path) {
        super(scheduler, path.timesteps(), path.sigmas());
    }

    final SigmaLevel level(int i) {
        return SigmaLevel.of(sigma(i));
    }

    /** A timestep that is not of this run counts as its last one, as in the reference. */
    @Override
    public final Tensor addNoise(Tensor clean, Tensor noise, double... at) {
        double[] signal = new double[at.length];
        double[] noisy = new double[at.length];
        for (int k = 0; k < at.length; k++) {
            int i = SigmaPath.indexOf(timesteps(), at[k]);
            SigmaLevel level = level(i < 0 ? steps() - 1 : i);
            signal[k] = level.a();
            noisy[k] = level.s();
        }
        try (Scope scope = Scope.open()) {
            Tensor a = NoiseSchedule.column(signal, clean.dim());
            Tensor s = NoiseSchedule.column(noisy, clean.dim());
            return scope.keep(clean.mul(a).add(noise.mul(s)));
        }
    }

    /** Rounds timesteps half to even. */
    static double[] rounded(double[] timesteps) {
        return Arrays.stream(timesteps).map(Math::rint).toArray();
    }
}
