package dev.zoetrope.moft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.zoetrope.diffusion.denoiser.DenoiserRequest;
import dev.zoetrope.diffusion.denoiser.KeyValuePolicy;
import dev.zoetrope.diffusion.sampling.GuidedDenoiser;
import dev.zoetrope.diffusion.sampling.StepHook;
import dev.zoetrope.diffusion.sampling.StepState;
import dev.zoetrope.diffusion.scheduler.Guidance;
import dev.zoetrope.diffusion.scheduler.NoiseSource;
import dev.zoetrope.diffusion.scheduler.SamplerPlan;
import dev.zoetrope.diffusion.unet.UNet;
import dev.zoetrope.diffusion.unet.UNetConfig.Family;
import dev.zoetrope.moft.GuidedRun.Net;
import dev.zoetrope.moft.GuidedRun.Outcome;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.SeededGenerator;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Guided sampling on a random network, and the identities of sheet section 8 that need one; see BackbonesTest. */
class MotionGuidanceTest {
    private static final String TAP = GuidanceOptions.DEFAULT_TAP;
    private static final int F = 4;
    private static final int SIDE = GuidedRun.SIDE;

    private static final NoiseSource NONE = shape -> {
        throw new IllegalStateException("deterministic");
    };

    private Scope scope;
    private SeededGenerator generator;
    private final List<String> notices = new ArrayList<>();

    @BeforeEach
    void open() {
        scope = Scope.noGrad();
        generator = new SeededGenerator(5);
    }

    @AfterEach
    void close() {
        generator.close();
        scope.close();
    }

    private static GuidanceOptions.Builder options() {
        return GuidanceOptions.builder().window(1, 4);
    }

    private RegionObjective objective(RegionMask mask, double weight, Tensor motion, long... channels) {
        MotionTarget target = new MotionTarget(channels, Tensors.toFloats(motion), Tensors.shape(motion));
        return new RegionObjective(List.of(new MotionRegion(mask, List.of(target), weight)), MotionLoss.POOLED_MSE);
    }

    private RegionObjective leftHalf(double weight) {
        return objective(RegionMask.box(16, 16, 0, 0, 8, 16), weight, Ops.mul(generator.normal(F, 2), 3), 3, 17);
    }

    private Net net(UNet unet) {
        return GuidedRun.net(unet, generator, F);
    }

    private Outcome run(Net net, MotionObjective objective, GuidanceOptions options, StepHook... more) {
        return GuidedRun.run(net, objective, options, notices, F, more);
    }

    /** AE-14: the counts of the formula, exactly; 6 steps, 3 guided, 2 repeats, 2 contexts. */
    @ParameterizedTest
    @CsvSource({
        "OFF, false, 12", "OPTIMISE, false, 20", "OPTIMISE_AND_PREDICT, false, 24",
        "OFF, true, 24", "OPTIMISE, true, 24", "OPTIMISE_AND_PREDICT, true, 24"
    })
    void callsAreThoseOfTheFormula(KeyValueSharing sharing, boolean keepSource, long whole) {
        try (UNet unet = TinyNets.of(Family.MOTION)) {
            Outcome outcome = run(
                    net(unet),
                    leftHalf(1),
                    options().sharing(sharing).keepSource(keepSource).build());
            assertThat(outcome.whole()).isEqualTo(whole);
            assertThat(outcome.stopped()).isEqualTo(6);
            assertThat(outcome.updates()).hasSize(6);
        }
    }

    /** Identity 8. */
    @Test
    void theClipKeepsEverythingOutsideTheRegions() {
        try (UNet unet = TinyNets.of(Family.MOTION)) {
            Net net = net(unet);
            RegionObjective objective = leftHalf(1);
            long before = -1;
            for (int clipped = 0; clipped <= F; clipped++) {
                boolean[] changed = changedByFirstUpdate(net, objective, clipped);
                long count = 0;
                for (int i = 0; i < changed.length; i++) {
                    int frame = i / (SIDE * SIDE) % F;
                    boolean outside = i % SIDE >= SIDE / 2;
                    assertThat(changed[i] && outside && frame < clipped).isFalse();
                    count += changed[i] ? 1 : 0;
                }
                assertThat(before < 0 || count < before).isTrue();
                before = count;
            }
        }
    }

