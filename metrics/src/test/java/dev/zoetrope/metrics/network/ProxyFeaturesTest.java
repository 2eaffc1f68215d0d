package dev.zoetrope.metrics.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.zoetrope.media.Clip;
import dev.zoetrope.media.Frame;
import dev.zoetrope.metrics.FeatureStatistics;
import dev.zoetrope.metrics.FeatureStatistics.Normaliser;
import dev.zoetrope.metrics.FrechetDistance;
import dev.zoetrope.metrics.Orbit;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Checks M3 and M4 of the sheet: proxy distances grow with noise and see time; the control sees none. */
class ProxyFeaturesTest {
    private static final int CLIPS = 512;
    private static final int SEEDS = 3;

    @Test
    void distancesGrowWithNoiseAndSeeTime() {
        List<RandomVideoNetwork> networks = new ArrayList<>();
        for (int seed = 0; seed < SEEDS; seed++) {
            networks.add(new RandomVideoNetwork(seed, true));
            networks.add(new RandomVideoNetwork(seed, false));
        }
        List<FeatureStatistics> real = set(networks, 0, clip -> clip);
        List<FeatureStatistics> other = set(networks, CLIPS, clip -> clip);
        List<FeatureStatistics> shuffled = set(networks, CLIPS, clip -> Orbit.shuffled(clip, 9));
        List<FeatureStatistics> noise1 = set(networks, CLIPS, clip -> Orbit.noisy(clip, .05, 5));
        List<FeatureStatistics> noise2 = set(networks, CLIPS, clip -> Orbit.noisy(clip, .1, 5));
        for (int i = 0; i < networks.size(); i++) {
            double floor = distance(real.get(i), other.get(i));
            double little = distance(real.get(i), noise1.get(i));
            double shuffle = distance(real.get(i), shuffled.get(i)) / floor;
            assertThat(little).isGreaterThan(floor);
            assertThat(distance(real.get(i), noise2.get(i))).isGreaterThan(little);
            boolean seesTime = i % 2 == 0;
            if (seesTime) {
                assertThat(shuffle).isGreaterThanOrEqualTo(10);
            } else {
                assertThat(shuffle).isLessThanOrEqualTo(1.5);
            }
        }
        networks.forEach(RandomVideoNetwork::close);
    }

    private static double distance(FeatureStatistics a, FeatureStatistics b) {
        return FrechetDistance.of(a, b, Normaliser.COUNT_MINUS_ONE);
    }

    private static List<FeatureStatistics> set(
            List<RandomVideoNetwork> networks, int first, UnaryOperator<List<Frame>> change) {
        List<FeatureStatistics> statistics = networks.stream()
                .map(network -> new FeatureStatistics(network.dimension()))
                .toList();
        for (int i = 0; i < CLIPS; i++) {
            try (Clip clip = Clip.of(change.apply(Orbit.clip(first + i, 16, 1)), 8)) {
                for (int n = 0; n < networks.size(); n++) {
                    networks.get(n).extract(clip).forEach(statistics.get(n)::add);
                }
            }
        }
        return statistics;
    }
}
