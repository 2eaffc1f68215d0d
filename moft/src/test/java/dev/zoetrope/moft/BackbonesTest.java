package dev.zoetrope.moft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.zoetrope.diffusion.denoiser.DenoiserRequest;
import dev.zoetrope.diffusion.denoiser.LatentGradient;
import dev.zoetrope.diffusion.parity.UNetParity;
import dev.zoetrope.diffusion.sampling.CancellationSignal;
import dev.zoetrope.diffusion.unet.UNet;
import dev.zoetrope.diffusion.unet.UNetConfig.Family;
import dev.zoetrope.moft.GuidedRun.Net;
import dev.zoetrope.moft.GuidedRun.Outcome;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.SeededGenerator;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.parity.Fixture;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** MOFT on every family of U-Net: small random ones, and those of the reference's fixtures. */
class BackbonesTest {
    private static final Path GOLDEN = Path.of("../diffusion/src/test/resources/golden");
    private static final String TAP = GuidanceOptions.DEFAULT_TAP;
    private static final int F = 4;
    private static final int SIDE = GuidedRun.SIDE;

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

    static Stream<String> backbones() {
        return Stream.concat(
                Arrays.stream(Family.values()).map(Family::name),
                Stream.of("unet2d-sd15", "unet2d-sd21", "unet3d", "unet-motion", "unet-motion-adapter", "unet-svd"));
    }

    private static UNet load(String name) {
        if (!name.startsWith("unet")) {
            return TinyNets.of(Family.valueOf(name));
        }
        try (Fixture fixture = Fixture.open(GOLDEN.resolve(name))) {
            return UNetParity.load(fixture);
        }
    }

    private Outcome run(Net net, MotionObjective objective, GuidanceOptions options) {
        return GuidedRun.run(net, objective, options, notices, F);
    }

    private static GuidanceOptions.Builder options() {
        return GuidanceOptions.builder().window(1, 4);
    }

    private static RegionObjective objective(RegionMask mask, double weight, MotionTarget target) {
        return new RegionObjective(List.of(new MotionRegion(mask, List.of(target), weight)), MotionLoss.POOLED_MSE);
    }

    private MotionTarget someTarget() {
        Tensor values = Ops.mul(generator.normal(F, 2), 3);
        return new MotionTarget(new long[] {3, 6}, Tensors.toFloats(values), Tensors.shape(values));
    }

    private RegionObjective leftHalf(double weight) {
        return objective(RegionMask.box(16, 16, 0, 0, 8, 16), weight, someTarget());
    }

    @ParameterizedTest
    @MethodSource("backbones")
    void everyFamilyCanBeReadAndSteered(String name) {
        try (UNet unet = load(name)) {
            Net net = GuidedRun.net(unet, generator, F);
            MotionBackbone backbone = new MotionBackbone(net.denoiser(), TinyNets.schedule(), "test");
            backbone.check(TAP, F);
            Tensor latents = generator.normal(1, 4, F, SIDE, SIDE);
            FeatureReader reader = new FeatureReader(backbone, 2, GuidedRun.STEPS, new CancellationSignal());
            Tensor features = reader.read(latents, net.empty(), TAP);
            int levels = unet.config().levels();
            int channels = unet.config().channels().get(Math.max(0, levels - 2));
            assertThat(Tensors.shape(features)).containsExactly(1, F, channels, SIDE, SIDE);

            MotionReference reference = MotionReference.pooled(
                    ProfileFitter.info(backbone, TAP, features, 2, GuidedRun.STEPS, "16x16"),
                    features,
                    Tensors.full(1, 1, SIDE, SIDE));
            Outcome outcome = run(
                    net,
                    objective(RegionMask.whole(), 1, reference.target(0, 3, 7)),
                    options().build());
            assertThat(outcome.updates()).hasSize(6);
            assertThat(outcome.updates()).allSatisfy(update -> {
                assertThat(update.gradientRms()).isFinite();
                assertThat(update.updateRms()).isCloseTo(0.03, within(1e-4));
            });
            assertThat(outcome.updates().get(0).gradientRms()).isPositive();
            assertThat(outcome.result()).isNotEqualTo(outcome.source());
            // Within one step the second update starts from a lower loss.
            assertThat(outcome.updates().get(1).loss())
                    .isLessThan(outcome.updates().get(0).loss());
        }
    }