    /** Regions told different things: each moves itself alone, where the union would let each move the other, too. */
    @ParameterizedTest
    @EnumSource(GuidanceOptions.Pass.class)
    void eachRegionIsClippedToItself(GuidanceOptions.Pass pass) {
        try (UNet unet = TinyNets.of(Family.MOTION)) {
            Net net = net(unet);
            MotionRegion left = leftHalf(1).regions().get(0);
            MotionRegion right = new MotionRegion(RegionMask.box(16, 16, 8, 0, 8, 16), left.targets(), 3);
            RegionObjective both = new RegionObjective(List.of(left, right), MotionLoss.POOLED_MSE);
            float[] moved = firstUpdate(net, both, raw(RegionClip.OWN, pass));
            float[] byLeft = firstUpdate(
                    net, new RegionObjective(List.of(left), MotionLoss.POOLED_MSE), raw(RegionClip.OWN, pass));
            float[] byRight = firstUpdate(
                    net, new RegionObjective(List.of(right), MotionLoss.POOLED_MSE), raw(RegionClip.OWN, pass));
            float[] union = firstUpdate(net, both, raw(RegionClip.UNION, pass));
            double across = 0;
            for (int i = 0; i < moved.length; i++) {
                assertThat(moved[i]).isCloseTo(byLeft[i] + byRight[i], within(1e-5f));
                across = Math.max(across, Math.abs(union[i] - moved[i]));
            }
            assertThat(across).isGreaterThan(1e-3);
        }
    }

    private GuidanceOptions raw(RegionClip clip, GuidanceOptions.Pass pass) {
        return options()
                .window(0, 1)
                .repeats(1)
                .stepSize(GuidanceOptions.StepSize.RAW, 10)
                .regionClip(clip)
                .pass(pass)
                .build();
    }

    private boolean[] changedByFirstUpdate(Net net, MotionObjective objective, int clipped) {
        float[] update = firstUpdate(
                net,
                objective,
                options().window(0, 1).repeats(1).clippedFrames(clipped).build());
        boolean[] changed = new boolean[update.length];
        for (int i = 0; i < changed.length; i++) {
            changed[i] = update[i] != 0;
        }
        return changed;
    }

    /** What the first guided step adds to the noise. */
    private float[] firstUpdate(Net net, MotionObjective objective, GuidanceOptions options) {
        List<float[]> seen = new ArrayList<>();
        StepHook before = new StepHook() {
            @Override
            public void beforeStep(StepState state) {
                seen.add(Tensors.toFloats(state.latents()));
            }
        };
        run(net, objective, options, before);
        float[] start;
        try (SeededGenerator noise = new SeededGenerator(9)) {
            start = Tensors.toFloats(noise.normal(1, 4, F, SIDE, SIDE));
        }
        float[] update = new float[start.length];
        for (int i = 0; i < update.length; i++) {
            update[i] = seen.get(0)[i] - start[i];
        }
        return update;
    }

    /** Identities 5 and 6, and the gradient against differences. */
    @Test
    void theGradientIsThatOfTheDoubledBatchAndOfDifferences() {
        try (UNet unet = TinyNets.of(Family.MOTION);
                Scope grad = Scope.withGrad()) {
            Net net = net(unet);
            RegionObjective objective = leftHalf(1);
            GuidedDenoiser guided =
                    new GuidedDenoiser(unet, net.prompt(), Optional.of(net.empty()), Guidance.of(3), false);
            Tensor z = generator.normal(1, 4, F, SIDE, SIDE).requires_grad_(true);
            DenoiserRequest whole = DenoiserRequest.tapping(TAP);
            Tensor alone = gradient(
                    objective,
                    z,
                    guided.conditional(z, 480, whole.stoppingAfter(TAP)).tap(TAP),
                    1);
            Tensor notStopped =
                    gradient(objective, z, guided.conditional(z, 480, whole).tap(TAP), 1);
            assertThat(Tensors.toFloats(notStopped)).isEqualTo(Tensors.toFloats(alone));
            Tensor both = gradient(objective, z, guided.both(z, 480, whole).tap(TAP), 2);
            double scale = Tensors.item(alone.abs().max());
            assertThat(Tensors.item(both.sub(alone).abs().max())).isLessThan(1e-5 * scale);
            KeyValuePolicy later = (path, own) ->
                    path.startsWith("up_blocks.2") ? new KeyValuePolicy.KeyValue(own.value(), own.key()) : own;
            Tensor shared = gradient(
                    objective,
                    z,
                    guided.conditional(z, 480, whole.withKeyValues(later)).tap(TAP),
                    1);
            assertThat(Tensors.toFloats(shared)).isEqualTo(Tensors.toFloats(alone));

            float[] values = Tensors.toFloats(alone);
            Tensor direction =
                    Ops.mul(alone, 1 / Math.sqrt(Tensors.item(alone.mul(alone).sum())));
            double h = 0.02;
            double difference = (loss(objective, guided, z.add(Ops.mul(direction, h)))
                            - loss(objective, guided, z.sub(Ops.mul(direction, h))))
                    / (2 * h);
            double norm = 0;
            for (float value : values) {
                norm += value * (double) value;
            }
            assertThat(difference).isCloseTo(Math.sqrt(norm), within(0.01 * Math.sqrt(norm)));
        }
    }

