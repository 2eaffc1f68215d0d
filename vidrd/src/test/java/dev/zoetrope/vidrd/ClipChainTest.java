package dev.zoetrope.vidrd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.zoetrope.diffusion.denoiser.Conditioning;
import dev.zoetrope.diffusion.sampling.GuidedDenoiser;
import dev.zoetrope.diffusion.sampling.StepHook;
import dev.zoetrope.diffusion.sampling.StepState;
import dev.zoetrope.diffusion.scheduler.DdimScheduler;
import dev.zoetrope.diffusion.scheduler.Guidance;
import dev.zoetrope.diffusion.scheduler.NoiseSource;
import dev.zoetrope.diffusion.scheduler.SampleSpace;
import dev.zoetrope.diffusion.scheduler.SchedulerConfig;
import dev.zoetrope.diffusion.scheduler.Schedulers;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.SeededGenerator;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The sampler golden of sheet section 8, its closed-form identities, and the checks of section 9. */
class ClipChainTest {
    private static final DdimScheduler DDIM = new DdimScheduler(SchedulerConfig.stableDiffusion());
    private static final List<Long> SMALL = List.of(1L, 2L, 8L, 4L, 4L);

    private static ChainOptions options(ReuseOptions reuse, int steps, int clips, boolean loop, List<Long> shape) {
        return new ChainOptions(reuse, NoisePrior.INDEPENDENT, DDIM, steps, clips, loop, shape);
    }

    /** 0.3 x + 0.1 mean over frames + 0.05 f / 4. */
    private static Tensor stub(Tensor x) {
        float[] ramp = new float[(int) x.size(2)];
        for (int f = 0; f < ramp.length; f++) {
            ramp[f] = 0.05f * f / 4;
        }
        Tensor mean = x.mean(new long[] {2}, true, new ScalarTypeOptional());
        return Ops.axpby(0.3, x, 0.1, mean).add(Tensors.of(ramp, 1, 1, ramp.length, 1, 1));
    }

    private static GuidedDenoiser denoiser(FunctionDenoiser.Formula formula) {
        return new GuidedDenoiser(
                new FunctionDenoiser(1, 1, formula),
                Conditioning.of(Tensors.zeros(1, 1, 1)),
                Optional.empty(),
                Guidance.of(1),
                false);
    }

    private static List<Tensor> run(ChainOptions options, NoiseSource noise, StepHook... hooks) {
        List<Tensor> clips = new ArrayList<>();
        GuidedDenoiser denoiser = denoiser((x, t, c) -> stub(x));
        try (ClipChain chain = new ClipChain(options, i -> denoiser, noise, List.of(hooks))) {
            chain.forEachRemaining(clips::add);
        }
        return clips;
    }

    private static List<Tensor> run(ChainOptions options, StepHook... hooks) {
        try (SeededGenerator generator = new SeededGenerator(3)) {
            return run(options, NoiseSource.perSample(List.of(generator)), hooks);
        }
    }

    /** Keeps the latents before chosen steps. */
    private static final class Seen implements StepHook {
        private final int step;
        private final List<Tensor> latents = new ArrayList<>();

        Seen(int step) {
            this.step = step;
        }

        @Override
        public void beforeStep(StepState state) {
            if (state.index() == step) {
                latents.add(Scope.own(state.latents().clone()));
            }
        }
    }

    @Test
    void reproducesTheGoldenOfTheSheet() {
        int[] calls = new int[1];
        NoiseSource sines = shape -> {
            float[] values = new float[(int) Tensors.elements(shape)];
            for (int n = 0; n < values.length; n++) {
                values[n] = (float) (1.3 * Math.sin(1.7 * n + 0.9 * calls[0] + 0.3));
            }
            calls[0]++;
            return Tensors.of(values, shape);
        };
        try (Scope scope = Scope.noGrad()) {
            Seen first = new Seen(0);
            Seen last = new Seen(4);
            List<Tensor> clips = run(
                    options(ReuseOptions.of(2, 4, 0.6), 5, 2, false, List.of(1L, 1L, 4L, 1L, 1L)), sines, first, last);
            check(first.latents.get(0), 0.384176, 1.211651, 1.122172, 0.183456);
            check(first.latents.get(1), 0.183456, 1.122172, 1.443613, 0.502645);
            check(last.latents.get(0), 0.700945, 3.038752, 2.733735, -0.018938);
            check(last.latents.get(1), 0.000792, 2.726589, 3.612910, 0.853746);
            check(clips.get(0), 0.696732, 3.026871, 2.722684, -0.021292);
            check(clips.get(1), -0.001395, 2.715488, 3.598808, 0.848362);
        }
    }