    /** Identity 7. */
    @ParameterizedTest
    @MethodSource("backbones")
    void withoutUpdatesTheGuidedClipIsTheSource(String name) {
        try (UNet unet = load(name)) {
            Net net = GuidedRun.net(unet, generator, F);
            for (KeyValueSharing sharing : KeyValueSharing.values()) {
                Outcome off = run(net, leftHalf(0), options().sharing(sharing).build());
                if (sharing == KeyValueSharing.OPTIMISE_AND_PREDICT) {
                    assertThat(off.result()).containsExactly(off.source(), within(1e-5f));
                } else {
                    assertThat(off.result()).isEqualTo(off.source());
                }
                assertThat(off.updates()).isEmpty();
            }
        }
    }

    /** Identity 14, behind every wrapper of the network. */
    @ParameterizedTest
    @MethodSource("backbones")
    void recomputedActivationsGiveTheSameGradient(String name) {
        try (UNet unet = load(name)) {
            Net net = GuidedRun.net(unet, generator, F);
            CountingDenoiser denoiser = new CountingDenoiser(net.denoiser());
            RegionObjective objective = leftHalf(1);
            Tensor z = generator.normal(1, 4, F, SIDE, SIDE);
            Tensor time = Tensors.full(480, 1);
            DenoiserRequest request = DenoiserRequest.tapping(TAP).stoppingAfter(TAP);
            LatentGradient recomputed = denoiser.gradient(
                    z,
                    time,
                    net.prompt(),
                    request,
                    output -> objective.loss(0, 25, Moft.unfold(output.tap(TAP), 1), z));
            try (Scope grad = Scope.withGrad()) {
                Tensor leaf = z.detach().requires_grad_(true);
                Tensor tap = denoiser.forward(leaf, time, net.prompt(), request).tap(TAP);
                Tensor loss = objective.loss(0, 25, Moft.unfold(tap, 1), leaf);
                Tensor plain = Ops.gradients(loss, List.of(leaf)).get(0);
                double scale = Tensors.item(plain.abs().max());
                assertThat(scale).isPositive();
                assertThat(recomputed.loss()).isCloseTo(Tensors.item(loss), within(1e-6 * Tensors.item(loss)));
                assertThat(Tensors.item(plain.sub(recomputed.gradient()).abs().max()))
                        .isLessThan(1e-6 * scale);
            }
            assertThat(denoiser.stopped()).isEqualTo(2);
        }
    }

    /** Identity 6 over a whole run, and the option of recomputation with shared keys and values. */
    @ParameterizedTest
    @MethodSource("backbones")
    void theWayOfTheGradientDoesNotChangeTheClip(String name) {
        try (UNet unet = load(name)) {
            Net net = GuidedRun.net(unet, generator, F);
            RegionObjective objective = leftHalf(1);
            GuidanceOptions.Builder brief = options().window(1, 2).keepSource(false);
            Outcome toTap = run(net, objective, brief.build());
            Outcome whole =
                    run(net, objective, brief.pass(GuidanceOptions.Pass.WHOLE).build());
            assertThat(whole.result()).isEqualTo(toTap.result());
            assertThat(whole.stopped()).isZero();
            Outcome recomputed = run(
                    net, objective, brief.pass(GuidanceOptions.Pass.RECOMPUTED).build());
            assertThat(recomputed.result()).containsExactly(toTap.result(), within(1e-3f));
            assertThat(recomputed.stopped()).isEqualTo(toTap.stopped());
        }
    }
}
