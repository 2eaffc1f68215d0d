package dev.zoetrope.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class ScopeTest {
    @Test
    void keptTensorsOutliveTheirScopeAndOthersDoNot() {
        try (Scope outer = Scope.open()) {
            Tensor kept;
            Tensor dropped;
            try (Scope inner = Scope.open()) {
                dropped = Tensors.full(1, 4);
                kept = inner.keep(Ops.add(dropped, 1));
            }
            assertThat(Tensors.toFloats(kept)).containsExactly(2, 2, 2, 2);
            assertThat(dropped.isNull()).isTrue();
        }
    }

    @Test
    void gradientModeEndsWithItsScope() {
        try (Scope outer = Scope.open()) {
            Tensor x = Tensors.full(2, 1).set_requires_grad(true);
            try (Scope quiet = Scope.noGrad()) {
                assertThat(x.mul(x).requires_grad()).isFalse();
                try (Scope loud = Scope.withGrad()) {
                    assertThat(x.mul(x).requires_grad()).isTrue();
                }
                assertThat(x.mul(x).requires_grad()).isFalse();
            }
            assertThat(x.mul(x).requires_grad()).isTrue();
        }
    }

    @Test
    void gradientsOfASquare() {
        try (Scope scope = Scope.open()) {
            Tensor x = Tensors.of(new float[] {1, -3}, 2).set_requires_grad(true);
            Tensor gradient =
                    Ops.gradients(x.mul(x).sum(), java.util.List.of(x)).get(0);
            assertThat(Tensors.toFloats(gradient)).containsExactly(2, -6);
        }
    }
}
