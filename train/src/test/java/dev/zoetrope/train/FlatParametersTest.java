package dev.zoetrope.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.SeededGenerator;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class FlatParametersTest {
    private final ToyNet net = ToyNet.initialised(1);
    private final Map<String, Layer> modules = Map.of("net", net);

    private Tensor loss(long seed) {
        try (SeededGenerator generator = new SeededGenerator(seed)) {
            return net.forward(generator.normal(5, 3)).square().mean();
        }
    }

    @Test
    void namesCountAndValues() {
        try (Scope scope = Scope.open()) {
            Map<String, float[]> before = valuesOf(net);
            try (FlatParameters flat = FlatParameters.of(modules)) {
                assertThat(flat.names())
                        .containsExactly("net.first.bias", "net.first.weight", "net.second.bias", "net.second.weight");
                assertThat(flat.count()).isEqualTo(9 + 27 + 1 + 9);
                valuesOf(net).forEach((name, values) -> assertThat(values).isEqualTo(before.get(name)));
                flat.values().zero_();
                valuesOf(net).forEach((name, values) -> assertThat(values).containsOnly(0));
            }
        }
    }

    private static Map<String, float[]> valuesOf(Layer layer) {
        Map<String, float[]> values = new java.util.TreeMap<>();
        layer.parameters().forEach((name, parameter) -> values.put(name, Tensors.toFloats(parameter.value())));
        return values;
    }

    @Test
    void backwardAddsInPlaceWhatAutogradComputes() {
        try (Scope scope = Scope.open();
                FlatParameters flat = FlatParameters.of(modules)) {
            List<Tensor> inputs = new ArrayList<>();
            net.parameters().values().forEach(parameter -> inputs.add(parameter.value()));
            List<Tensor> one = Ops.gradients(loss(1), inputs);
            List<Tensor> two = Ops.gradients(loss(2), inputs);
            for (int round = 0; round < 2; round++) {
                flat.zeroGradients();
                loss(1).backward();
                loss(2).backward();
                flat.checkAttached();
                List<Tensor> parts = List.copyOf(flat.split(flat.gradients()).values());
                for (int i = 0; i < inputs.size(); i++) {
                    assertThat(Tensors.toFloats(parts.get(i)))
                            .isEqualTo(Tensors.toFloats(one.get(i).add(two.get(i))));
                    assertThat(Tensors.toFloats(inputs.get(i).grad())).isEqualTo(Tensors.toFloats(parts.get(i)));
                }
            }
        }
    }

    @Test
    void normAndClipAreThoseOfAllGradientsTogether() {
        try (Scope scope = Scope.open();
                FlatParameters flat = FlatParameters.of(modules)) {
            loss(1).backward();
            double squares = 0;
            for (Tensor part : flat.split(flat.gradients()).values()) {
                for (float g : Tensors.toFloats(part)) {
                    squares += (double) g * g;
                }
            }
            double norm = flat.gradientNorm();
            assertThat(norm).isCloseTo(Math.sqrt(squares), within(1e-6));
            flat.clip(norm, norm * 2);
            assertThat(flat.gradientNorm()).isEqualTo(norm);
            flat.clip(norm, norm / 2);
            assertThat(flat.gradientNorm()).isCloseTo(norm / 2, within(1e-5));
        }
    }

    @Test
    void onlyTheChosenParametersLearn() {
        try (Scope scope = Scope.open();
                FlatParameters flat = FlatParameters.of(modules, name -> name.startsWith("net.second."))) {
            loss(1).backward();
            assertThat(flat.names()).containsExactly("net.second.bias", "net.second.weight");
            assertThat(net.value("first.weight").requires_grad()).isFalse();
            assertThat(flat.gradientNorm()).isPositive();
        }
        assertThatThrownBy(() -> FlatParameters.of(modules, name -> false))
                .isInstanceOf(ZoetropeException.class)
                .hasMessageContaining("nothing to train");
    }

    @Test
    void aReplacedParameterIsNoticed() {
        try (Scope scope = Scope.open()) {
            FlatParameters flat = FlatParameters.of(modules);
            net.initialise(3);
            assertThatThrownBy(flat::checkAttached).hasMessageContaining("net.first.bias");
        }
    }

    @Test
    void theNetOutlivesItsTraining() {
        try (Scope scope = Scope.open()) {
            float[] before;
            try (FlatParameters flat = FlatParameters.of(modules)) {
                before = Tensors.toFloats(loss(1));
            }
            assertThat(Tensors.toFloats(loss(1))).isEqualTo(before);
            assertThat(loss(1).requires_grad()).isFalse();
        }
    }
}
