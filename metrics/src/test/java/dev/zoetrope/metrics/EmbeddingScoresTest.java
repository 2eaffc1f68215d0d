package dev.zoetrope.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class EmbeddingScoresTest {
    @Test
    void alignmentAndConsistency() {
        EmbeddingScores scores = new EmbeddingScores(1, 0);
        scores.add(2, 0);
        scores.add(0, 3);
        scores.add(0, 1);
        assertThat(scores.textAlignment()).isCloseTo(1 / 3.0, within(1e-12));
        assertThat(scores.consistency()).isCloseTo(0.5, within(1e-12));
        // (0 + 0) / 2 and (1 + 0) / 2.
        assertThat(scores.subjectConsistency()).isCloseTo(0.25, within(1e-12));
    }

    @Test
    void frozenVideosAreConsistent() {
        EmbeddingScores scores = new EmbeddingScores();
        for (int i = 0; i < 4; i++) {
            scores.add(0.3, -0.7, 0.1);
        }
        assertThat(scores.consistency()).isCloseTo(1, within(1e-12));
        assertThat(scores.subjectConsistency()).isCloseTo(1, within(1e-12));
        assertThatThrownBy(scores::textAlignment).hasMessageContaining("needs a prompt");
    }

    @Test
    void directionOfAnEdit() {
        assertThat(EmbeddingScores.directional(
                        new double[] {1, 1}, new double[] {2, 1}, new double[] {0, 5}, new double[] {3, 5}))
                .isCloseTo(1, within(1e-12));
    }

    @Test
    void badEmbeddingsAreRefused() {
        assertThatThrownBy(() -> EmbeddingScores.cosine(new double[] {1}, 1, 2)).hasMessageContaining("one model");
        assertThatThrownBy(() -> EmbeddingScores.cosine(new double[] {0}, 1)).hasMessageContaining("is 0");
        assertThatThrownBy(() -> new EmbeddingScores(1).consistency()).hasMessageContaining("at least 2 frames");
    }
}
