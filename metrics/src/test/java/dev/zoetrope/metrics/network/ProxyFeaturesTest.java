package dev.zoetrope.metrics.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.zoetrope.media.Clip;
import dev.zoetrope.media.Frame;
import dev.zoetrope.metrics.FeatureStatistics;
import dev.zoetrope.metrics.FeatureStatistics.Normaliser;
import dev.zoetrope.metrics.FrechetDistance;
import dev.zoetrope.metrics.Orbit;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Checks M3 and M4 of the sheet, on 192 clips a set instead of 512. */
class ProxyFeaturesTest {
    private static final int CLIPS = 192;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void distancesGrowWithNoiseAndSeeTime(long seed) {
        try (RandomVideoNetwork network = new RandomVideoNetwork(seed, true);
                RandomVideoNetwork blind = new RandomVideoNetwork(seed, false)) {
            FeatureStatistics real = set(network, 0, clip -> clip);
            double floor = distance(real, set(network, 1000, clip -> clip));
            double last = floor;
            for (double sigma : new double[] {.05, .1, .2}) {
                double distance = distance(real, set(network, 1000, clip -> Orbit.noisy(clip, sigma, 5)));
                assertThat(distance).isGreaterThan(last);
                last = distance;
            }
            FeatureStatistics realBlind = set(blind, 0, clip -> clip);
            double floorBlind = distance(realBlind, set(blind, 1000, clip -> clip));
            double shuffled = distance(real, set(network, 1000, clip -> Orbit.shuffled(clip, 9)));
            double shuffledBlind = distance(realBlind, set(blind, 1000, clip -> Orbit.shuffled(clip, 9)));
            assertThat(shuffled / floor).isGreaterThanOrEqualTo(10);
            assertThat(shuffledBlind / floorBlind).isLessThanOrEqualTo(1.5);
        }
    }

    private static double distance(FeatureStatistics a, FeatureStatistics b) {
        return FrechetDistance.of(a, b, Normaliser.COUNT_MINUS_ONE);
    }

    private static FeatureStatistics set(RandomVideoNetwork network, int first, UnaryOperator<List<Frame>> change) {
        IntFunction<List<Frame>> make = i -> change.apply(Orbit.clip(first + i, 16, 1));
        FeatureStatistics statistics = new FeatureStatistics(network.dimension());
        for (int i = 0; i < CLIPS; i++) {
            try (Clip clip = Clip.of(make.apply(i), 8)) {
                network.extract(clip).forEach(statistics::add);
            }
        }
        return statistics;
    }
}
