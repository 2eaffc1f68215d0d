package dev.zoetrope.diffusion.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.SeededGenerator;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What all samplers promise about runs. */
class SamplerPlanTest {
    private static final String ALL =
            "ddim ddim-inverse ddpm pndm euler euler-karras dpm++2m dpm++2m-karras unipc unipc-karras lcm";

    private static Scheduler scheduler(String name) {
        return Schedulers.byName(name, LibraryFixture.json(LibraryFixture.SD), SampleSpace.LATENTS);
    }

    private static float[] run(String name, SamplerPlan plan, long seed) {
        try (Scope scope = Scope.noGrad();
                SeededGenerator generator = new SeededGenerator(seed)) {
            Tensor start = Ops.mul(generator.normal(1, 4, 2, 4, 4), plan.initNoiseSigma());
            float[] values =
                    Tensors.toFloats(LibraryFixture.run(plan, start, NoiseSource.perSample(List.of(generator))));
            assertThat(values).as(name).doesNotContain(Float.NaN, Float.POSITIVE_INFINITY);
            return values;
        }
    }

    @Test
    void oneSchedulerServesInterleavedRuns() {
        for (String name : ALL.split(" ")) {
            Scheduler scheduler = scheduler(name);
            try (Scope scope = Scope.noGrad();
                    SamplerPlan alone = scheduler.plan(12);
                    SamplerPlan first = scheduler.plan(12);
                    SamplerPlan second = scheduler.plan(12);
                    SeededGenerator one = new SeededGenerator(7);
                    SeededGenerator two = new SeededGenerator(8)) {
                float[] expected = run(name, alone, 7);
                Tensor x = Ops.mul(one.normal(1, 4, 2, 4, 4), first.initNoiseSigma());
                Tensor y = Ops.mul(two.normal(1, 4, 2, 4, 4), second.initNoiseSigma());
                for (int i = 0; i < first.steps(); i++) {
                    x = step(first, i, x, one);
                    y = step(second, i, y, two);
                }
                assertThat(Tensors.toFloats(x)).as(name).isEqualTo(expected);
                // A plan can be run again from the start.
                assertThat(run(name, alone, 7)).as(name).isEqualTo(expected);
            }
        }
    }

    private static Tensor step(SamplerPlan plan, int i, Tensor x, SeededGenerator generator) {
        Tensor out = LibraryFixture.model(plan.scaleModelInput(x, i), plan.timesteps()[i]);
        return plan.step(out, i, x, NoiseSource.perSample(List.of(generator))).previous();
    }

    @Test
    void aSampleDoesNotDependOnItsBatch() {
        for (String name : ALL.split(" ")) {
            Scheduler scheduler = scheduler(name);
            try (Scope scope = Scope.noGrad();
                    SamplerPlan alone = scheduler.plan(5);
                    SamplerPlan batched = scheduler.plan(5);
                    SeededGenerator one = new SeededGenerator(7);
                    SeededGenerator two = new SeededGenerator(8)) {
                NoiseSource noise = NoiseSource.perSample(List.of(one, two));
                Tensor start = Ops.mul(noise.next(2, 4, 2, 4, 4), batched.initNoiseSigma());
                Tensor both = LibraryFixture.run(batched, start, noise);
                assertThat(Tensors.toFloats(both.select(0, 0))).as(name).isEqualTo(run(name, alone, 7));
                assertThat(Tensors.toFloats(both.select(0, 1))).as(name).isEqualTo(run(name, alone, 8));
            }
        }
    }

    @Test
    void nothingIsLeftInNativeMemory() {
        for (String name : ALL.split(" ")) {
            run(name, scheduler(name).plan(6), 1); // the first use loads what stays
            Scheduler scheduler = scheduler(name);
            long before = Pointer.totalCount();
            try (SamplerPlan plan = scheduler.plan(6)) {
                run(name, plan, 1);
            }
            assertThat(Pointer.totalCount()).as(name).isLessThanOrEqualTo(before);
        }
    }