    private static void check(Tensor latents, double... expected) {
        float[] values = Tensors.toFloats(latents);
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) values[i]).isCloseTo(expected[i], within(1e-5));
        }
    }

    /** Counts verified by running the released code. */
    @ParameterizedTest
    @CsvSource({"4, 50, 0.4, 20 15 10 5", "4, 50, 1.0, 50 38 25 13", "3, 20, 0.5, 10 7 4", "2, 5, 0.6, 3 2"})
    void guidesAsManyStepsAsTheRelease(int promptFrames, int steps, double beta, String counts) {
        GuidanceStages stages = new GuidanceStages(promptFrames, steps, beta);
        String[] expected = counts.split(" ");
        for (int j = 0; j < expected.length; j++) {
            assertThat(stages.guidedSteps(j)).isEqualTo(Integer.parseInt(expected[j]));
        }
        int total = 0;
        for (int k = 0; k < steps; k++) {
            total += stages.guidedFrames(k);
        }
        assertThat(total)
                .isEqualTo(java.util.Arrays.stream(expected)
                        .mapToInt(Integer::parseInt)
                        .sum());
    }

    @Test
    void infiniteAlphaIsTheReversedNoiseAndALargeOneIsNear() {
        try (Scope scope = Scope.noGrad()) {
            Seen exact = new Seen(0);
            run(options(ReuseOptions.of(2, Double.POSITIVE_INFINITY, 0), 2, 3, false, SMALL), exact);
            Tensor original = exact.latents.get(0);
            assertThat(largest(exact.latents.get(1).sub(original.flip(2)))).isZero();
            assertThat(largest(exact.latents.get(2).sub(original)))
                    .describedAs("twice reversed")
                    .isZero();
            Seen near = new Seen(0);
            run(options(ReuseOptions.of(2, 1e9, 0), 2, 2, false, SMALL), near);
            assertThat(largest(near.latents.get(1).sub(original.flip(2)))).isLessThan(1e-6);
        }
    }

    @Test
    void copiedFramesAreExactAndTheOthersFollowAlpha() {
        try (Scope scope = Scope.noGrad()) {
            Seen first = new Seen(0);
            List<Long> shape = List.of(1L, 1L, 8L, 64L, 64L);
            run(options(ReuseOptions.of(3, 1, 0), 1, 2, false, shape), first);
            Tensor reversed = first.latents.get(0).flip(2);
            Tensor next = first.latents.get(1);
            assertThat(largest(next.sub(reversed).narrow(2, 0, 3))).isZero();
            Tensor old = reversed.narrow(2, 3, 5);
            Tensor tail = next.narrow(2, 3, 5);
            assertThat(Tensors.item(tail.mul(tail).mean())).isCloseTo(1, within(0.03));
            assertThat(Tensors.item(tail.mul(old).mean())).isCloseTo(Math.sqrt(0.5), within(0.03));
        }
    }

    @Test
    void withoutPromptFramesOrBetaNothingIsGuided() {
        try (Scope scope = Scope.noGrad()) {
            Tensor plain =
                    run(options(ReuseOptions.of(0, 1, 0), 4, 2, false, SMALL)).get(1);
            Tensor unguided =
                    run(options(ReuseOptions.of(0, 1, 0.7), 4, 2, false, SMALL)).get(1);
            assertThat(largest(plain.sub(unguided))).isZero();
            Tensor guided =
                    run(options(ReuseOptions.of(4, 1, 0.7), 4, 2, false, SMALL)).get(1);
            assertThat(largest(plain.sub(guided))).isPositive();
        }
    }

    @Test
    void paperIndexingWithBetaOneRepeatsTheBorderFrameExactly() {
        try (Scope scope = Scope.noGrad()) {
            ReuseOptions full = ReuseOptions.of(4, 1, 1);
            assertThat(border(full.withIndexing(GuidanceIndexing.PAPER))).isZero();
            assertThat(border(full)).isPositive();
        }
    }

    private static double border(ReuseOptions reuse) {
        List<Tensor> clips = run(options(reuse, 6, 2, false, SMALL));
        return largest(clips.get(1).select(2, 0).sub(clips.get(0).select(2, 7)));
    }

    @Test
    void aLoopEndsWhereItBegan() {
        try (Scope scope = Scope.noGrad()) {
            ReuseOptions reuse = ReuseOptions.of(4, 0, 1).withIndexing(GuidanceIndexing.PAPER);
            List<Tensor> open = run(options(reuse, 6, 3, false, SMALL));
            List<Tensor> closed = run(options(reuse, 6, 3, true, SMALL));
            assertThat(largest(closed.get(2).select(2, 7).sub(closed.get(0).select(2, 0))))
                    .isZero();
            assertThat(largest(open.get(2).select(2, 7).sub(open.get(0).select(2, 0))))
                    .isPositive();
            assertThat(largest(closed.get(1).sub(open.get(1)))).isZero();
        }
    }

    @Test
    void continuesFromStoredState() {
        ChainOptions options = options(ReuseOptions.of(4, 1, 0.5), 5, 4, true, SMALL);
        try (Scope scope = Scope.noGrad();
                SeededGenerator generator = new SeededGenerator(9)) {
            GuidedDenoiser denoiser = denoiser((x, t, c) -> stub(x));
            NoiseSource noise = NoiseSource.perSample(List.of(generator));
            try (ClipChain whole = new ClipChain(options, i -> denoiser, noise, List.of());
                    ClipChain resumed = new ClipChain(options, i -> denoiser, noise, List.of())) {
                whole.next();
                whole.next();
                Map<String, Tensor> stored = new TreeMap<>();
                whole.state().forEach((name, tensor) -> stored.put(name, tensor.clone()));
                Tensor random = generator.state();
                Tensor third = whole.next();
                Tensor fourth = whole.next();
                generator.restore(random);
                resumed.restore(2, stored);
                assertThat(largest(resumed.next().sub(third))).isZero();
                assertThat(largest(resumed.next().sub(fourth))).isZero();
                assertThat(resumed.hasNext()).isFalse();
            }
        }
    }

    @Test
    void refusesStoredStateOfOtherClips() {
        ChainOptions options = options(ReuseOptions.of(4, 1, 0.5), 5, 4, false, SMALL);
        GuidedDenoiser denoiser = denoiser((x, t, c) -> stub(x));
        try (Scope scope = Scope.noGrad();
                SeededGenerator generator = new SeededGenerator(9);
                ClipChain chain =
                        new ClipChain(options, i -> denoiser, NoiseSource.perSample(List.of(generator)), List.of())) {
            chain.next();
            Map<String, Tensor> stored = new TreeMap<>();
            chain.state().forEach((name, tensor) -> stored.put(name, tensor.clone()));
            Map<String, Tensor> other = new TreeMap<>(stored);
            other.put("previous.noise", Tensors.zeros(1, 2, 6, 4, 4));
            assertThatThrownBy(() -> chain.restore(1, other))
                    .hasMessageContaining("previous.noise is [1, 2, 6, 4, 4]")
                    .hasMessageContaining("need [1, 2, 8, 4, 4]");
            Map<String, Tensor> less = new TreeMap<>(stored);
            less.remove("previous.guide.1");
            assertThatThrownBy(() -> chain.restore(1, less)).hasMessageContaining("lacks its tensor previous.guide.1");
        }
    }

    /** The release gives all frames new noise then; the sheet asks for none. */
    @Test
    void withAllFramesPromptFramesNothingIsDrawnAnew() {
        try (Scope scope = Scope.noGrad()) {
            ReuseOptions all = ReuseOptions.of(8, 1, 0);
            Seen ours = new Seen(0);
            run(options(all, 2, 2, false, SMALL), ours);
            assertThat(largest(ours.latents.get(1).sub(ours.latents.get(0).flip(2))))
                    .isZero();
            Seen released = new Seen(0);
            run(options(all.withReleasedQuirks(), 2, 2, false, SMALL), released);
            assertThat(largest(
                            released.latents.get(1).sub(released.latents.get(0).flip(2))))
                    .isPositive();
        }
    }

    @Test
    void clipsOfOneFrameRepeatIt() {
        try (Scope scope = Scope.noGrad()) {
            List<Tensor> clips = run(options(ReuseOptions.of(1, 1, 0.4), 4, 3, false, List.of(1L, 2L, 1L, 4L, 4L)));
            assertThat(largest(clips.get(2).sub(clips.get(0)))).isZero();
            assertThat(largest(clips.get(0))).isPositive();
        }
    }

    @Test
    void keepsOnlyWhatGuidanceNeeds() {
        ChainOptions options = options(ReuseOptions.of(4, 1, 0.4), 50, 3, false, SMALL);
        try (Scope scope = Scope.noGrad();
                SeededGenerator generator = new SeededGenerator(9)) {
            GuidedDenoiser denoiser = denoiser((x, t, c) -> stub(x));
            NoiseSource noise = NoiseSource.perSample(List.of(generator));
            try (ClipChain chain = new ClipChain(options, i -> denoiser, noise, List.of())) {
                while (chain.hasNext()) {
                    chain.next();
                    long floats = chain.state().values().stream()
                            .mapToLong(Tensor::numel)
                            .sum();
                    assertThat(floats).isEqualTo(2 * 4 * 4 * (8 + 20 + 15 + 10 + 5));
                }
            }
        }
    }

    @Test
    void correlatedPriorsHaveVarianceOneAndTheirCorrelation() {
        try (Scope scope = Scope.noGrad();
                SeededGenerator generator = new SeededGenerator(4)) {
            NoiseSource noise = NoiseSource.perSample(List.of(generator));
            long[] shape = {1, 1, 6, 64, 64};
            Tensor chained = new NoisePrior(NoisePrior.Kind.PROGRESSIVE, 2).draw(noise, false, shape);
            Tensor mixed = new NoisePrior(NoisePrior.Kind.MIXED, 2).draw(noise, false, shape);
            for (Tensor drawn : List.of(chained, mixed)) {
                assertThat(Tensors.item(drawn.mul(drawn).mean())).isCloseTo(1, within(0.05));
            }
            double step = Math.sqrt(0.8); // a / sqrt(1 + a^2)
            assertThat(product(chained, 0, 1)).isCloseTo(step, within(0.05));
            assertThat(product(chained, 0, 2)).isCloseTo(0.8, within(0.05));
            assertThat(product(mixed, 0, 5)).isCloseTo(0.8, within(0.05));
        }
    }

    private static double product(Tensor x, int j, int k) {
        return Tensors.item(x.select(2, j).mul(x.select(2, k)).mean());
    }

    @Test
    void refusesWhatCannotBe() {
        assertThatThrownBy(() -> ReuseOptions.of(-1, 1, 0)).hasMessageContaining("prompt frames: -1");
        assertThatThrownBy(() -> ReuseOptions.of(1, -0.5, 0)).hasMessageContaining("alpha: -0.5");
        assertThatThrownBy(() -> ReuseOptions.of(1, Double.NaN, 0)).hasMessageContaining("alpha: NaN");
        assertThatThrownBy(() -> ReuseOptions.of(1, 1, 1.5)).hasMessageContaining("beta: 1.5");
        assertThatThrownBy(() -> ReuseOptions.preset("wild")).hasMessageContaining("balanced, fresh, seamless, smooth");
        ReuseOptions balanced = ReuseOptions.preset("balanced");
        assertThatThrownBy(() -> options(balanced.withPromptFrames(9), 5, 2, false, SMALL))
                .hasMessageContaining("at most 8");
        assertThatThrownBy(() -> options(balanced, 5, 0, false, SMALL)).hasMessageContaining("clips: 0");
        assertThatThrownBy(() -> options(balanced, 0, 2, false, SMALL)).hasMessageContaining("steps: 0");
        assertThatThrownBy(() -> options(balanced, 5, 1, true, SMALL)).hasMessageContaining("at least 2 clips");
        assertThatThrownBy(() -> new ChainOptions(
                        balanced,
                        NoisePrior.INDEPENDENT,
                        Schedulers.byName("dpm++2m", DDIM.toJson(), SampleSpace.LATENTS),
                        5,
                        2,
                        false,
                        SMALL))
                .isInstanceOf(ZoetropeException.class)
                .hasMessageContaining("single-step sampler");
    }

    @Test
    void saysWhenAClipCanOnlyBeReplayed() {
        ReuseOptions all = ReuseOptions.of(8, 1, 0.4);
        assertThat(options(all, 5, 2, false, SMALL).notices()).hasSize(1);
        assertThat(options(all.withPromptFrames(4), 5, 2, false, SMALL).notices())
                .isEmpty();
        assertThat(options(all.withPromptFrames(1), 5, 2, false, List.of(1L, 1L, 1L, 2L, 2L))
                        .notices())
                .first()
                .asString()
                .contains("same picture");
    }

    @Test
    void namesTheClipWhoseLatentsAreNotFinite() {
        ChainOptions options = options(ReuseOptions.of(4, 1, 0.4), 3, 3, false, SMALL);
        try (Scope scope = Scope.noGrad();
                SeededGenerator generator = new SeededGenerator(9)) {
            GuidedDenoiser good = denoiser((x, t, c) -> stub(x));
            GuidedDenoiser bad = denoiser((x, t, c) -> Ops.mul(x, Double.NaN));
            NoiseSource noise = NoiseSource.perSample(List.of(generator));
            try (ClipChain chain = new ClipChain(options, i -> i == 1 ? bad : good, noise, List.of())) {
                chain.next();
                assertThatThrownBy(chain::next)
                        .hasMessageStartingWith("clip 1: ")
                        .hasMessageContaining("step 1 of 3 (timestep ");
                assertThat(chain.index()).isEqualTo(1);
            }
        }
    }

    private static double largest(Tensor x) {
        return Tensors.item(x.abs().max());
    }
}
