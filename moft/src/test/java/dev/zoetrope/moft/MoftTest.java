package dev.zoetrope.moft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.zoetrope.diffusion.scheduler.BetaSchedule;
import dev.zoetrope.diffusion.scheduler.NoiseSchedule;
import dev.zoetrope.diffusion.scheduler.SchedulerConfig;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.SeededGenerator;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The identities of sheet section 8 that need no network. */
class MoftTest {
    private static final int F = 5;
    private static final int C = 6;

    private Scope scope;
    private SeededGenerator generator;

    @BeforeEach
    void open() {
        scope = Scope.withGrad();
        generator = new SeededGenerator(3);
    }

    @AfterEach
    void close() {
        generator.close();
        scope.close();
    }

    private Tensor features() {
        return generator.normal(1, F, C, 4, 5);
    }

    private static void same(Tensor a, Tensor b, double tolerance) {
        float[] first = Tensors.toFloats(a);
        float[] second = Tensors.toFloats(b);
        assertThat(first).hasSameSizeAs(second);
        for (int i = 0; i < first.length; i++) {
            assertThat(first[i]).isCloseTo(second[i], within((float) tolerance));
        }
    }

    @Test
    void contentRemovalHasZeroMeanIgnoresContentAndIsAProjection() {
        Tensor x = features();
        Tensor moft = Moft.removeContent(x);
        same(moft.mean(1L), Tensors.zeros(1, C, 4, 5), 1e-6);
        same(Moft.removeContent(x.add(generator.normal(1, 1, C, 4, 5))), moft, 1e-5);
        same(Moft.removeContent(moft), moft, 1e-6);
        Tensor y = features();
        same(Moft.removeContent(Ops.axpby(2, x, -3, y)), Ops.axpby(2, moft, -3, Moft.removeContent(y)), 1e-5);
    }

    @Test
    void removalResizePoolingAndChoiceCommute() {
        Tensor x = features();
        Tensor channels = Tensors.of(new long[] {4, 1}, 2);
        Tensor mask = Tensors.full(1, 1, 8, 10);
        Tensor oneWay = Moft.pool(Moft.resize(Moft.choose(Moft.removeContent(x), channels), 8, 10), mask);
        Tensor other = Moft.removeContent(Moft.pool(Moft.choose(Moft.resize(x, 8, 10), channels), mask));
        same(oneWay, other, 1e-6);
    }

    @Test
    void reversedFramesGiveReversedMotionAndStillOnesNone() {
        Tensor x = features();
        same(Moft.removeContent(x.flip(1)), Moft.removeContent(x).flip(1), 1e-6);
        // Equal numbers have their own sum over a power of two as mean, exactly.
        Tensor still = generator.normal(1, 1, C, 4, 5).expand(1, 4, C, 4, 5);
        assertThat(Tensors.toFloats(Moft.removeContent(still))).containsOnly(0);
        Tensor single = generator.normal(1, 1, C, 4, 5).requires_grad_(true);
        MotionTarget target = new MotionTarget(new long[] {0}, new float[] {3}, new long[] {1, 1});
        Tensor loss = MotionLoss.POOLED_MSE.of(single, target, Tensors.full(1, 1, 4, 5));
        assertThat(Tensors.item(loss)).isCloseTo(9, within(1e-6));
        assertThat(Tensors.toFloats(Ops.gradients(loss, List.of(single)).get(0)))
                .containsOnly(0);
    }

    private static MotionTarget target(Tensor pooled, long... channels) {
        Tensor values = Moft.choose(pooled.unsqueeze(-1).unsqueeze(-1), Tensors.of(channels, channels.length));
        Tensor plain = values.flatten(2, -1).select(0, 0);
        return new MotionTarget(channels, Tensors.toFloats(plain), Tensors.shape(plain));
    }