    @Test
    void theLastStepOfManySamplersIsThePredictedOriginal() {
        for (String name : List.of("euler", "dpm++2m", "unipc", "lcm")) {
            try (Scope scope = Scope.noGrad();
                    SamplerPlan plan = scheduler(name).plan(4)) {
                int last = plan.steps() - 1;
                Tensor x = Ops.mul(LibraryFixture.sample(), 2);
                StepResult result = plan.step(Ops.mul(x, 0.3), last, x, NoiseSource.none());
                Tensor difference = result.previous().sub(result.predictedOriginal());
                assertThat(Tensors.item(difference.abs().max())).as(name).isLessThan(1e-5);
            }
        }
    }

    @Test
    void customTimestepsEqualTheSpacedOnes() {
        for (String name : List.of("ddim", "ddpm", "pndm", "euler", "dpm++2m", "unipc", "lcm")) {
            Scheduler scheduler = Schedulers.byName(
                    name,
                    LibraryFixture.json(LibraryFixture.SD + ", \"timestep_spacing\": \"leading\""),
                    SampleSpace.LATENTS);
            try (SamplerPlan spaced = scheduler.plan(10)) {
                int[] timesteps = Arrays.stream(spaced.timesteps())
                        .mapToInt(t -> (int) t)
                        .distinct()
                        .toArray();
                try (SamplerPlan custom = scheduler.planAt(timesteps)) {
                    assertThat(custom.timesteps()).as(name).isEqualTo(spaced.timesteps());
                    assertThat(run(name, custom, 5)).as(name).isEqualTo(run(name, spaced, 5));
                }
            }
        }
    }

    @Test
    void aRunMayStartInTheMiddle() {
        for (String name : ALL.split(" ")) {
            try (Scope scope = Scope.noGrad();
                    SamplerPlan plan = scheduler(name).plan(8);
                    SeededGenerator generator = new SeededGenerator(1)) {
                Tensor x = generator.normal(1, 4, 2, 4, 4);
                for (int i = 4; i < plan.steps(); i++) {
                    x = step(plan, i, x, generator);
                }
                assertThat(Tensors.item(x.abs().max())).as(name).isFinite().isLessThan(1000);
            }
        }
    }

    @Test
    void gradientsFlowThroughSteps() {
        for (String name : ALL.split(" ")) {
            try (Scope scope = Scope.withGrad();
                    SamplerPlan plan = scheduler(name).plan(4);
                    SeededGenerator generator = new SeededGenerator(1)) {
                Tensor x = generator.normal(1, 4, 2, 4, 4).set_requires_grad(true);
                Tensor y = step(plan, 1, step(plan, 0, x, generator), generator);
                Tensor gradient = Ops.gradients(y.sum(), List.of(x)).get(0);
                assertThat(Tensors.item(gradient.abs().max()))
                        .as(name)
                        .isGreaterThan(0)
                        .isFinite();
            }
        }
    }

