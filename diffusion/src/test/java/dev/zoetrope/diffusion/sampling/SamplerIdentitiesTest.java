package dev.zoetrope.diffusion.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.zoetrope.diffusion.scheduler.DdimInverseScheduler;
import dev.zoetrope.diffusion.scheduler.DdimScheduler;
import dev.zoetrope.diffusion.scheduler.NoiseSchedule;
import dev.zoetrope.diffusion.scheduler.NoiseSource;
import dev.zoetrope.diffusion.scheduler.PredictionType;
import dev.zoetrope.diffusion.scheduler.SamplerPlan;
import dev.zoetrope.diffusion.scheduler.Scheduler;
import dev.zoetrope.diffusion.scheduler.SchedulerConfig;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.SeededGenerator;
import dev.zoetrope.tensor.Tensors;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Experiments B1 to B3 of the sheet, run through the loop. */
class SamplerIdentitiesTest {
    private static final SchedulerConfig SD = SchedulerConfig.stableDiffusion();

    private static Tensor run(Scheduler scheduler, int steps, Tensor start, FakeDenoiser.Body body) {
        try (SamplerPlan plan = scheduler.plan(steps)) {
            return FakeDenoiser.sampler((int) start.size(0), body)
                    .run(plan, LatentSource.given(start), NoiseSource.none(), List.of(), Tensors.shape(start));
        }
    }

    private static double norm(Tensor x) {
        return Math.sqrt(Tensors.item(x.mul(x).sum()));
    }

    /** B1: for data N(0,1) DDIM scales by a product of cosines. */
    @ParameterizedTest
    @CsvSource({"10, 0.880356", "50, 0.973614", "200, 0.993173"})
    void oracleForWhiteDataScalesByTheCosines(int steps, double ratio) {
        DdimScheduler scheduler = new DdimScheduler(SD);
        NoiseSchedule schedule = scheduler.noiseSchedule();
        try (Scope scope = Scope.noGrad();
                SeededGenerator generator = new SeededGenerator(1)) {
            Tensor start = generator.normal(1, 1, 4, 8, 8);
            Tensor end =
                    run(scheduler, steps, start, (z, t, c) -> Ops.mul(z, Math.sqrt(1 - schedule.alphaBar((int) t))));
            assertThat(norm(end) / norm(start)).isCloseTo(ratio, within(1e-5));
        }
    }

    /** B2: inversion and back, better with more steps; independent noise does not come back. */
    @Test
    void inversionComesBack() {
        double coarse = roundTripError(25, false);
        double fine = roundTripError(100, false);
        assertThat(fine).isLessThanOrEqualTo(0.05).isLessThanOrEqualTo(0.6 * coarse);
        assertThat(roundTripError(100, true)).isGreaterThanOrEqualTo(1);
    }

    private static double roundTripError(int steps, boolean independentNoise) {
        DdimScheduler forward = new DdimScheduler(SD);
        try (Scope scope = Scope.noGrad();
                SeededGenerator generator = new SeededGenerator(2)) {
            AutoregressiveOracle oracle = new AutoregressiveOracle(forward.noiseSchedule(), 8, 0.9);
            Tensor clean = oracle.clips(generator, 256);
            FakeDenoiser.Body body = (z, t, c) -> oracle.noise(z, t);
            Tensor noise = run(new DdimInverseScheduler(SD), steps, clean, body);
            Tensor start = independentNoise ? generator.normal(Tensors.shape(clean)) : noise;
            return norm(run(forward, steps, start, body).sub(clean)) / norm(clean);
        }
    }

    /** B3: one linear network expressed as noise, v and clean sample. */
    @Test
    void parametrisationsGiveOneTrajectory() {
        try (Scope scope = Scope.noGrad();
                SeededGenerator generator = new SeededGenerator(3)) {
            Tensor start = generator.normal(1, 1, 2, 4, 4);
            Tensor mixing = Ops.mul(generator.normal(4, 4), 0.3);
            Tensor expected = trajectory(PredictionType.EPSILON, start, mixing);
            for (PredictionType type : List.of(PredictionType.V_PREDICTION, PredictionType.SAMPLE)) {
                Tensor difference = trajectory(type, start, mixing).sub(expected);
                assertThat(norm(difference) / norm(expected)).isLessThan(1e-4);
            }
        }
    }

    private static Tensor trajectory(PredictionType type, Tensor start, Tensor mixing) {
        DdimScheduler scheduler = new DdimScheduler(SD.withPrediction(type));
        return run(scheduler, 20, start, (z, t, c) -> {
            double bar = scheduler.noiseSchedule().alphaBar((int) t);
            double a = Math.sqrt(bar);
            double s = Math.sqrt(1 - bar);
            Tensor noise = z.matmul(mixing);
            Tensor original = PredictionType.EPSILON.original(noise, z, a, s);
            return switch (type) {
                case EPSILON -> noise;
                case SAMPLE -> original;
                case V_PREDICTION -> Ops.axpby(a, noise, -s, original);
            };
        });
    }
}
