package dev.zoetrope.diffusion.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.zoetrope.diffusion.scheduler.FreeInit.Filter;
import dev.zoetrope.diffusion.scheduler.FreeInit.LowPass;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.SeededGenerator;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FreeInitTest {
    @Test
    void mixingATensorWithItselfGivesIt() {
        try (Scope scope = Scope.noGrad();
                SeededGenerator generator = new SeededGenerator(1)) {
            Tensor x = generator.normal(2, 4, 5, 8, 6);
            assertThat(distance(FreeInit.mix(x, x, LowPass.published()), x)).isLessThan(1e-5);
        }
    }

    @ParameterizedTest
    @EnumSource(Filter.class)
    void theMeanComesFromTheSampleAndTheFinestPatternFromTheNoise(Filter filter) {
        LowPass lowPass = new LowPass(filter, 4, 0.25, 0.25);
        try (Scope scope = Scope.noGrad()) {
            Tensor constant = Tensors.full(3, 1, 1, 4, 8, 8);
            Tensor checkers = checkers();
            assertThat(distance(FreeInit.mix(constant, Tensors.zeros(1, 1, 4, 8, 8), lowPass), constant))
                    .isLessThan(1e-5);
            assertThat(distance(FreeInit.mix(Tensors.zeros(1, 1, 4, 8, 8), checkers, lowPass), checkers))
                    .isLessThan(1e-4);
            assertThat(Tensors.item(
                            FreeInit.mix(checkers, constant, lowPass).abs().max()))
                    .isLessThan(1e-4);
        }
    }

    /** +1 and -1 alternating along every axis. */
    private static Tensor checkers() {
        float[] values = new float[4 * 8 * 8];
        for (int i = 0; i < values.length; i++) {
            values[i] = (i / 64 + i / 8 % 8 + i % 8) % 2 == 0 ? 1 : -1;
        }
        return Tensors.of(values, 1, 1, 4, 8, 8);
    }

    @Test
    void masksFollowTheFormula() {
        try (Scope scope = Scope.noGrad()) {
            // frame 1 of 4: t = -0.5; row 2 of 4: y = 0; column 1 of 4: x = -0.5
            double d2 = 0.25 + 0.25;
            assertThat(LibraryFixture.at(LowPass.published().mask(4, 4, 4), 1, 2, 1))
                    .isCloseTo(1 / (1 + Math.pow(d2 / 0.0625, 4)), within(1e-6));
            assertThat(LibraryFixture.at(new LowPass(Filter.GAUSSIAN, 1, 0.25, 0.25).mask(4, 4, 4), 1, 2, 1))
                    .isCloseTo(Math.exp(-d2 / 0.125), within(1e-6));
            assertThat(LibraryFixture.at(new LowPass(Filter.IDEAL, 1, 0.25, 0.25).mask(4, 4, 4), 1, 2, 1))
                    .isEqualTo(1);
            // A temporal stop of half the spatial one doubles the distance along frames.
            assertThat(LibraryFixture.at(new LowPass(Filter.GAUSSIAN, 1, 0.5, 0.25).mask(4, 4, 4), 1, 2, 2))
                    .isCloseTo(Math.exp(-1 / 0.5), within(1e-6));
        }
    }

    @Test
    void aRestartIsNoisyAgain() {
        NoiseSchedule schedule = SchedulerConfig.stableDiffusion().noiseSchedule();
        try (Scope scope = Scope.noGrad();
                SeededGenerator generator = new SeededGenerator(2)) {
            Tensor sample = Tensors.full(1, 1, 4, 8, 16, 16);
            Tensor first = generator.normal(1, 4, 8, 16, 16);
            Tensor fresh = generator.normal(1, 4, 8, 16, 16);
            Tensor next = FreeInit.restart(sample, first, fresh, schedule, LowPass.published());
            assertThat(Tensors.item(next.std())).isBetween(0.9, 1.1);
            double mean = Math.sqrt(schedule.alphaBar(999)) + 0.99766 * Tensors.item(first.mean());
            assertThat(Tensors.item(next.mean())).isCloseTo(mean, within(1e-3));
        }
    }

    @Test
    void stopsAreChecked() {
        assertThatThrownBy(() -> new LowPass(Filter.IDEAL, 1, 0, 0.25))
                .isInstanceOf(ZoetropeException.class)
                .hasMessageContaining("stops 0.0 and 0.25");
    }

    private static double distance(Tensor x, Tensor y) {
        return Tensors.item(x.sub(y).abs().max());
    }
}
