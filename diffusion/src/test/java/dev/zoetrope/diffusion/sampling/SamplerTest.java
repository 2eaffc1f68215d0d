package dev.zoetrope.diffusion.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.zoetrope.diffusion.denoiser.Conditioning;
import dev.zoetrope.diffusion.scheduler.DdimScheduler;
import dev.zoetrope.diffusion.scheduler.Guidance;
import dev.zoetrope.diffusion.scheduler.NoiseSource;
import dev.zoetrope.diffusion.scheduler.SamplerPlan;
import dev.zoetrope.diffusion.scheduler.Scheduler;
import dev.zoetrope.diffusion.scheduler.SchedulerConfig;
import dev.zoetrope.tensor.ErrorCode;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class SamplerTest {
    private static final Scheduler DDIM = new DdimScheduler(SchedulerConfig.stableDiffusion());
    private static final FakeDenoiser.Body HALF = (z, t, c) -> Ops.mul(z, 0.5);

    private static Tensor run(Sampler sampler, int steps, LatentSource source, StepHook... hooks) {
        try (SamplerPlan plan = DDIM.plan(steps);
                SampleGenerators generators = SampleGenerators.of(5, 1)) {
            return sampler.run(plan, source, generators.noise(), List.of(hooks), 1, 1, 2, 4, 4);
        }
    }

    @Test
    void showsEachStepToHooks() {
        List<String> seen = new ArrayList<>();
        StepHook hook = new StepHook() {
            @Override
            public void beforeStep(StepState state) {
                assertThat(state.predictedOriginal()).isEmpty();
                seen.add("before " + state.index() + " at " + (int) state.timestep());
            }

            @Override
            public void afterStep(StepState state) {
                assertThat(Tensors.shape(state.predictedOriginal().orElseThrow()))
                        .containsExactly(1, 1, 2, 4, 4);
                assertThat(state.nextSigma()).isLessThan(state.sigma());
                seen.add("after " + state.index() + " of " + state.steps());
            }
        };
        try (Scope scope = Scope.noGrad()) {
            run(FakeDenoiser.sampler(1, HALF), 2, LatentSource.noise(), hook);
        }
        assertThat(seen).containsExactly("before 0 at 501", "after 0 of 2", "before 1 at 1", "after 1 of 2");
    }

    @Test
    void continuesWithTheLatentsAHookGives() {
        StepHook replace = new StepHook() {
            @Override
            public void afterStep(StepState state) {
                Tensor before = state.latents();
                state.replaceLatents(Tensors.full(state.index(), 1, 1, 2, 4, 4));
                assertThat(before.isNull()).isFalse(); // still usable in this step
            }
        };
        try (Scope scope = Scope.noGrad()) {
            Tensor result = run(FakeDenoiser.sampler(1, HALF), 4, LatentSource.noise(), replace);
            assertThat(Tensors.toFloats(result)).containsOnly(3);
        }
    }

    @Test
    void refusesLatentsOfAnotherShape() {
        StepHook shrink = new StepHook() {
            @Override
            public void beforeStep(StepState state) {
                state.replaceLatents(Tensors.zeros(1, 1, 1, 4, 4));
            }
        };
        try (Scope scope = Scope.noGrad()) {
            assertThatThrownBy(() -> run(FakeDenoiser.sampler(1, HALF), 4, LatentSource.noise(), shrink))
                    .hasMessageContaining("the shape must stay");
            assertThatThrownBy(() ->
                            run(FakeDenoiser.sampler(1, HALF), 4, LatentSource.given(Tensors.zeros(1, 1, 3, 4, 4))))
                    .hasMessageContaining("[1, 1, 2, 4, 4]");
        }
    }

    @Test
    void stopsAtTheFirstValueThatIsNotFinite() {
        FakeDenoiser.Body broken = (z, t, c) -> t < 500 ? Ops.mul(z, Double.NaN) : z;
        try (Scope scope = Scope.noGrad()) {
            assertThatThrownBy(() -> run(FakeDenoiser.sampler(1, broken), 4, LatentSource.noise()))
                    .isInstanceOfSatisfying(
                            ZoetropeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NATIVE))
                    .hasMessageContaining("step 3 of 4")
                    .hasMessageContaining("timestep 251.0");
        }
    }

    @Test
    void stopsWhenCancelled() {
        CancellationSignal signal = new CancellationSignal();
        List<Integer> done = new ArrayList<>();
        StepHook canceller = new StepHook() {
            @Override
            public void afterStep(StepState state) {
                done.add(state.index());
                if (state.index() == 1) {
                    signal.cancel();
                }
            }
        };
        try (Scope scope = Scope.noGrad()) {
            assertThatThrownBy(() -> run(FakeDenoiser.sampler(1, HALF), 10, LatentSource.noise(), canceller, signal))
                    .isInstanceOfSatisfying(
                            ZoetropeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CANCELLED));
        }
        assertThat(done).containsExactly(0, 1);
    }

    @Test
    void beginsLaterForAClip() {
        List<Integer> steps = new ArrayList<>();
        StepHook record = new StepHook() {
            @Override
            public void beforeStep(StepState state) {
                steps.add(state.index());
            }
        };
        try (Scope scope = Scope.noGrad()) {
            Tensor clean = Tensors.full(0.5, 1, 1, 2, 4, 4);
            run(FakeDenoiser.sampler(1, HALF), 10, LatentSource.noised(clean, 0.3), record);
            assertThat(steps).containsExactly(7, 8, 9);
            assertThatThrownBy(() -> LatentSource.noised(clean, 0)).hasMessageContaining("strength is 0.0");
        }
    }

    @Test
    void twoPassesEqualOne() {
        FakeDenoiser.Body body = (z, t, c) -> z.mul(c.view(-1, 1, 1, 1, 1));
        try (Scope scope = Scope.noGrad()) {
            Conditioning prompt = Conditioning.of(Tensors.of(new float[] {0.3f}, 1, 1, 1));
            Conditioning negative = Conditioning.of(Tensors.of(new float[] {-0.2f}, 1, 1, 1));
            List<float[]> results = new ArrayList<>();
            for (boolean twoPasses : new boolean[] {false, true}) {
                GuidedDenoiser guided = new GuidedDenoiser(
                        new FakeDenoiser(body), prompt, Optional.of(negative), new Guidance(3, 0.5), twoPasses);
                results.add(Tensors.toFloats(run(new Sampler(guided), 5, LatentSource.noise())));
            }
            assertThat(results.get(1)).containsExactly(results.get(0));
        }
    }

    @Test
    void guidanceNeedsANegativePrompt() {
        try (Scope scope = Scope.noGrad()) {
            Conditioning prompt = Conditioning.of(Tensors.zeros(1, 1, 1));
            assertThatThrownBy(() ->
                            new GuidedDenoiser(new FakeDenoiser(HALF), prompt, Optional.empty(), Guidance.of(2), false))
                    .hasMessageContaining("negative prompt");
        }
    }

    @Test
    void samplesOfABatchDoNotDependOnEachOther() {
        Scheduler noisy = new DdimScheduler(SchedulerConfig.stableDiffusion()).withEta(1);
        try (Scope scope = Scope.noGrad()) {
            float[] batch = Tensors.toFloats(batch(noisy, 40, 3));
            float[] second = Tensors.toFloats(batch(noisy, 41, 1));
            for (int i = 0; i < second.length; i++) {
                assertThat(batch[second.length + i]).isCloseTo(second[i], within(1e-6f));
            }
        }
    }

    private static Tensor batch(Scheduler scheduler, long seed, int samples) {
        try (SamplerPlan plan = scheduler.plan(6);
                SampleGenerators generators = SampleGenerators.of(seed, samples)) {
            return FakeDenoiser.sampler(samples, HALF)
                    .run(plan, LatentSource.noise(), generators.noise(), List.of(), samples, 1, 2, 4, 4);
        }
    }

    @Test
    void memoryDoesNotGrowWithTheSteps() {
        StepHook busy = new StepHook() {
            @Override
            public void beforeStep(StepState state) {
                state.replaceLatents(Ops.mul(state.latents(), 1));
                state.predict(state.latents());
            }
        };
        try (Scope scope = Scope.noGrad()) {
            Sampler sampler = FakeDenoiser.sampler(1, HALF);
            run(sampler, 5, LatentSource.noise(), busy);
            long before = Pointer.totalCount();
            run(sampler, 5, LatentSource.noise(), busy);
            long few = Pointer.totalCount() - before;
            run(sampler, 500, LatentSource.noise(), busy);
            assertThat(Pointer.totalCount() - before - few).isLessThanOrEqualTo(few + 2);
        }
    }

    @Test
    void invertedPlansAscend() {
        try (Scope scope = Scope.noGrad();
                SamplerPlan plan = new dev.zoetrope.diffusion.scheduler.DdimInverseScheduler(
                                SchedulerConfig.stableDiffusion())
                        .plan(4)) {
            List<Double> sigmas = new ArrayList<>();
            StepHook record = new StepHook() {
                @Override
                public void afterStep(StepState state) {
                    sigmas.add(state.nextSigma());
                }
            };
            FakeDenoiser.sampler(1, HALF)
                    .run(
                            plan,
                            LatentSource.given(Tensors.zeros(1, 1, 1, 2, 2)),
                            NoiseSource.none(),
                            List.of(record),
                            1,
                            1,
                            1,
                            2,
                            2);
            assertThat(sigmas).isSorted();
        }
    }
}
