package dev.zoetrope.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ScheduleTest {
    @Test
    void cosineRisesThenFallsToTheFloor() {
        LearningRate rate = LearningRate.cosine(2, 4, 104, 0.1);
        assertThat(rate.at(0)).isEqualTo(0.5);
        assertThat(rate.at(3)).isEqualTo(2);
        assertThat(rate.at(4)).isEqualTo(2);
        assertThat(rate.at(103)).isCloseTo(0.2, within(1e-12));
        assertThat(rate.at(1000)).isCloseTo(0.2, within(1e-12));
        for (int step = 4; step < 103; step++) {
            assertThat(rate.at(step + 1)).isLessThan(rate.at(step));
        }
    }

    @Test
    void constantStays() {
        LearningRate rate = LearningRate.constant(3, 2);
        assertThat(rate.at(0)).isEqualTo(1.5);
        assertThat(rate.at(1)).isEqualTo(3);
        assertThat(rate.at(99)).isEqualTo(3);
    }

    @Test
    void averageFollowsItsFormulaAndSwapsInAndOut() {
        try (Scope scope = Scope.open();
                FlatParameters flat = FlatParameters.of(Map.of("net", ToyNet.initialised(1)));
                Ema ema = new Ema(flat, 0.15)) {
            double expected = first(flat);
            for (int n = 0; n < 5; n++) {
                flat.values().fill_(new org.bytedeco.pytorch.Scalar(n));
                ema.update();
                double decay = Math.min(0.15, (1.0 + n) / (10.0 + n));
                expected = decay * expected + (1 - decay) * n;
            }
            try (Ema.Swap swap = ema.swapIn()) {
                assertThat(first(flat)).isCloseTo(expected, within(1e-6));
            }
            assertThat(first(flat)).isEqualTo(4);
            assertThatThrownBy(() -> new Ema(flat, 1)).hasMessageContaining("[0, 1)");
        }
    }

    private static double first(FlatParameters flat) {
        return Tensors.toFloats(flat.values())[0];
    }

    @Test
    void stepSeedsDoNotRepeat() {
        Set<Long> seen = new HashSet<>();
        StepSeeds seeds = new StepSeeds(7);
        for (int i = 0; i < 300_000; i++) {
            seen.add(seeds.at(i));
        }
        assertThat(seen).hasSize(300_000);
        assertThat(new StepSeeds(8).at(0)).isNotEqualTo(seeds.at(0));
        assertThat(seen.stream().allMatch(seed -> seed >= 0 && seed < 1L << 32)).isTrue();
    }
}
