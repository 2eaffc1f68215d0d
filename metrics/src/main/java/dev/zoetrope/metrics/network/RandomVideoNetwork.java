package dev.zoetrope.metrics.network;

import dev.zoetrope.media.Clip;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.SeededGenerator;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A fixed random network whose features need no weight file: three convolutions 3 -> 16 (stride 1,2,2) -> 32 (stride 2) ->
 * 64 (stride 2) with ReLU, and the mean over everything; 64 features. Weights are He-normal, biases uniform in +-0.2.
 *
 * <p>The distance on these features is called {@code pfvd-r3d}, or {@code pfvd-r2d} for kernels that see one frame at a
 * time, with no stride in time: each frame counts alike, so that it is blind to their order and serves as a control. It is never FVD and compares with nothing published: quote it as a
 * multiple of the value of two real sets (sheet section 13).
 */
public final class RandomVideoNetwork implements FeatureExtractor {
    private static final int[] WIDTHS = {3, 16, 32, 64};

    private final long seed;
    private final boolean time;
    private final List<Tensor> weights = new ArrayList<>();
    private final List<Tensor> biases = new ArrayList<>();

    /**
     * Draws the weights.
     *
     * @param time whether kernels see three frames, or one
     */
    public RandomVideoNetwork(long seed, boolean time) {
        this.seed = seed;
        this.time = time;
        try (Scope scope = Scope.noGrad();
                SeededGenerator generator = new SeededGenerator(seed)) {
            for (int layer = 0; layer < 3; layer++) {
                long depth = time ? 3 : 1;
                long fanIn = WIDTHS[layer] * depth * 9;
                Tensor kernel = generator.normal(WIDTHS[layer + 1], WIDTHS[layer], depth, 3, 3);
                weights.add(Scope.own(Ops.mul(kernel, Math.sqrt(2.0 / fanIn))));
                biases.add(Scope.own(Ops.add(Ops.mul(generator.uniform(WIDTHS[layer + 1]), 0.4), -0.2)));
            }
        }
    }

    /** Features [B, 64] of [B,3,T,H,W] in [-1, 1]. */
    public Tensor forward(Tensor x) {
        try (Scope scope = Scope.open()) {
            Tensor h = x;
            for (int layer = 0; layer < 3; layer++) {
                long around = time ? 1 : 0;
                Tensor padded = torch.constant_pad_nd(h, new long[] {1, 1, 1, 1, around, around});
                long stride = time && layer > 0 ? 2 : 1;
                h = torch.relu(Ops.conv3d(padded, weights.get(layer), biases.get(layer), stride, 2, 2));
            }
            return scope.keep(h.mean(new long[] {2, 3, 4}, false, new ScalarTypeOptional()));
        }
    }

    @Override
    public String name() {
        return time ? "random-r3d" : "random-r2d";
    }

    @Override
    public String weights() {
        return "He-normal, PyTorch CPU generator, seed " + seed;
    }

    @Override
    public String preprocessing() {
        return "2x-1";
    }

    @Override
    public int dimension() {
        return WIDTHS[3];
    }

    @Override
    public int minFrames() {
        return 1;
    }

    @Override
    public List<double[]> extract(Clip clip) {
        try (Scope scope = Scope.noGrad()) {
            Tensor frames = Ops.add(Ops.mul(clip.tensor(), 2), -1);
            return Pixels.rows(forward(Pixels.asVolume(frames)));
        }
    }

    @Override
    public void close() {
        weights.forEach(Tensor::close);
        biases.forEach(Tensor::close);
    }
}
