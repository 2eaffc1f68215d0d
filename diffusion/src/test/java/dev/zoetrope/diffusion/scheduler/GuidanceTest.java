package dev.zoetrope.diffusion.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.SeededGenerator;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class GuidanceTest {
    @Test
    void isLinearInTheScale() {
        try (Scope scope = Scope.noGrad();
                SeededGenerator generator = new SeededGenerator(1)) {
            Tensor uncond = generator.normal(2, 4, 3, 4, 4);
            Tensor cond = generator.normal(2, 4, 3, 4, 4);
            assertThat(distance(Guidance.of(1).apply(uncond, cond), cond)).isLessThan(1e-6);
            assertThat(distance(Guidance.of(0).apply(uncond, cond), uncond)).isZero();
            Tensor middle = Ops.axpby(
                    0.5, Guidance.of(2).apply(uncond, cond), 0.5, Guidance.of(8).apply(uncond, cond));
            assertThat(distance(middle, Guidance.of(5).apply(uncond, cond))).isLessThan(1e-5);
            Tensor both = Guidance.of(5).apply(Ops.cat(0, uncond, cond));
            assertThat(distance(both, Guidance.of(5).apply(uncond, cond))).isZero();
            assertThat(distance(Guidance.of(5).apply(cond, cond), cond)).isZero();
        }
    }

    @Test
    void rescaleRestoresTheDeviationOfEachSample() {
        try (Scope scope = Scope.noGrad();
                SeededGenerator generator = new SeededGenerator(2)) {
            Tensor uncond = generator.normal(2, 4, 3, 4, 4);
            Tensor cond = generator.normal(2, 4, 3, 4, 4).mul(Tensors.of(new float[] {1, 3}, 2, 1, 1, 1, 1));
            Tensor full = new Guidance(9, 1).apply(uncond, cond);
            for (int b = 0; b < 2; b++) {
                double wanted = Tensors.item(cond.select(0, b).std());
                assertThat(Tensors.item(full.select(0, b).std())).isCloseTo(wanted, within(1e-4 * wanted));
            }
            Tensor plain = Guidance.of(9).apply(uncond, cond);
            Tensor partly = new Guidance(9, 0.7).apply(uncond, cond);
            assertThat(distance(partly, Ops.axpby(0.7, full, 0.3, plain))).isLessThan(1e-4);
        }
    }

    @Test
    void isActiveAboveOne() {
        assertThat(Guidance.of(1).isActive()).isFalse();
        assertThat(Guidance.of(1.01).isActive()).isTrue();
        for (double w : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatThrownBy(() -> Guidance.of(w))
                    .isInstanceOf(ZoetropeException.class)
                    .hasMessageContaining("guidance scale");
        }
        assertThatThrownBy(() -> new Guidance(2, 1.5))
                .isInstanceOf(ZoetropeException.class)
                .hasMessageContaining("guidance rescale is 1.5");
    }

    private static double distance(Tensor x, Tensor y) {
        return Tensors.item(x.sub(y).abs().max());
    }
}
