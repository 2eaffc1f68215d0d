package dev.zoetrope.metrics.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.zoetrope.media.Clip;
import dev.zoetrope.tensor.Dtype;
import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.SafetensorsWriter;
import dev.zoetrope.tensor.SafetensorsWriter.Content;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.SeededGenerator;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.WeightFiles;
import dev.zoetrope.tensor.WeightSource;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FeatureNetworksTest {
    /** Running means and variances of I3D's 57 normalisations. */
    private static final int RUNNING = 14_560;

    /** Counts of the published networks; batch normalisation adds its running mean and variance. */
    @Test
    void parameterCountsAreThoseOfThePublishedNetworks() {
        try (InceptionV3 inception = InceptionV3.random(1)) {
            // torchvision without the auxiliary head, 1008 classes instead of 1000, running statistics.
            assertThat(inception.parameterCount()).isEqualTo(23_834_568 + 8 * 2049 + 34_432);
            assertThat(inception.parameters())
                    .containsKeys("Mixed_6c.branch7x7dbl_4.conv.weight", "Mixed_7c.branch3x3dbl_3b.bn.running_var");
        }
    }

    @Test
    void bothPortsOfI3dHaveTheirNames() {
        try (I3d tensorflow = I3d.random(true, 1);
                I3d other = I3d.random(false, 1)) {
            assertThat(tensorflow.parameters())
                    .hasSameSizeAs(other.parameters())
                    .containsKeys(
                            "conv3d_1a_7x7.conv3d.weight",
                            "conv3d_1a_7x7.batch3d.running_mean",
                            "mixed_3b.branch_0.conv3d.weight",
                            "mixed_3b.branch_1.1.batch3d.weight",
                            "mixed_5c.branch_3.1.conv3d.weight",
                            "conv3d_0c_1x1.conv3d.bias");
            assertThat(other.parameters())
                    .containsKeys(
                            "Conv3d_1a_7x7.conv3d.weight",
                            "Conv3d_1a_7x7.bn.running_mean",
                            "Mixed_3b.b0.conv3d.weight",
                            "Mixed_3b.b1b.bn.weight",
                            "Mixed_5c.b3b.conv3d.weight",
                            "logits.conv3d.bias");
            // The published 12,697,264 and the running statistics.
            assertThat(tensorflow.parameterCount()).isEqualTo(12_697_264 + RUNNING);
            assertThat(other.parameterCount()).isEqualTo(12_697_264 + RUNNING);
        }
    }

    @Test
    void i3dReadsAStateDictAndGivesOneVectorAClip(@TempDir Path folder) {
        Path file = folder.resolve("i3d.safetensors");
        try (I3d network = I3d.random(true, 3);
                Clip clip = clip(9, 48, 40)) {
            save(network, file, Function.identity());
            try (I3d loaded = I3d.load(file)) {
                List<double[]> features = loaded.extract(clip);
                assertThat(features).hasSize(1);
                assertThat(features.get(0))
                        .hasSize(400)
                        .containsExactly(network.extract(clip).get(0), within(0.0));
                assertThat(loaded.weights()).hasSize(64);
            }
        }
        assertThatThrownBy(() -> InceptionV3.load(file))
                .isInstanceOf(ZoetropeException.class)
                .hasMessageContaining("does not fit")
                .hasMessageContaining("conv3d_0c_1x1");
    }

    @Test
    void shortClipsAreRefused() {
        try (I3d network = I3d.random(false, 1);
                Clip clip = clip(8, 32, 32)) {
            assertThatThrownBy(() -> network.extract(clip)).hasMessageContaining("at least 9 frames, got 8");
        }
    }

    @Test
    void inceptionGivesAVectorForEachFrame() {
        try (InceptionV3 network = InceptionV3.random(2);
                Clip clip = clip(2, 32, 32)) {
            List<double[]> features = network.extract(clip);
            assertThat(features).hasSize(2);
            assertThat(features.get(0)).hasSize(2048);
            assertThat(features.get(0)).isNotEqualTo(features.get(1));
        }
    }

    @Test
    void c3dTakesSixteenFrames() {
        try (C3d network = C3d.random(2);
                Clip sixteen = clip(16, 32, 32);
                Clip more = clip(17, 32, 32)) {
            assertThat(network.extract(sixteen).get(0)).hasSize(101);
            assertThatThrownBy(() -> network.extract(more)).hasMessageContaining("got 17");
        }
    }

    /** Against loops written out: TensorFlow's SAME, stride 2, kernel 3, more than 16 channels and no multiple of 16. */
    @Test
    void convolutionWithSamePaddingEqualsPlainLoops() {
        int in = 24;
        int[] size = {3, 5, 4};
        try (Scope scope = Scope.noGrad();
                SeededGenerator generator = new SeededGenerator(5)) {
            Tensor x = generator.normal(1, in, size[0], size[1], size[2]);
            Tensor weight = generator.normal(2, in, 3, 3, 3);
            Tensor y = Ops.conv3d(I3d.padSame(x, new long[] {3, 3, 3}, new long[] {2, 2, 2}), weight, null, 2, 2, 2);
            assertThat(Tensors.shape(y)).containsExactly(1, 2, 2, 3, 2);
            double[] expected = loops(Tensors.toDoubles(x), Tensors.toDoubles(weight), in, size);
            assertThat(Tensors.toDoubles(y)).containsExactly(expected, within(1e-4));
        }
    }

    /** A convolution is linear: the gradient of its product with g, times any other input, is that input's own product. */
    @Test
    void gradientOfConvolutionIsItsAdjoint() {
        try (Scope scope = Scope.withGrad();
                SeededGenerator generator = new SeededGenerator(6)) {
            Tensor x = generator.normal(1, 48, 4, 5, 6);
            Tensor other = generator.normal(1, 48, 4, 5, 6);
            Tensor weight = generator.normal(24, 48, 3, 3, 3);
            Tensor g = generator.normal(1, 24, 2, 3, 4);
            x.requires_grad_(true);
            Tensor product = Ops.conv3d(x, weight, null, 1, 1, 1).mul(g).sum();
            Tensor gradient = Ops.gradients(product, List.of(x)).get(0);
            double expected =
                    Tensors.item(Ops.conv3d(other, weight, null, 1, 1, 1).mul(g).sum());
            assertThat(Tensors.item(gradient.mul(other).sum())).isCloseTo(expected, within(1e-3 * Math.abs(expected)));
        }
    }

    private static double[] loops(double[] x, double[] w, int in, int[] size) {
        int[] out = {2, 3, 2};
        double[] y = new double[2 * out[0] * out[1] * out[2]];
        int at = 0;
        for (int o = 0; o < 2; o++) {
            for (int t = 0; t < out[0]; t++) {
                for (int i = 0; i < out[1]; i++) {
                    for (int j = 0; j < out[2]; j++) {
                        y[at++] = window(x, w, in, size, o, t, i, j);
                    }
                }
            }
        }
        return y;
    }

    private static double window(double[] x, double[] w, int in, int[] size, int o, int t, int i, int j) {
        double sum = 0;
        for (int c = 0; c < in; c++) {
            for (int k = 0; k < 27; k++) {
                // Odd sizes get one zero in front, even ones none.
                int frame = 2 * t + k / 9 - 1;
                int row = 2 * i + k / 3 % 3 - 1;
                int column = 2 * j + k % 3;
                boolean inside = frame >= 0 && frame < size[0] && row >= 0 && row < size[1] && column < size[2];
                if (inside) {
                    sum += x[((c * size[0] + frame) * size[1] + row) * size[2] + column] * w[(o * in + c) * 27 + k];
                }
            }
        }
        return sum;
    }

    /** The released heads, in PyTorch's old format, with storages tagged for a GPU. */
    @Test
    void lpipsReadsTorchvisionsTrunkAndTheReleasedHeads(@TempDir Path folder) {
        Path trunk = folder.resolve("alexnet.safetensors");
        try (Lpips random = new Lpips(Lpips.Net.ALEX, Lpips.Net.ALEX.widths())) {
            random.initialise(4);
            Map<String, Content> tensors = new HashMap<>();
            random.parameters().forEach((name, parameter) -> {
                if (name.startsWith("trunk.")) {
                    String torchvision = name.replaceAll("trunk\\.net\\.slice\\d\\.", "features.");
                    tensors.put(torchvision, content(parameter.value(), parameter.shape()));
                }
            });
            tensors.put("classifier.1.bias", content(value(random, "lin0.model.1.weight"), 64));
            SafetensorsWriter.write(trunk, tensors, Map.of());
        }
        Path heads = Path.of("src/test/resources/golden/metrics-lpips-full/alex.pth");
        try (Lpips lpips = Lpips.load(Lpips.Net.ALEX, trunk, heads);
                WeightSource released = WeightFiles.open(heads);
                Clip clip = clip(2, 64, 64);
                Scope scope = Scope.noGrad()) {
            assertThat(Tensors.toFloats(value(lpips, "lin3.model.1.weight")))
                    .isEqualTo(Tensors.toFloats(Tensors.read(released, "lin3.model.1.weight")));
            Tensor a = Ops.slice(clip.tensor(), 0, 0, 1);
            Tensor b = Ops.slice(clip.tensor(), 0, 1, 2);
            Lpips.Request request = Lpips.Request.ofUnitRange();
            assertThat(Tensors.item(lpips.distance(a, a, request))).isZero();
            double there = Tensors.item(lpips.distance(a, b, request));
            assertThat(there).isPositive().isCloseTo(Tensors.item(lpips.distance(b, a, request)), within(1e-6));
        }
        assertThatThrownBy(() -> Lpips.load(Lpips.Net.VGG, trunk, heads))
                .isInstanceOf(ZoetropeException.class)
                .hasMessageContaining("does not fit");
    }

    @Test
    void tinyPicturesAreRefusedByLpips() {
        try (Lpips lpips = new Lpips(Lpips.Net.ALEX, 8, 24, 48, 32, 32);
                Clip clip = clip(1, 30, 64)) {
            assertThatThrownBy(() -> lpips.distance(clip.tensor(), clip.tensor(), Lpips.Request.ofUnitRange()))
                    .hasMessageContaining("at least 31 pixels");
        }
    }

    private static Tensor value(Layer layer, String name) {
        return Objects.requireNonNull(layer.parameters().get(name)).value();
    }

    private static Clip clip(int frames, int height, int width) {
        try (Scope scope = Scope.noGrad();
                SeededGenerator generator = new SeededGenerator(7)) {
            return Clip.of(generator.uniform(frames, 3, height, width), 8);
        }
    }

    static Path save(Layer layer, Path file, Function<String, String> rename) {
        Map<String, Content> tensors = new HashMap<>();
        layer.parameters()
                .forEach((name, parameter) ->
                        tensors.put(rename.apply(name), content(parameter.value(), parameter.shape())));
        SafetensorsWriter.write(file, tensors, Map.of());
        return file;
    }

    private static Content content(Tensor value, long... shape) {
        return new Content(Dtype.F32, shape, () -> ByteBuffer.wrap(Tensors.bytes(value, Dtype.F32)));
    }
}
