package dev.zoetrope.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SplitTest {
    private static final int CLIPS = 20_000;

    private static Attributes draw(Split split, long index) {
        return Grammar.tiny().draw(new ClipRandom(11, index), split);
    }

    @Test
    void heldOutCombinationsNeverOccurInTraining() {
        Set<Object> pairs = new HashSet<>();
        for (int i = 0; i < CLIPS; i++) {
            Attributes a = draw(Split.TRAIN, i);
            assertThat(Split.of(a)).isEqualTo(Split.TRAIN);
            pairs.add(Set.of(a.shape(), a.colour()));
            pairs.add(Set.of(a.shape(), a.motion()));
            pairs.add(Set.of(a.colour(), a.motion()));
        }
        // 4 shapes x 4 colours, 4 shapes x 5 motions, 4 colours x 5 motions: every pair occurs.
        assertThat(pairs).hasSize(16 + 20 + 20);
    }

    @Test
    void heldOutClipsAreHeldOut() {
        for (int i = 0; i < 2000; i++) {
            assertThat(Split.of(draw(Split.HELD_OUT, i))).isEqualTo(Split.HELD_OUT);
        }
    }

    @Test
    void valuesAreBalancedInBothSplits() {
        for (Split split : Split.values()) {
            Map<Object, Integer> counts = new HashMap<>();
            for (int i = 0; i < CLIPS; i++) {
                Attributes a = draw(split, i);
                counts.merge(a.shape(), 1, Integer::sum);
                counts.merge(a.colour(), 1, Integer::sum);
                counts.merge(a.motion(), 1, Integer::sum);
                counts.merge(a.background(), 1, Integer::sum);
            }
            int motions = split == Split.TRAIN ? 5 : 4;
            counts.forEach((value, count) -> {
                double even = (double) CLIPS / (value instanceof Motion ? motions : 4);
                assertThat(count / even).as("%s in %s", value, split).isBetween(0.9, 1.1);
            });
        }
    }

    @Test
    void oneFifthOfTheTinyGrammarIsHeldOut() {
        assertThat(Grammar.tiny().combinations(Split.TRAIN)).hasSize(240);
        assertThat(Grammar.tiny().combinations(Split.HELD_OUT)).hasSize(60);
    }
}
