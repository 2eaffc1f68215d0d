package dev.zoetrope.moft.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** AE-0. */
class PlantedFeaturesTest {
    @ParameterizedTest
    @ValueSource(longs = {0, 1, 2, 3, 4})
    void contentRemovalFindsWhatIsPlanted(long seed) {
        PlantedFeatures.Result result = PlantedFeatures.run(seed);
        assertThat(result.found()).isEqualTo(4);
        assertThat(result.foundVanilla()).isLessThanOrEqualTo(2);
        assertThat(result.fisher()).isGreaterThan(1000 * result.fisherVanilla());
        assertThat(result.shuffled()).isLessThan(1);
        assertThat(result.auc()).isGreaterThanOrEqualTo(0.99);
        assertThat(result.aucMotion()).isGreaterThanOrEqualTo(0.99);
    }

    @Test
    void vanillaFeaturesDoNotShowMotion() {
        double mean = LongStream.range(0, 5)
                .mapToDouble(seed -> PlantedFeatures.run(seed).aucVanilla())
                .average()
                .orElseThrow();
        assertThat(mean).isLessThanOrEqualTo(0.65);
    }
}