    @ParameterizedTest
    @EnumSource(MotionLoss.class)
    void aMetTargetHasNoLossAndNoGradient(MotionLoss kind) {
        Tensor x = generator.normal(1, F, C, 1, 1).expand(1, F, C, 4, 5).clone().requires_grad_(true);
        Tensor mask = Tensors.full(1, 1, 4, 5);
        MotionTarget met = target(Moft.trace(x, mask), 2, 3);
        Tensor loss = kind.of(x, met, mask);
        assertThat(Tensors.item(loss)).isCloseTo(0, within(1e-5));
        Tensor gradient = Ops.gradients(loss, List.of(x)).get(0);
        double limit = kind == MotionLoss.POOLED_MSE ? 1e-7 : kind == MotionLoss.COSINE ? 1e-6 : 0.2;
        assertThat(Tensors.item(gradient.abs().max())).isLessThanOrEqualTo(limit);
    }

    @ParameterizedTest
    @EnumSource(MotionLoss.class)
    void theGradientStaysInTheRegionAndSumsToZeroOverFrames(MotionLoss kind) {
        Tensor x = features().requires_grad_(true);
        Tensor mask = Tensors.zeros(1, 4, 5);
        mask.select(1, 1).select(1, 2).fill_(new org.bytedeco.pytorch.Scalar(1));
        mask.select(1, 3).select(1, 0).fill_(new org.bytedeco.pytorch.Scalar(1));
        MotionTarget target = target(generator.normal(1, F, C), 0, 5);
        Tensor gradient = Ops.gradients(kind.of(x, target, mask), List.of(x)).get(0);
        same(gradient.sum(1L), Tensors.zeros(1, C, 4, 5), 1e-6);
        Tensor outside = Ops.add(mask.neg(), 1);
        assertThat(Tensors.item(gradient.mul(outside).abs().max())).isZero();
        assertThat(Tensors.item(gradient.abs().max())).isPositive();
    }

    @Test
    void thePooledGradientIsTwiceTheDifference() {
        // One place: the pooled feature is the feature; choose frames of zero mean so that removal changes nothing.
        Tensor m = Moft.removeContent(generator.normal(1, F, 2, 1, 1)).detach().requires_grad_(true);
        MotionTarget target = target(Moft.removeContent(generator.normal(1, F, 2)), 0, 1);
        Tensor gradient = Ops.gradients(MotionLoss.POOLED_MSE.of(m, target, Tensors.full(1, 1, 1, 1)), List.of(m))
                .get(0);
        Tensor expected = Ops.mul(m.flatten(2, -1).sub(target.tensor()), 2.0 / (F * 2));
        same(gradient.flatten(2, -1), expected, 1e-6);
    }

    @Test
    void allPositionsAreTheWholeFrameAndEqualRegionsAddTheirWeights() {
        Tensor x = features();
        boolean[] all = new boolean[20];
        java.util.Arrays.fill(all, true);
        RegionMask everything = RegionMask.of("all", 5, 4, List.of(all));
        same(Moft.pool(x, everything.onGrid(4, 5)), x.mean(3, 4), 1e-6);
        assertThat(everything.isWhole()).isTrue();
        MotionTarget target = target(generator.normal(1, F, C), 1, 2);
        MotionRegion one = new MotionRegion(RegionMask.box(5, 4, 0, 0, 3, 3), List.of(target), 2);
        MotionRegion half = new MotionRegion(one.mask(), one.targets(), 1);
        double whole = loss(x, one);
        assertThat(loss(x, half, half)).isCloseTo(whole, within(1e-6 * whole));
    }

    private static double loss(Tensor x, MotionRegion... regions) {
        return Tensors.item(new RegionObjective(List.of(regions), MotionLoss.POOLED_MSE).loss(5, 25, x, x));
    }