    private static double loss(RegionObjective objective, GuidedDenoiser guided, Tensor z) {
        Tensor tap = guided.conditional(z, 480, DenoiserRequest.tapping(TAP)).tap(TAP);
        return Tensors.item(objective.loss(0, 25, Moft.unfold(tap, 1), z));
    }

    /** Of the last of {@code clips} halves. */
    private static Tensor gradient(RegionObjective objective, Tensor z, Tensor tap, int clips) {
        Tensor features = Moft.unfold(tap, clips);
        Tensor last = Ops.slice(features, 0, clips - 1, clips);
        return Ops.gradients(objective.loss(0, 25, last, z), List.of(z)).get(0);
    }

    /** Identity 9. */
    @Test
    void theFirstInversionStepAndTheLastSamplingStepAreIdentities() {
        try (UNet unet = TinyNets.of(Family.MOTION)) {
            MotionBackbone backbone = new MotionBackbone(unet, TinyNets.schedule(), "test");
            Tensor z = generator.normal(1, 4, F, SIDE, SIDE);
            Tensor e = generator.normal(1, 4, F, SIDE, SIDE);
            try (SamplerPlan down = backbone.sampler().plan(25);
                    SamplerPlan up = backbone.inversion().plan(25)) {
                assertThat(down.timesteps()[0]).isEqualTo(960);
                assertThat(down.timesteps()[24]).isZero();
                close(down.step(e, 24, z, NONE).previous(), z, 1e-6);
                close(up.step(e, 0, z, NONE).previous(), z, 1e-6);
                Tensor there = up.step(e, 5, z, NONE).previous(); // 160 to 200
                close(down.step(e, 19, there, NONE).previous(), z, 1e-6); // 200 to 160
            }
            try (SamplerPlan odd = backbone.sampler().plan(30)) {
                assertThat(odd.timesteps()).hasSize(30);
                assertThat(odd.timesteps()[0]).isEqualTo(29 * 33);
            }
        }
    }

    private static void close(Tensor a, Tensor b, double tolerance) {
        assertThat(Tensors.item(a.sub(b).abs().max()))
                .isLessThan(tolerance * Tensors.item(b.abs().max()));
    }

    @Test
    void strongUpdatesAreToldAndLimited() {
        try (UNet unet = TinyNets.of(Family.MOTION)) {
            Net net = net(unet);
            GuidanceOptions.Builder strong =
                    options().stepSize(GuidanceOptions.StepSize.NORMALISED, 5).repeats(1);
            run(net, leftHalf(1), strong.build());
            assertThat(notices).anyMatch(notice -> notice.contains("--max-step-rms"));
            Outcome limited = run(net, leftHalf(1), strong.maxStepRms(0.1).build());
            assertThat(limited.updates())
                    .allSatisfy(update -> assertThat(update.updateRms()).isCloseTo(0.1, within(1e-5)));
        }
    }

