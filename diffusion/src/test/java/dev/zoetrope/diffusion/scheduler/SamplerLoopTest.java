package dev.zoetrope.diffusion.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.SeededGenerator;
import dev.zoetrope.tensor.Tensors;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class SamplerLoopTest {
    private static final String V = "\"prediction_type\": \"v_prediction\"";
    private static final String TRAILING = "\"timestep_spacing\": \"trailing\", \"steps_offset\": 0";
    private static final String LEADING = "\"timestep_spacing\": \"leading\"";
    private static final String ZERO_SNR = "\"rescale_betas_zero_snr\": true";

    /** Section 8.2 of the backbone sheet: sum of |x|, elements [3,2,7,7] and [1,1,3,4] after the loop. */
    static Stream<Arguments> sheet() {
        return Stream.of(
                Arguments.of(LibraryFixture.sd("DDIMScheduler"), 10, 183.2582, 0.477235, 0.229595),
                Arguments.of(LibraryFixture.sd("DDIMScheduler", V), 10, 69.5965, 0.181241, 0.087194),
                Arguments.of(LibraryFixture.sd("DDIMScheduler", TRAILING), 10, 181.2040, 0.471885, 0.227022),
                Arguments.of(
                        LibraryFixture.sd("DDIMScheduler", V, TRAILING, ZERO_SNR), 10, 59.0356, 0.153739, 0.073963),
                Arguments.of(LibraryFixture.sd("DDIMScheduler"), 50, 197.9790, 0.515570, 0.248038),
                Arguments.of(LibraryFixture.sd("PNDMScheduler"), 10, 201.3864, 0.524444, 0.252307),
                Arguments.of(LibraryFixture.sd("EulerDiscreteScheduler", LEADING), 10, 180.6484, 0.470439, 0.226326),
                Arguments.of(LibraryFixture.sd("DDIMInverseScheduler"), 10, 676.5042, 1.761729, 0.847559));
    }

    @ParameterizedTest
    @MethodSource("sheet")
    void sheetValues(Scheduler scheduler, int steps, double sum, double last, double inner) {
        try (Scope scope = Scope.noGrad()) {
            Tensor x = LibraryFixture.run(scheduler, steps, NoiseSource.none());
            assertThat(LibraryFixture.absSum(x)).isCloseTo(sum, within(1e-2));
            assertThat(LibraryFixture.at(x, 3, 2, 7, 7)).isCloseTo(last, within(1e-5));
            assertThat(LibraryFixture.at(x, 1, 1, 3, 4)).isCloseTo(inner, within(1e-5));
        }
    }

    /** Sums of |x| of the reference library's own tests: class defaults, 10 steps unless said. */
    static Stream<Arguments> library() {
        String minimum = "\"final_sigmas_type\": \"sigma_min\"";
        String dpm = minimum + ", \"lower_order_final\": false";
        return Stream.of(
                Arguments.of("DDIMScheduler", "", 10, 172.0067),
                Arguments.of("DDIMScheduler", V, 10, 52.5302),
                Arguments.of("PNDMScheduler", "\"skip_prk_steps\": false", 10, 198.1318),
                Arguments.of("DDPMScheduler", "", 1000, 258.9606),
                Arguments.of("DDPMScheduler", V, 1000, 202.0296),
                Arguments.of("LCMScheduler", "", 1, 18.7097),
                Arguments.of("LCMScheduler", "", 10, 197.7616),
                Arguments.of("DPMSolverMultistepScheduler", dpm, 10, 0.3301 * 768),
                Arguments.of("DPMSolverMultistepScheduler", dpm + "," + V, 10, 0.2251 * 768),
                Arguments.of("UniPCMultistepScheduler", minimum, 10, 0.2464 * 768),
                Arguments.of("UniPCMultistepScheduler", minimum + "," + V, 10, 0.1014 * 768));
    }

    @ParameterizedTest
    @MethodSource("library")
    void libraryValues(String className, String fields, int steps, double sum) {
        try (Scope scope = Scope.noGrad();
                SeededGenerator generator = new SeededGenerator(0)) {
            // Four digits of the mean are published for the last ones.
            double tolerance = className.endsWith("MultistepScheduler") ? 5e-5 * 768 : 1e-2;
            Tensor x = LibraryFixture.run(LibraryFixture.plain(className, fields), steps, generator::normal);
            assertThat(LibraryFixture.absSum(x)).isCloseTo(sum, within(tolerance));
        }
    }

    /**
     * B1: for data N(0,1) the exact network is eps = s z, and DDIM scales by the cosine of the angle between levels.
     * The control forgets sqrt(abar_prev).
     */
    @ParameterizedTest
    @CsvSource({"10, 0.880356", "50, 0.973614", "200, 0.993173"})
    void ddimScalesByCosines(int steps, double expected) {
        Scheduler scheduler = LibraryFixture.sd("DDIMScheduler");
        double control = 1;
        try (Scope scope = Scope.noGrad();
                SamplerPlan plan = scheduler.plan(steps)) {
            Tensor start = LibraryFixture.sample();
            Tensor x = start;
            double[] sigmas = plan.sigmas();
            for (int i = 0; i < steps; i++) {
                double bar = scheduler.noiseSchedule().alphaBar((int) plan.timesteps()[i]);
                x = plan.step(Ops.mul(x, Math.sqrt(1 - bar)), i, x, NoiseSource.none())
                        .previous();
                double next = 1 / (1 + sigmas[i + 1] * sigmas[i + 1]);
                control *= Math.sqrt(bar) + Math.sqrt((1 - next) * (1 - bar));
            }
            double ratio = Tensors.item(x.std()) / Tensors.item(start.std());
            assertThat(ratio).isCloseTo(expected, within(1e-5));
            assertThat(Math.abs(control - expected)).isGreaterThan(0.01);
        }
    }

    /** B3: one linear "network" written as noise, velocity and clean sample. */
    @Test
    void parametrisationsAgree() {
        try (Scope scope = Scope.noGrad();
                SeededGenerator generator = new SeededGenerator(3)) {
            Tensor matrix = Ops.mul(generator.normal(8, 8), 0.3);
            Tensor start = generator.normal(4, 3, 8, 8);
            Tensor noise = linearRun(PredictionType.EPSILON, matrix, start);
            Tensor velocity = linearRun(PredictionType.V_PREDICTION, matrix, start);
            Tensor clean = linearRun(PredictionType.SAMPLE, matrix, start);
            double size = Tensors.item(noise.abs().max());
            assertThat(Tensors.item(velocity.sub(noise).abs().max())).isLessThan(1e-4 * size);
            assertThat(Tensors.item(clean.sub(noise).abs().max())).isLessThan(1e-4 * size);
        }
    }

    private static Tensor linearRun(PredictionType type, Tensor matrix, Tensor start) {
        DdimScheduler scheduler =
                new DdimScheduler(SchedulerConfig.stableDiffusion().withPrediction(type));
        Tensor x = start;
        try (SamplerPlan plan = scheduler.plan(20)) {
            for (int i = 0; i < plan.steps(); i++) {
                double bar = scheduler.noiseSchedule().alphaBar((int) plan.timesteps()[i]);
                Tensor eps = x.matmul(matrix);
                Tensor z0 = PredictionType.EPSILON.original(eps, x, Math.sqrt(bar), Math.sqrt(1 - bar));
                Tensor out =
                        switch (type) {
                            case EPSILON -> eps;
                            case V_PREDICTION -> Ops.axpby(Math.sqrt(bar), eps, -Math.sqrt(1 - bar), z0);
                            case SAMPLE -> z0;
                        };
                x = plan.step(out, i, x, NoiseSource.none()).previous();
            }
        }
        return x;
    }

    /** Section 8.4: a step of DDIM or its inversion between equal levels is the identity. */
    @Test
    void aStepFromALevelToItselfChangesNothing() {
        String offset0 = "\"steps_offset\": 0";
        for (String className : new String[] {"DDIMScheduler", "DDIMInverseScheduler"}) {
            Scheduler scheduler = LibraryFixture.sd(className, offset0);
            try (Scope scope = Scope.noGrad();
                    SamplerPlan plan = scheduler.planAt(0)) {
                Tensor x = LibraryFixture.sample();
                Tensor same =
                        plan.step(Ops.mul(x, 0.7), 0, x, NoiseSource.none()).previous();
                assertThat(Tensors.item(same.sub(x).abs().max())).isLessThan(1e-6);
            }
        }
    }

    /** DDIM inversion followed by DDIM comes back, the better the more steps. */
    @Test
    void inversionComesBack() {
        double coarse = roundTrip(25);
        double fine = roundTrip(100);
        assertThat(fine).isLessThan(0.6 * coarse).isLessThan(0.05);
    }

    private static double roundTrip(int steps) {
        try (Scope scope = Scope.noGrad()) {
            Scheduler forward = LibraryFixture.sd("DDIMScheduler");
            Tensor x = LibraryFixture.sample();
            Tensor noisy =
                    oracleRun(forward, LibraryFixture.sd("DDIMInverseScheduler").plan(steps), x);
            Tensor back = oracleRun(forward, forward.plan(steps), noisy);
            return Tensors.item(back.sub(x).norm()) / Tensors.item(x.norm());
        }
    }

    /** Runs with the exact network for data of standard deviation 0.5. */
    private static Tensor oracleRun(Scheduler scheduler, SamplerPlan plan, Tensor start) {
        Tensor x = start;
        try (plan) {
            for (int i = 0; i < plan.steps(); i++) {
                double bar = scheduler.noiseSchedule().alphaBar((int) plan.timesteps()[i]);
                double factor = Math.sqrt(1 - bar) / (1 - bar + 0.25 * bar);
                x = plan.step(Ops.mul(x, factor), i, x, NoiseSource.none()).previous();
            }
        }
        return x;
    }
}
