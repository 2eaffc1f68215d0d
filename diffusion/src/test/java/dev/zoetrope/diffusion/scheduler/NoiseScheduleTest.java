package dev.zoetrope.diffusion.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.SeededGenerator;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class NoiseScheduleTest {
    private static final SchedulerConfig SD = SchedulerConfig.stableDiffusion();

    /** Section 8.1 of the backbone sheet. */
    @ParameterizedTest
    @CsvSource({
        "0, 0.9991500000, 0.9991500000, 0.9999000000",
        "1, 0.9982960278, 0.9982895708, 0.9997800921",
        "21, 0.9803807481, 0.9789364221, 0.9932203573",
        "500, 0.2763326838, 0.1607715999, 0.0777966584",
        "981, 0.0057755001, 0.0019588282, 0.0000578779",
        "999, 0.0046600985, 0.0015789629, 0.0000403583"
    })
    void publishedSchedules(int t, double sd, double animateDiff, double classDefault) {
        assertThat(SD.noiseSchedule().alphaBar(t)).isCloseTo(sd, within(2e-6));
        NoiseSchedule linear = SD.withBetas(BetaSchedule.LINEAR, 0.00085, 0.012).noiseSchedule();
        assertThat(linear.alphaBar(t)).isCloseTo(animateDiff, within(2e-6));
        assertThat(DdimScheduler.DEFAULTS.noiseSchedule().alphaBar(t)).isCloseTo(classDefault, within(2e-6));
    }

    @Test
    void sigmaRangeZeroSnrAndCosine() {
        assertThat(SD.noiseSchedule().sigma(0)).isCloseTo(0.0291675, within(1e-6));
        assertThat(SD.noiseSchedule().sigma(999)).isCloseTo(14.614645, within(1e-5));
        NoiseSchedule rescaled = SD.noiseSchedule().rescaledToZeroTerminalSnr();
        assertThat(rescaled.alphaBar(0)).isEqualTo(SD.noiseSchedule().alphaBar(0));
        assertThat(rescaled.alphaBar(500)).isCloseTo(0.24101864, within(2e-6));
        assertThat(rescaled.alphaBar(998)).isCloseTo(1.9679e-7, within(1e-10));
        assertThat(rescaled.alphaBar(999)).isEqualTo(0);
        assertThat(rescaled.withFiniteSigma().sigma(999)).isCloseTo(4096, within(1.0));
        double[] cosine = BetaSchedule.SQUARED_COSINE.betas(1000, 0, 0);
        assertThat(cosine[0]).isCloseTo(4.12842e-5, within(1e-10));
        assertThat(cosine[998]).isCloseTo(0.75, within(1e-4));
        assertThat(cosine[999]).isEqualTo(0.999);
        assertThat(NoiseSchedule.ofBetas(cosine).alphaBar(500)).isCloseTo(0.49228517, within(1e-6));
    }

    @ParameterizedTest
    @EnumSource(BetaSchedule.class)
    void signalOnlyShrinks(BetaSchedule kind) {
        double[] bars = SD.withBetas(kind, 0.00085, 0.012).noiseSchedule().alphasCumprod();
        assertThat(bars[0]).isBetween(0.9, 1.0);
        for (int t = 1; t < bars.length; t++) {
            assertThat(bars[t]).isLessThan(bars[t - 1]).isGreaterThan(0);
        }
    }

    @Test
    void trainedBetasOverrideTheCurve() {
        SchedulerConfig config = new SchedulerConfig(
                3,
                1e-4,
                0.02,
                BetaSchedule.LINEAR,
                List.of(0.1, 0.2, 0.5),
                false,
                PredictionType.EPSILON,
                TimestepSpacing.LEADING,
                0,
                false,
                1,
                false,
                0.995,
                1,
                true);
        assertThat(config.noiseSchedule().alphasCumprod())
                .containsExactly(new double[] {0.9, 0.72, 0.36}, within(1e-7));
        assertThatThrownBy(() -> NoiseSchedule.ofBetas(0.1, 1.5))
                .isInstanceOf(ZoetropeException.class)
                .hasMessageContaining("1.5");
        assertThatThrownBy(() -> SD.noiseSchedule().alphaBar(1000))
                .isInstanceOf(ZoetropeException.class)
                .hasMessageContaining("timestep 1000");
    }

    /** Sections 2.2 and 8.4: conversions invert the forward process, and the loss identities hold. */
    @ParameterizedTest
    @EnumSource(PredictionType.class)
    void targetsAndConversionsAgree(PredictionType type) {
        NoiseSchedule schedule = SD.noiseSchedule();
        try (Scope scope = Scope.noGrad();
                SeededGenerator generator = new SeededGenerator(1)) {
            Tensor clean = generator.normal(3, 4, 2, 4, 4);
            Tensor noise = generator.normal(3, 4, 2, 4, 4);
            int t = 321;
            double a = Math.sqrt(schedule.alphaBar(t));
            double s = Math.sqrt(1 - schedule.alphaBar(t));
            Tensor z = schedule.addNoise(clean, noise, t);
            Tensor target = schedule.target(type, clean, noise, t);
            assertThat(distance(type.original(target, z, a, s), clean)).isLessThan(1e-5);
            assertThat(distance(type.noise(target, z, a, s), noise)).isLessThan(1e-5);

            Tensor guess = schedule.target(type, Ops.mul(clean, 0.5), noiseOf(z, Ops.mul(clean, 0.5), a, s), t);
            double error = Tensors.item(Ops.meanSquare(guess, target));
            double cleanError = Tensors.item(Ops.meanSquare(Ops.mul(clean, 0.5), clean));
            double snr = schedule.snr(t);
            double factor =
                    switch (type) {
                        case EPSILON -> snr;
                        case V_PREDICTION -> snr + 1;
                        case SAMPLE -> 1;
                    };
            assertThat(error).isCloseTo(factor * cleanError, within(1e-4 * factor));
        }
    }

    private static Tensor noiseOf(Tensor z, Tensor clean, double a, double s) {
        return Ops.axpby(1 / s, z, -a / s, clean);
    }

    private static double distance(Tensor x, Tensor y) {
        return Tensors.item(x.sub(y).abs().max());
    }

    @Test
    void eachSampleHasItsOwnTimestep() {
        NoiseSchedule schedule = SD.noiseSchedule();
        try (Scope scope = Scope.noGrad();
                SeededGenerator generator = new SeededGenerator(2)) {
            Tensor clean = generator.normal(2, 4, 8);
            Tensor noise = generator.normal(2, 4, 8);
            Tensor both = schedule.addNoise(clean, noise, 10, 900);
            Tensor second = schedule.addNoise(clean, noise, 900).select(0, 1);
            assertThat(Tensors.toFloats(both.select(0, 1))).isEqualTo(Tensors.toFloats(second));
            assertThatThrownBy(() -> schedule.addNoise(clean, noise, 1, 2, 3))
                    .isInstanceOf(ZoetropeException.class)
                    .hasMessageContaining("3 timesteps for 2 samples");
        }
    }

    @Test
    void minSnrWeights() {
        NoiseSchedule schedule = SD.noiseSchedule();
        double snr = schedule.snr(100);
        assertThat(snr).isGreaterThan(5);
        assertThat(schedule.lossWeight(PredictionType.EPSILON, 5, 100)).isCloseTo(5 / snr, within(1e-9));
        assertThat(schedule.lossWeight(PredictionType.V_PREDICTION, 5, 100)).isCloseTo(5 / (snr + 1), within(1e-9));
        assertThat(schedule.lossWeight(PredictionType.SAMPLE, 5, 100)).isEqualTo(5);
        assertThat(schedule.lossWeight(PredictionType.EPSILON, 5, 900)).isEqualTo(1);
    }

    /** Section 8.1. */
    @Test
    void ddimAndDdpmCoefficients() {
        NoiseSchedule linear = DdimScheduler.DEFAULTS.noiseSchedule();
        int[][] pairs = {{420, 400}, {980, 960}, {487, 486}, {999, 998}};
        double[] expected = {0.14771, 0.32460, 0.00979, 0.02};
        for (int i = 0; i < pairs.length; i++) {
            double variance = DdimScheduler.variance(linear.alphaBar(pairs[i][0]), linear.alphaBar(pairs[i][1]));
            assertThat(variance).isCloseTo(expected[i], within(1e-5));
        }
        NoiseSchedule sd = SD.noiseSchedule();
        DdpmScheduler ddpm = new DdpmScheduler(SD, DdpmScheduler.Options.DEFAULTS);
        assertThat(ddpm.variance(sd.alphaBar(999), sd.alphaBar(998))).isCloseTo(0.01199928, within(1e-7));
        assertThat(ddpm.variance(sd.alphaBar(500), sd.alphaBar(499))).isCloseTo(0.00480603, within(1e-7));
        assertThat(ddpm.variance(sd.alphaBar(1), sd.alphaBar(0))).isCloseTo(0.00042635, within(1e-7));
        double bar = sd.alphaBar(500);
        double next = sd.alphaBar(499);
        assertThat(DdpmScheduler.originalCoefficient(bar, next)).isCloseTo(0.00350602, within(1e-7));
        assertThat(DdpmScheduler.sampleCoefficient(bar, next)).isCloseTo(0.99574667, within(1e-7));
    }
}
