package dev.zoetrope.diffusion.unet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.SeededGenerator;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import org.assertj.core.data.Offset;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FreeUTest {
    private static final FreeU PUBLISHED = new FreeU(0.9, 0.2, 1.5, 1.6);

    /** A constant is the lowest frequency; one that changes sign with every column is the highest. */
    @ParameterizedTest
    @CsvSource({"0, 1.5, 0.9", "1, 1.6, 0.2", "2, 1, 1"})
    void lowFrequenciesOfTheSkipAndTheFirstHalfOfTheBackboneAreWeighted(int block, float backbone, float low) {
        try (Scope scope = Scope.noGrad()) {
            Tensor x = Tensors.full(2, 1, 3, 4, 8);
            float[] stripes = new float[4 * 8];
            for (int i = 0; i < stripes.length; i++) {
                stripes[i] = 1 + (i % 2 == 0 ? 0.5f : -0.5f);
            }
            Tensor joined = PUBLISHED.join(block, x, Tensors.of(stripes, 1, 1, 4, 8));
            assertThat(Tensors.shape(joined)).containsExactly(1, 4, 4, 8);
            assertThat(Tensors.toFloats(joined.narrow(1, 0, 1))).containsOnly(2 * backbone);
            assertThat(Tensors.toFloats(joined.narrow(1, 1, 2))).containsOnly(2);
            float[] skip = Tensors.toFloats(joined.narrow(1, 3, 1));
            for (int i = 0; i < skip.length; i++) {
                assertThat(skip[i]).isCloseTo(low + (i % 2 == 0 ? 0.5f : -0.5f), Offset.offset(1e-5f));
            }
        }
    }

    @Test
    void onesChangeNothingAtAnySize() {
        try (Scope scope = Scope.noGrad();
                SeededGenerator generator = new SeededGenerator(2)) {
            for (int size : new int[] {1, 2, 3, 5, 8}) {
                Tensor x = generator.normal(2, 4, size, size + 1);
                Tensor skip = generator.normal(2, 3, size, size + 1);
                assertThat(Tensors.toFloats(new FreeU(1, 1, 1, 1).join(0, x, skip)))
                        .containsExactly(Tensors.toFloats(Ops.cat(1, x, skip)), Offset.offset(1e-5f));
            }
        }
    }

    @Test
    void aFactorOutOfRangeIsRefused() {
        assertThatThrownBy(() -> new FreeU(0.9, -0.2, 1.5, 1.6))
                .isInstanceOf(ZoetropeException.class)
                .hasMessageContaining("-0.2");
    }
}