    @Test
    void aLossThatIsNotFiniteStopsTheRunOrOnlyTheGuidance() {
        try (UNet unet = TinyNets.of(Family.MOTION)) {
            Net net = net(unet);
            Tensor broken = Tensors.full(Double.NaN, F, 2);
            RegionObjective objective = objective(RegionMask.whole(), 1, broken, 0, 1);
            assertThatThrownBy(() -> run(net, objective, options().build()))
                    .isInstanceOf(ZoetropeException.class)
                    .hasMessageContaining("step 1, repeat 0");
            Outcome partial = run(net, objective, options().keepPartial(true).build());
            assertThat(partial.result()).isEqualTo(partial.source());
            assertThat(notices).anyMatch(notice -> notice.contains("not guided"));
        }
    }

    /** Without classifier-free guidance there is one half: keys and values, counts and gradients are those of the prompt. */
    @ParameterizedTest
    @EnumSource(KeyValueSharing.class)
    void itWorksWithoutClassifierFreeGuidance(KeyValueSharing sharing) {
        try (UNet unet = TinyNets.of(Family.MOTION)) {
            Outcome outcome = GuidedRun.run(
                    net(unet),
                    Guidance.of(1),
                    leftHalf(1),
                    options().sharing(sharing).build(),
                    notices,
                    F);
            assertThat(outcome.updates())
                    .hasSize(6)
                    .allSatisfy(update -> assertThat(update.gradientRms()).isPositive());
            assertThat(outcome.result()).isNotEqualTo(outcome.source());
            assertThat(outcome.whole()).isEqualTo(2 * GuidedRun.STEPS);
        }
    }

    @Test
    void rawStepsAreTheGradientTimesTheStrength() {
        try (UNet unet = TinyNets.of(Family.MOTION)) {
            Outcome outcome = run(
                    net(unet),
                    leftHalf(1),
                    options().stepSize(GuidanceOptions.StepSize.RAW, 0.5).build());
            assertThat(outcome.updates())
                    .allSatisfy(update ->
                            assertThat(update.updateRms()).isCloseTo(0.5 * update.gradientRms(), within(1e-6)));
        }
    }

    @Test
    void impossibleWindowsTapsAndStepsAreRefused() {
        try (UNet unet = TinyNets.of(Family.MOTION)) {
            MotionBackbone backbone = new MotionBackbone(unet, TinyNets.schedule(), "test");
            assertThatThrownBy(() -> GuidanceOptions.builder().window(5, 5).build())
                    .hasMessageContaining("guided steps");
            assertThatThrownBy(() -> options().window(3, 12).build().checkSteps(6))
                    .hasMessageContaining("6 steps");
            assertThatThrownBy(() -> backbone.check("up_blocks.9", 4)).hasMessageContaining("up_blocks.1");
            assertThatThrownBy(() -> backbone.check(TAP, 1)).hasMessageContaining("at least 2");
            assertThatThrownBy(() -> backbone.check(TAP, 17)).hasMessageContaining("at most 16");
            assertThatThrownBy(() -> backbone.checkSteps(1)).hasMessageContaining("2 to 1000");
            assertThatThrownBy(() ->
                            options().stepSize(GuidanceOptions.StepSize.RAW, -1).build())
                    .hasMessageContaining("strength");
            assertThatThrownBy(() -> leftHalf(-1)).hasMessageContaining("weight");
        }
    }

    @Test
    void onlySpatialSelfAttentionIsShared() {
        String spatial = "attentions.0.transformer_blocks.0.attn1";
        assertThat(MotionGuidance.isShared("up_blocks.1." + spatial)).isTrue();
        assertThat(MotionGuidance.isShared("up_blocks.0." + spatial)).isFalse();
        assertThat(MotionGuidance.isShared("down_blocks.1." + spatial)).isFalse();
        assertThat(MotionGuidance.isShared("up_blocks.2.attentions.0.transformer_blocks.0.attn2"))
                .isFalse();
        assertThat(MotionGuidance.isShared("up_blocks.2.temp_" + spatial)).isFalse();
        assertThat(MotionGuidance.isShared("up_blocks.2.motion_modules.0.transformer_blocks.0.attn1"))
                .isFalse();
        assertThat(MotionGuidance.isShared("up_blocks.2.attentions.0.temporal_transformer_blocks.0.attn1"))
                .isFalse();
    }
}