    @Test
    void independentFeaturesAreNotAlike() {
        Tensor a = Moft.removeContent(generator.normal(1, 8, 40, 16, 16));
        Tensor b = Moft.removeContent(generator.normal(1, 8, 40, 16, 16));
        Tensor cosine = org.bytedeco.pytorch.global.torch.cosine_similarity(a, b, 2, 1e-8);
        // Standard deviation of one cosine of 40 channels is 1/sqrt(40); frames of a place are not independent.
        double limit = 3 / Math.sqrt(40.0 * 7 * 256);
        assertThat(Math.abs(Tensors.item(cosine.mean()))).isLessThan(limit);
    }

    @Test
    void theScheduleHasTheReleasesNumbers() {
        NoiseSchedule schedule = SchedulerConfig.stableDiffusion()
                .withBetas(BetaSchedule.LINEAR, 0.00085, 0.012)
                .noiseSchedule();
        int[] timesteps = {0, 40, 160, 200, 400, 520, 840, 960};
        double[] expected = {
            0.99914998, 0.95692903, 0.75512493, 0.67326212, 0.28989941, 0.14097714, 0.00934176, 0.00250736
        };
        for (int i = 0; i < timesteps.length; i++) {
            assertThat(schedule.alphaBar(timesteps[i])).isCloseTo(expected[i], within(1e-6));
        }
    }

    @Test
    void principalComponentsAreThoseOfTheCovariance() {
        // Variance 9 along (1, 1)/sqrt(2), 1 along (1, -1)/sqrt(2); a mean far away must not matter.
        Tensor plane = generator.normal(4000, 2);
        Tensor basis = Ops.mul(Tensors.of(new float[] {3, 3, 1, -1}, 2, 2), Math.sqrt(0.5));
        Tensor rows = Ops.add(plane.matmul(basis), 100);
        MotionChannels fitted = MotionChannels.fit(rows, true);
        assertThat(Math.abs(fitted.first()[0] + fitted.first()[1]) / Math.sqrt(2))
                .isCloseTo(1, within(1e-3));
        assertThat(fitted.shares()[0]).isCloseTo(0.9, within(0.01));
        assertThat(MotionChannels.fit(rows, false).shares()[0]).isGreaterThan(0.99);
        assertThatThrownBy(() -> fitted.top(3)).isInstanceOf(ZoetropeException.class);
    }

    @Test
    void fidelityOfTracks() {
        double[][][] a = {{{0, 0}, {1, 0}, {2, 1}}, {{5, 5}, {5, 6}, {4, 6}}};
        assertThat(MotionFidelity.of(a, a)).isCloseTo(1, within(1e-9));
        double[][][] one = {a[0]};
        double[][][] reversed = {{{0, 0}, {-1, 0}, {-2, -1}}};
        assertThat(MotionFidelity.of(one, reversed)).isCloseTo(-1, within(1e-9));
        double[][][] rescaled = {{{0, 0}, {3, 0}, {3.5, 0.5}}};
        assertThat(MotionFidelity.of(one, rescaled)).isCloseTo(1, within(1e-9));
        double[][][] rest = {{{1, 1}, {1, 1}, {1, 1}}};
        assertThat(MotionFidelity.of(rest, rest)).isEqualTo(1);
        assertThat(MotionFidelity.of(one, rest)).isZero();
    }

    @Test
    void flowOfShiftedPictures() {
        Tensor picture = generator.normal(16, 16);
        List<Tensor> frames = new java.util.ArrayList<>();
        for (int f = 0; f < 4; f++) {
            frames.add(picture.roll(new long[] {-f, 2L * f}, new long[] {0, 1}));
        }
        double[] mean = FlowMeter.toroidal(3).mean(Ops.stack(0, frames), Tensors.full(1, 16, 16));
        assertThat(mean).containsExactly(2, -1);
        assertThat(FlowMeter.plain(3).mean(Ops.stack(0, frames), Tensors.full(1, 16, 16)))
                .containsExactly(2, -1);
        Tensor blank = Tensors.full(0.5, 3, 16, 16);
        assertThat(FlowMeter.plain(3).mean(blank, Tensors.full(1, 16, 16))).containsExactly(0, 0);
    }
}
