package dev.zoetrope.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.zoetrope.tensor.Parameter;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.SeededGenerator;
import dev.zoetrope.tensor.Tensors;
import java.util.Map;
import org.bytedeco.pytorch.AdamWOptions;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.junit.jupiter.api.Test;

class AdamWTest {
    private static final double RATE = 3e-3;
    private static final double DECAY = 0.02;

    private static void backward(ToyNet net, long step) {
        try (SeededGenerator generator = new SeededGenerator(step)) {
            Tensor x = generator.normal(6, 3);
            net.forward(x)
                    .sub(x.sum(new long[] {1}).unsqueeze(1))
                    .square()
                    .mean()
                    .backward();
        }
    }

    @Test
    void twentyStepsAgreeWithLibTorch() {
        try (Scope scope = Scope.open()) {
            ToyNet theirs = ToyNet.initialised(5);
            theirs.parameters().values().forEach(parameter -> parameter.value().set_requires_grad(true));
            AdamWOptions options = new AdamWOptions(RATE);
            options.weight_decay().put(DECAY);
            Tensor[] all =
                    theirs.parameters().values().stream().map(Parameter::value).toArray(Tensor[]::new);
            org.bytedeco.pytorch.AdamW reference = new org.bytedeco.pytorch.AdamW(new TensorVector(all), options);
            ToyNet ours = ToyNet.initialised(5);
            try (FlatParameters flat = FlatParameters.of(Map.of("net", ours));
                    AdamW adam = new AdamW(flat, AdamW.Settings.withWeightDecay(DECAY))) {
                for (int step = 0; step < 20; step++) {
                    reference.zero_grad();
                    backward(theirs, step);
                    reference.step();
                    flat.zeroGradients();
                    backward(ours, step);
                    adam.step(RATE);
                }
                theirs.parameters()
                        .forEach((name, parameter) -> assertThat(Tensors.toFloats(ours.value(name)))
                                .as(name)
                                .isEqualTo(Tensors.toFloats(parameter.value())));
            }
        }
    }

    @Test
    void settingsAreChecked() {
        assertThatThrownBy(() -> new AdamW.Settings(0.9, 1, 1e-8, 0)).hasMessageContaining("betas");
        assertThatThrownBy(() -> new AdamW.Settings(0.9, 0.99, 0, 0)).hasMessageContaining("epsilon");
    }
}
