package dev.zoetrope.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.zoetrope.data.HeldOutPrompts.Prompt;
import dev.zoetrope.data.Labels.Part;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AttributeScoresTest {
    private static Labels labels(String colour, String motion) {
        return new Labels(colour, "circle", motion, Labels.UNKNOWN);
    }

    @Test
    void countsByHand() {
        AttributeScores scores = AttributeScores.of(
                List.of(labels("red", "left"), labels("red", "up"), labels("blue", "left"), labels("blue", "up")),
                List.of(labels("red", "left"), labels("blue", "up"), labels("blue", "left"), Labels.NONE));
        assertThat(scores.accuracy(Part.COLOUR)).isEqualTo(0.5);
        assertThat(scores.accuracy(Part.MOTION)).isEqualTo(0.75);
        assertThat(scores.accuracy(Part.BACKGROUND)).isNaN();
        assertThat(scores.allRight()).isEqualTo(0.5);
        assertThat(scores.confusion(Part.COLOUR))
                .isEqualTo(Map.of("red", Map.of("red", 1, "blue", 1), "blue", Map.of("blue", 1, "unknown", 1)));
        // Asked: half red, half blue; seen: a quarter red, half blue.
        assertThat(scores.chance(Part.COLOUR)).isEqualTo(0.5 * 0.25 + 0.5 * 0.5);
        assertThat(scores.toTable(1)).contains("motion", "0.750", "n = 4");
    }

    @Test
    void heldOutPromptsAreBalancedAndPermutedOnesScoreChance() {
        List<Prompt> prompts = HeldOutPrompts.balanced(240, 3);
        assertThat(prompts).isEqualTo(HeldOutPrompts.balanced(240, 3)).isNotEqualTo(HeldOutPrompts.balanced(240, 4));
        Map<Object, Integer> counts = new HashMap<>();
        for (Prompt prompt : prompts) {
            Attributes a = prompt.attributes();
            assertThat(Split.of(a)).isEqualTo(Split.HELD_OUT);
            assertThat(CaptionParser.parse(prompt.caption())).contains(prompt.labels());
            List.of(a.shape(), a.colour(), a.motion(), a.background()).forEach(v -> counts.merge(v, 1, Integer::sum));
        }
        assertThat(counts)
                .hasSize(16)
                .allSatisfy((value, count) -> assertThat(count).as("%s", value).isBetween(57, 63));
        assertThat(prompts.stream().distinct()).hasSizeGreaterThan(50);

        List<Labels> labels = prompts.stream().map(Prompt::labels).toList();
        AttributeScores perfect = AttributeScores.of(labels, labels);
        for (Part part : Part.values()) {
            assertThat(perfect.accuracy(part)).isEqualTo(1);
            assertThat(perfect.chance(part)).isCloseTo(0.25, within(0.01));
            assertThat(perfect.permuted(5).accuracy(part)).isCloseTo(0.25, within(0.1));
        }
    }

    @Test
    void refusesUnequalLists() {
        assertThatThrownBy(() -> AttributeScores.of(List.of(), List.of())).hasMessageContaining("at least one");
        assertThatThrownBy(() -> AttributeScores.of(List.of(Labels.NONE), List.of()))
                .hasMessageContaining("as many");
        assertThatThrownBy(() -> HeldOutPrompts.balanced(0, 1)).hasMessageContaining("0 prompts");
    }
}
