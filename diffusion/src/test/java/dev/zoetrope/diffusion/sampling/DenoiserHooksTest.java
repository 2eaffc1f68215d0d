package dev.zoetrope.diffusion.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.zoetrope.diffusion.denoiser.Conditioning;
import dev.zoetrope.diffusion.denoiser.DenoiserOutput;
import dev.zoetrope.diffusion.denoiser.DenoiserRequest;
import dev.zoetrope.diffusion.denoiser.KeyValuePolicy;
import dev.zoetrope.diffusion.denoiser.LatentGradient;
import dev.zoetrope.diffusion.parity.UNetParity;
import dev.zoetrope.diffusion.scheduler.DdimScheduler;
import dev.zoetrope.diffusion.scheduler.Guidance;
import dev.zoetrope.diffusion.scheduler.SamplerPlan;
import dev.zoetrope.diffusion.scheduler.SchedulerConfig;
import dev.zoetrope.diffusion.unet.UNet;
import dev.zoetrope.diffusion.unet.UNetConfig.Family;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.SeededGenerator;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.parity.Fixture;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What later systems do to real U-Nets from hooks: taps, shared keys and values, gradients, early stops. */
class DenoiserHooksTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden");

    private static UNet load(String name) {
        try (Fixture fixture = Fixture.open(GOLDEN.resolve(name))) {
            return UNetParity.load(fixture);
        }
    }

    private static Conditioning context(UNet unet, SeededGenerator generator, int samples) {
        Tensor context = generator.normal(samples, 5, unet.contextWidth());
        boolean image = unet.config().family() == Family.SPATIO_TEMPORAL;
        return new Conditioning(context, image ? Optional.of(generator.uniform(samples, 3)) : Optional.empty());
    }

    @ParameterizedTest
    @ValueSource(strings = {"unet2d-sd15", "unet2d-sd21", "unet3d", "unet-motion", "unet-motion-adapter", "unet-svd"})
    void tapsAreTheSameAfterAnEarlyStopAndHaveGradients(String name) {
        try (Scope scope = Scope.withGrad();
                UNet unet = load(name);
                SeededGenerator generator = new SeededGenerator(4)) {
            Tensor latents = generator.normal(1, unet.inChannels(), 3, 8, 8).set_requires_grad(true);
            GuidedDenoiser denoiser =
                    new GuidedDenoiser(unet, context(unet, generator, 1), Optional.empty(), Guidance.of(1), false);
            DenoiserRequest request = DenoiserRequest.tapping("up_blocks.0");
            Tensor whole = denoiser.conditional(latents, 481, request).tap("up_blocks.0");
            Tensor stopped = denoiser.conditional(latents, 481, request.stoppingAfter("up_blocks.0"))
                    .tap("up_blocks.0");
            assertThat(Tensors.toFloats(stopped)).containsExactly(Tensors.toFloats(whole));

            Tensor gradient =
                    Ops.gradients(stopped.mul(stopped).mean(), List.of(latents)).get(0);
            float[] values = Tensors.toFloats(gradient);
            assertThat(values).hasSize((int) latents.numel());
            double sum = 0;
            for (float value : values) {
                assertThat(value).isFinite();
                sum += Math.abs(value);
            }
            assertThat(sum).isPositive();
        }
    }

    /** Recomputed stage by stage, the gradient is that of the whole graph: of taps, of the prediction, and of both. */
    @ParameterizedTest
    @ValueSource(strings = {"unet2d-sd15", "unet2d-sd21", "unet3d", "unet-motion", "unet-motion-adapter", "unet-svd"})
    void recomputationGivesTheSameGradient(String name) {
        try (Scope scope = Scope.withGrad();
                UNet unet = load(name);
                SeededGenerator generator = new SeededGenerator(4)) {
            Tensor latents = generator.normal(2, unet.inChannels(), 3, 8, 8).set_requires_grad(true);
            Tensor timestep = Tensors.of(new float[] {481, 481}, 2);
            Conditioning conditioning = context(unet, generator, 2);
            List<DenoiserRequest> requests = List.of(
                    DenoiserRequest.NONE,
                    DenoiserRequest.tapping("down_blocks.0", "mid_block", "up_blocks.0"),
                    DenoiserRequest.tapping("conv_in", "down_blocks.0").stoppingAfter("up_blocks.0"));
            for (DenoiserRequest request : requests) {
                Tensor whole = loss(unet.forward(latents, timestep, conditioning, request));
                LatentGradient recomputed =
                        unet.gradient(latents, timestep, conditioning, request, DenoiserHooksTest::loss);
                assertThat(recomputed.loss()).isCloseTo(Tensors.item(whole), withinPercentage(1e-3));
                float[] expected =
                        Tensors.toFloats(Ops.gradients(whole, List.of(latents)).get(0));
                assertThat(Tensors.toFloats(recomputed.gradient()))
                        .containsExactly(expected, within(1e-5f * largest(expected)));
            }
        }
    }

    /** So are the gradients of the parameters, those of the time embedding, which every stage reads, among them. */
    @ParameterizedTest
    @ValueSource(strings = {"unet2d-sd15", "unet3d", "unet-motion", "unet-svd"})
    void recomputationGivesTheSameGradientsOfParameters(String name) {
        try (Scope scope = Scope.withGrad();
                UNet unet = load(name);
                SeededGenerator generator = new SeededGenerator(4)) {
            Tensor latents = generator.normal(2, unet.inChannels(), 3, 8, 8);
            Tensor timestep = Tensors.of(new float[] {481, 21}, 2);
            Conditioning conditioning = context(unet, generator, 2);
            unet.parameters().values().forEach(parameter -> parameter.value().set_requires_grad(true));
            Tensor whole = square(unet.predict(latents, timestep, conditioning));
            whole.backward();
            Map<String, float[]> expected = gradients(unet);
            double loss = unet.backward(latents, timestep, conditioning, DenoiserHooksTest::square);
            assertThat(loss).isCloseTo(Tensors.item(whole), withinPercentage(1e-3));
            Map<String, float[]> recomputed = gradients(unet);
            assertThat(recomputed.keySet()).isEqualTo(expected.keySet());
            expected.forEach((path, values) -> assertThat(recomputed.get(path))
                    .as(path)
                    .containsExactly(values, within(1e-5f + 1e-5f * largest(values))));
        }
    }

    /** As VidRD trains: the time embedding is frozen, and gets no gradient. */
    @Test
    void frozenParametersGetNoGradientFromRecomputation() {
        try (Scope scope = Scope.withGrad();
                UNet unet = load("unet3d");
                SeededGenerator generator = new SeededGenerator(4)) {
            unet.parameters()
                    .forEach((path, parameter) -> parameter.value().set_requires_grad(path.contains("temp_convs")));
            Tensor latents = generator.normal(1, unet.inChannels(), 3, 8, 8);
            unet.backward(latents, Tensors.full(481, 1), context(unet, generator, 1), DenoiserHooksTest::square);
            unet.parameters()
                    .forEach((path, parameter) -> assertThat(
                                    parameter.value().grad().defined())
                            .as(path)
                            .isEqualTo(path.contains("temp_convs")));
        }
    }

    private static Tensor square(Tensor prediction) {
        return prediction.mul(prediction).mean();
    }

    /** Takes the gradients of all parameters, and leaves zeros. */
    private static Map<String, float[]> gradients(UNet unet) {
        Map<String, float[]> gradients = new TreeMap<>();
        unet.parameters().forEach((path, parameter) -> {
            Tensor gradient = parameter.value().grad();
            assertThat(gradient.defined()).as(path).isTrue();
            gradients.put(path, Tensors.toFloats(gradient));
            try (Scope scope = Scope.noGrad()) {
                gradient.zero_();
            }
        });
        return gradients;
    }

    private static Tensor loss(DenoiserOutput output) {
        Tensor sum = output.hasPrediction()
                ? output.prediction().mul(output.prediction()).mean()
                : Tensors.of(new float[] {0}, 1).sum();
        for (Tensor tap : output.taps().values()) {
            sum = sum.add(tap.mul(tap).mean());
        }
        return sum;
    }

    private static float largest(float[] values) {
        float largest = 0;
        for (float value : values) {
            largest = Math.max(largest, Math.abs(value));
        }
        return largest;
    }

    /** A reference branch with the same latents changes nothing, and a gradient step of size 0 neither. */
    @Test
    void sharingOwnKeysAndValuesChangesNothing() {
        StepHook share = new StepHook() {
            @Override
            public void beforeStep(StepState state) {
                try (KeyValuePolicy.Recording recording =
                        new KeyValuePolicy.Recording(path -> path.startsWith("up_blocks") && path.endsWith("attn1"))) {
                    state.both(state.latents(), DenoiserRequest.NONE.withKeyValues(recording));
                    assertThat(recording.recorded()).isNotEmpty();
                    Tensor plain =
                            state.both(state.latents(), DenoiserRequest.NONE).prediction();
                    Tensor shared = state.both(state.latents(), DenoiserRequest.NONE.withKeyValues(recording.replay()))
                            .prediction();
                    assertThat(Tensors.toFloats(shared)).containsExactly(Tensors.toFloats(plain), within(1e-5f));
                }
                state.request(DenoiserRequest.tapping("up_blocks.0"));
            }

            @Override
            public void afterStep(StepState state) {
                assertThat(state.taps()).containsOnlyKeys("up_blocks.0");
                // Frames are folded into the batch, and guidance doubles it.
                assertThat(state.taps().values().iterator().next().size(0)).isEqualTo(2 * 3);
            }
        };
        StepHook idleGradient = new StepHook() {
            @Override
            public void beforeStep(StepState state) {
                try (Scope scope = Scope.withGrad()) {
                    Tensor z = state.latents().detach().set_requires_grad(true);
                    DenoiserOutput out = state.conditional(z, DenoiserRequest.NONE.stoppingAfter("up_blocks.1"));
                    Tensor gradient = Ops.gradients(out.tap("up_blocks.1").mean(), List.of(z))
                            .get(0);
                    state.replaceLatents(Ops.axpby(1, z, 0, gradient));
                }
            }
        };
        try (Scope scope = Scope.noGrad();
                UNet unet = load("unet3d");
                SeededGenerator generator = new SeededGenerator(6)) {
            GuidedDenoiser denoiser = new GuidedDenoiser(
                    unet, context(unet, generator, 1), Optional.of(context(unet, generator, 1)), Guidance.of(4), true);
            float[] plain = run(denoiser, List.of());
            assertThat(run(denoiser, List.of(share, idleGradient))).containsExactly(plain, within(1e-4f));
        }
    }

    private static float[] run(GuidedDenoiser denoiser, List<StepHook> hooks) {
        try (Scope scope = Scope.noGrad();
                SamplerPlan plan = new DdimScheduler(SchedulerConfig.stableDiffusion()).plan(2);
                SampleGenerators generators = SampleGenerators.of(8, 1)) {
            return Tensors.toFloats(
                    new Sampler(denoiser).run(plan, LatentSource.noise(), generators.noise(), hooks, 1, 4, 3, 8, 8));
        }
    }
}
