package dev.zoetrope.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class LabelCodeTest {
    private final LabelCode code = new LabelCode(Grammar.tiny());

    @Test
    void everyCombinationHasACodeOfItsOwnWithFourOnes() {
        var all = Grammar.tiny().combinations(Split.TRAIN);
        var codes = all.stream().map(Labels::of).map(code::of).toList();
        assertThat(codes).allSatisfy(c -> {
            assertThat(c).hasSize(code.size()).containsOnly(0f, 1f);
            float sum = 0;
            for (float value : c) {
                sum += value;
            }
            assertThat(sum).isEqualTo(4);
        });
        assertThat(codes.stream().map(Arrays::toString).distinct()).hasSameSizeAs(all);
    }

    @Test
    void aWordThatIsBothColourAndBackgroundHasTwoPlaces() {
        float[] colour = code.of(new Labels("blue", Labels.UNKNOWN, Labels.UNKNOWN, Labels.UNKNOWN));
        float[] background = code.of(new Labels(Labels.UNKNOWN, Labels.UNKNOWN, Labels.UNKNOWN, "blue"));
        assertThat(colour).isNotEqualTo(background);
    }

    @Test
    void whatIsNotSaidIsZero() {
        assertThat(code.of(Labels.NONE)).containsOnly(0f);
    }
}
