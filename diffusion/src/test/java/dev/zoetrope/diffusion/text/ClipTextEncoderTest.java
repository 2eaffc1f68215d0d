package dev.zoetrope.diffusion.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.zoetrope.diffusion.Mix32;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Parameter;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import dev.zoetrope.tensor.parity.ParityReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClipTextEncoderTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden");

    @ParameterizedTest
    @ValueSource(strings = {"clip-text-gelu", "clip-text-quick-gelu", "clip-joint"})
    void agreesWithTheReference(String name) {
        ClipTextParity check = new ClipTextParity();
        ParityReport report = new ParityReport(name);
        assertThat(check.supports(GOLDEN.resolve(name))).isTrue();
        check.run(GOLDEN.resolve(name), report);
        report.lines().forEach(System.out::println);
        assertThat(report.lines()).hasSize(3).allMatch(ParityReport.Line::ok);
    }

    @Test
    void theTowersOfAJointModelLoadAlone() {
        Path folder = GOLDEN.resolve("clip-joint");
        try (Scope scope = Scope.noGrad();
                ClipTextEncoder text = ClipTextEncoder.load(folder);
                ClipVisionEncoder vision = ClipVisionEncoder.load(folder, Optional.empty())) {
            Tensor image = Tensors.full(0.5, 2, 3, 32, 32);
            assertThat(Tensors.shape(text.pooled(Tensors.of(new long[] {998, 5, 999}, 1, 3))))
                    .containsExactly(1, 8);
            assertThat(Tensors.shape(vision.forward(image))).containsExactly(2, 17, 12);
            assertThat(Tensors.shape(vision.pooled(image))).containsExactly(2, 12);
            assertThatThrownBy(() -> vision.forward(Tensors.zeros(2, 3, 16, 16)))
                    .isInstanceOf(ZoetropeException.class)
                    .hasMessageContaining("[batch, 3, 32, 32]");
        }
    }

    /** Section 8.3 of the backbone sheet. */
    @ParameterizedTest
    @CsvSource({
        "GELU, -0.003062, 0.97599, 1.54507, -1.93138, 0.07786, 0.32125, -0.29768, 0.28057",
        "QUICK_GELU, -0.003046, 0.976125, 1.55153, -1.93406, 0.0753, 0.31356, -0.3025, 0.28571"
    })
    void mix32Golden(
            Activation act, double mean, double rms, double a, double b, double c, double d, double y, double z) {
        try (Scope scope = Scope.noGrad();
                ClipTextEncoder encoder = new ClipTextEncoder(tiny(act))) {
            assertThat(encoder.parameters()).hasSize(36);
            assertThat(encoder.parameterCount()).isEqualTo(19_456);
            Mix32.fill(encoder);
            long[] ids = {62, 5, 9, 63, 63, 63, 63, 63, 62, 1, 2, 3, 4, 63, 63, 63};
            Tensor hidden = encoder.forward(Tensors.of(ids, 2, 8));
            float[] values = Tensors.toFloats(hidden);
            int n = values.length;
            double[] ends = {values[0], values[1], values[2], values[3], values[n - 2], values[n - 1]};
            assertThat(ends).containsExactly(new double[] {a, b, c, d, y, z}, within(2e-4));
            assertThat(Tensors.item(hidden.mean())).isCloseTo(mean, within(1e-4));
            assertThat(Math.sqrt(Tensors.item(hidden.mul(hidden).mean()))).isCloseTo(rms, within(1e-4));
        }
    }

    private static ClipTextConfig tiny(Activation act) {
        return new ClipTextConfig(64, 32, 64, 32, 2, 4, 8, act, 1e-5, 62, 63);
    }

    @Test
    void publishedParameterCounts() {
        ClipTextConfig sd1 = new ClipTextConfig(49408, 768, 3072, 768, 12, 12, 77, Activation.QUICK_GELU, 1e-5, 0, 2);
        ClipTextConfig sd2 = new ClipTextConfig(49408, 1024, 4096, 512, 23, 16, 77, Activation.GELU, 1e-5, 0, 2);
        assertThat(new ClipTextEncoder(sd1).parameterCount()).isEqualTo(123_060_480);
        assertThat(new ClipTextEncoder(sd1).parameters()).hasSize(196);
        assertThat(new ClipTextEncoder(sd2).parameterCount()).isEqualTo(340_387_840);
        assertThat(new ClipTextEncoder(sd2).parameters()).hasSize(372);
    }

    @Test
    void everyParameterLearns() {
        try (Scope scope = Scope.open();
                ClipTextEncoder encoder = new ClipTextEncoder(tiny(Activation.GELU))) {
            encoder.initialise(1);
            encoder.requireGradients(true);
            Tensor hidden = encoder.forward(Tensors.of(new long[] {62, 5, 9, 63}, 1, 4));
            List<Tensor> parameters =
                    encoder.parameters().values().stream().map(Parameter::value).toList();
            List<Tensor> gradients = Ops.gradients(Ops.meanSquare(hidden, Tensors.full(0.5, 1, 4, 32)), parameters);
            List<String> names = List.copyOf(encoder.parameters().keySet());
            for (int i = 0; i < names.size(); i++) {
                double size = Tensors.item(gradients.get(i).abs().max());
                // A constant added to every key changes no softmax.
                boolean dead = names.get(i).endsWith("k_proj.bias");
                assertThat(size)
                        .as(names.get(i))
                        .isGreaterThan(dead ? -1 : 1e-9)
                        .isFinite();
            }
        }
    }

    @Test
    void aTokenDoesNotSeeLaterOnes() {
        try (Scope scope = Scope.noGrad();
                ClipTextEncoder encoder = new ClipTextEncoder(tiny(Activation.GELU))) {
            encoder.initialise(2);
            float[] one = Tensors.toFloats(encoder.forward(Tensors.of(new long[] {62, 5, 9, 63}, 1, 4)));
            float[] two = Tensors.toFloats(encoder.forward(Tensors.of(new long[] {62, 5, 11, 12}, 1, 4)));
            for (int i = 0; i < one.length; i++) {
                if (i < 2 * 32) {
                    assertThat(two[i]).isCloseTo(one[i], within(1e-6f));
                } else {
                    assertThat(two[i]).isNotEqualTo(one[i]);
                }
            }
        }
    }

    @Test
    void refusesWrongIds() {
        try (Scope scope = Scope.noGrad();
                ClipTextEncoder encoder = new ClipTextEncoder(tiny(Activation.GELU))) {
            encoder.initialise(3);
            assertThatThrownBy(() -> encoder.forward(Tensors.of(new long[] {64}, 1, 1)))
                    .isInstanceOf(ZoetropeException.class)
                    .hasMessageContaining("token id 64");
            assertThatThrownBy(() -> encoder.forward(Tensors.of(new long[9], 1, 9)))
                    .isInstanceOf(ZoetropeException.class)
                    .hasMessageContaining("[1, 9]");
            assertThatThrownBy(() -> encoder.forward(Tensors.of(new long[] {1}, 1, 1), 2))
                    .isInstanceOf(ZoetropeException.class)
                    .hasMessageContaining("clip skip is 2");
        }
    }

    @Test
    void configsAreReadWithDefaultsAndWrittenBack(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("config.json");
        ClipTextConfig written = tiny(Activation.GELU);
        written.write(file);
        assertThat(ClipTextConfig.read(file)).isEqualTo(written);
        Files.writeString(file, "{\"hidden_size\": 16, \"hidden_act\": null, \"more\": [1]}");
        assertThat(ClipTextConfig.read(file).hiddenAct()).isEqualTo(Activation.QUICK_GELU);
        Files.writeString(file, "{\"hidden_act\": \"relu\"}");
        assertThatThrownBy(() -> ClipTextConfig.read(file))
                .isInstanceOf(ZoetropeException.class)
                .hasMessageContaining("config.json")
                .hasMessageContaining("gelu, quick_gelu");
        Files.writeString(file, "{\"hidden_size\": \"wide\"}");
        assertThatThrownBy(() -> ClipTextConfig.read(file))
                .isInstanceOf(ZoetropeException.class)
                .hasMessageContaining("hidden_size");
    }
}
