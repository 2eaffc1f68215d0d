package dev.zoetrope.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OpsTest {
    /** Widths around the multiples of 16, where LibTorch's own convolution fails on some processors. */
    @ParameterizedTest
    @CsvSource({
        "3,8", "8,16", "12,24", "16,16", "20,16", "24,16", "24,40", "36,4", "48,20", "48,32", "64,24", "112,16", "64,3"
    })
    void convolutionsEqualDoublePrecisionForwardsAndBackwards(long in, long out) {
        try (Scope scope = Scope.withGrad();
                SeededGenerator generator = new SeededGenerator(7)) {
            Tensor x = generator.normal(4, in, 8, 8);
            Tensor w = generator.normal(out, in, 3, 3);
            Tensor b = generator.normal(out);
            assertClose(gradients(x, w, b, ScalarType.Float), gradients(x, w, b, ScalarType.Double));
            Tensor clip = generator.normal(2, in, 5, 4, 4);
            Tensor wt = generator.normal(out, in, 3, 1, 1);
            assertClose(gradients(clip, wt, b, ScalarType.Float), gradients(clip, wt, b, ScalarType.Double));
        }
    }

    private static List<Tensor> gradients(Tensor x, Tensor w, Tensor b, ScalarType type) {
        Tensor xs = x.to(type).detach().set_requires_grad(true);
        Tensor ws = w.to(type).detach().set_requires_grad(true);
        Tensor bs = b.to(type).detach().set_requires_grad(true);
        Tensor y = x.dim() == 4 ? Ops.conv2d(xs, ws, bs, 1, 1) : Ops.temporalConv(xs, ws, bs);
        List<Tensor> all = new java.util.ArrayList<>(Ops.gradients(y.mul(y).mean(), List.of(xs, ws, bs)));
        all.add(y.detach());
        return all;
    }

    private static void assertClose(List<Tensor> ours, List<Tensor> exact) {
        for (int i = 0; i < ours.size(); i++) {
            double largest = exact.get(i).abs().max().item_double();
            double difference = ours.get(i)
                    .to(ScalarType.Double)
                    .sub(exact.get(i))
                    .abs()
                    .max()
                    .item_double();
            assertThat(difference).describedAs("tensor %s", i).isLessThan(1e-5 * largest);
        }
    }
}