    @Test
    void everyOptionGivesFiniteNumbers() {
        for (String name : ALL.split(" ")) {
            for (PredictionType type : PredictionType.values()) {
                for (TimestepSpacing spacing : TimestepSpacing.values()) {
                    if (name.equals("pndm") && type == PredictionType.SAMPLE) {
                        continue; // not supported
                    }
                    String fields = LibraryFixture.SD.replace("\"epsilon\"", "\"" + type.configName() + "\"")
                            + ", \"timestep_spacing\": \"" + spacing.configName() + "\"";
                    Scheduler scheduler = Schedulers.byName(name, LibraryFixture.json(fields), SampleSpace.LATENTS);
                    for (int steps : new int[] {1, 2, 3, 5, 17}) {
                        try (SamplerPlan plan = scheduler.plan(steps)) {
                            run(name + " " + type + " " + spacing + " " + steps, plan, 1);
                        }
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ddim", "ddpm", "lcm"})
    void noiseIsAskedForWhereItIsNeeded(String name) {
        Scheduler scheduler = scheduler(name);
        Scheduler stochastic = scheduler instanceof DdimScheduler ddim ? ddim.withEta(0.5) : scheduler;
        try (Scope scope = Scope.noGrad();
                SamplerPlan plan = stochastic.plan(4)) {
            Tensor x = LibraryFixture.sample();
            assertThatThrownBy(() -> plan.step(x, 0, x, NoiseSource.none()))
                    .isInstanceOf(ZoetropeException.class)
                    .hasMessageContaining("stochastic");
        }
    }

    @Test
    void wrongStepsAndShapesAreRefused() {
        try (Scope scope = Scope.noGrad();
                SamplerPlan plan = scheduler("ddim").plan(4);
                SeededGenerator generator = new SeededGenerator(1)) {
            Tensor x = LibraryFixture.sample();
            assertThatThrownBy(() -> plan.step(x, 4, x, NoiseSource.none()))
                    .isInstanceOf(ZoetropeException.class)
                    .hasMessageContaining("steps 0 to 3");
            assertThatThrownBy(() -> plan.step(Tensors.zeros(4, 6, 8, 8), 0, x, NoiseSource.none()))
                    .isInstanceOf(ZoetropeException.class)
                    .hasMessageContaining("[4, 6, 8, 8]");
            assertThatThrownBy(() -> NoiseSource.perSample(List.of(generator)).next(2, 3))
                    .isInstanceOf(ZoetropeException.class)
                    .hasMessageContaining("1 generators for a batch of 2");
        }
    }

    /** eta 1 with a known noise: the formula by hand. */
    @Test
    void ddimNoiseAndClipping() {
        SchedulerConfig config = DdimScheduler.DEFAULTS;
        try (Scope scope = Scope.noGrad();
                SamplerPlan plain = new DdimScheduler(config).withEta(1).plan(10);
                SamplerPlan recomputed = new DdimScheduler(config)
                        .withEta(1)
                        .withUseClippedModelOutput(true)
                        .plan(10)) {
            Tensor x = Tensors.full(1.5, 1, 2);
            Tensor out = Tensors.full(0.1, 1, 2);
            double bar = config.noiseSchedule().alphaBar(500);
            double next = config.noiseSchedule().alphaBar(400);
            double std = Math.sqrt(DdimScheduler.variance(bar, next));
            double direction = Math.sqrt(1 - next - std * std);
            NoiseSource noise = shape -> Tensors.full(2, shape);
            StepResult one = plain.step(out, 4, x, noise);
            // z0 = (1.5 - 0.1 s)/a is clipped to 1
            assertThat(Tensors.toFloats(one.predictedOriginal())).containsOnly(1);
            double expected = Math.sqrt(next) + direction * 0.1 + 2 * std;
            assertThat(Tensors.item(one.previous().max())).isCloseTo(expected, within(1e-5));
            double again = (1.5 - Math.sqrt(bar)) / Math.sqrt(1 - bar);
            Tensor two = recomputed.step(out, 4, x, noise).previous();
            assertThat(Tensors.item(two.max())).isCloseTo(Math.sqrt(next) + direction * again + 2 * std, within(1e-5));
        }
    }

    @Test
    void dynamicThresholding() {
        Scheduler scheduler = LibraryFixture.sd(
                "DDIMScheduler",
                "\"prediction_type\": \"sample\", \"thresholding\": true, \"dynamic_thresholding_ratio\": 0.5,"
                        + " \"sample_max_value\": 3.0");
        try (Scope scope = Scope.noGrad();
                SamplerPlan plan = scheduler.plan(10)) {
            // Medians of |x|: 2, 0.2 (held at 1) and 8 (held at 3)
            Tensor z0 = Tensors.of(new float[] {1, -2, 4, 0.1f, 0.2f, -0.3f, 2, 8, -16}, 3, 3);
            float[] limited =
                    Tensors.toFloats(plan.step(z0, 0, z0, NoiseSource.none()).predictedOriginal());
            assertThat(limited)
                    .containsExactly(new float[] {0.5f, -1, 1, 0.1f, 0.2f, -0.3f, 2 / 3f, 1, -1}, within(1e-6f));
        }
    }
}
