package dev.zoetrope.metrics.network;

import dev.zoetrope.media.Clip;
import dev.zoetrope.tensor.Init;
import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Parameter;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Sha256;
import dev.zoetrope.tensor.WeightFiles;
import dev.zoetrope.tensor.WeightSource;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * I3D on RGB (Carreira and Zisserman 2017), whose 400 Kinetics logits, averaged over time and before the softmax, are the
 * features of FVD. Convolutions have no bias and are followed by batch normalisation and ReLU; padding is TensorFlow's SAME.
 *
 * <p>Reads state dicts of both ports that are about: names like {@code mixed_3b.branch_1.0.conv3d.weight} (eps 1e-3), and
 * like {@code Mixed_3b.b1a.conv3d.weight} (eps 1e-5). A TorchScript program is refused: nothing of a file is run here.
 */
public final class I3d extends Layer implements FeatureExtractor {
    private static final long SIDE = 224;
    private static final int CLASSES = 400;

    /** How the two ports name their parts. */
    private enum Port {
        TENSORFLOW("batch3d", 1e-3),
        VIDEOGPT("bn", 1e-5);

        private final String norm;
        private final double eps;

        Port(String norm, double eps) {
            this.norm = norm;
            this.eps = eps;
        }

        String layer(String name) {
            return this == TENSORFLOW ? name.toLowerCase(Locale.ROOT) : name;
        }

        /** Branch 1 has the steps a and b, branch 3 is a pool and the step b; 0 has one step. */
        String branch(int branch, int step) {
            if (this == TENSORFLOW) {
                return branch == 0 ? "branch_0" : "branch_" + branch + "." + step;
            }
            return branch == 0 ? "b0" : "b" + branch + (step == 0 ? "a" : "b");
        }

        String logits() {
            return this == TENSORFLOW ? "conv3d_0c_1x1.conv3d" : "logits.conv3d";
        }
    }

    private final Port port;
    private final List<Step> steps = new ArrayList<>();
    private final Parameter logitsWeight;
    private final Parameter logitsBias;
    private final String hash;
    private long channels = 3;

    private interface Step {
        Tensor apply(Tensor x);
    }

    private I3d(Port port, String hash) {
        this.port = port;
        this.hash = hash;
        unit("Conv3d_1a_7x7", 64, 7, 2);
        pool(new long[] {1, 3, 3}, new long[] {1, 2, 2});
        unit("Conv3d_2b_1x1", 64, 1, 1);
        unit("Conv3d_2c_3x3", 192, 3, 1);
        pool(new long[] {1, 3, 3}, new long[] {1, 2, 2});
        mixed("Mixed_3b", 64, 96, 128, 16, 32, 32);
        mixed("Mixed_3c", 128, 128, 192, 32, 96, 64);
        pool(new long[] {3, 3, 3}, new long[] {2, 2, 2});
        mixed("Mixed_4b", 192, 96, 208, 16, 48, 64);
        mixed("Mixed_4c", 160, 112, 224, 24, 64, 64);
        mixed("Mixed_4d", 128, 128, 256, 24, 64, 64);
        mixed("Mixed_4e", 112, 144, 288, 32, 64, 64);
        mixed("Mixed_4f", 256, 160, 320, 32, 128, 128);
        pool(new long[] {2, 2, 2}, new long[] {2, 2, 2});
        mixed("Mixed_5b", 256, 160, 320, 32, 128, 128);
        mixed("Mixed_5c", 384, 192, 384, 48, 128, 128);
        this.logitsWeight =
                parameter(port.logits() + ".weight", Init.uniformFanIn(channels), CLASSES, channels, 1, 1, 1);
        this.logitsBias = parameter(port.logits() + ".bias", Init.uniformFanIn(channels), CLASSES);
    }

    /**
     * Opens a state dict of either port.
     *
     * @throws ZoetropeException BAD_INPUT for a TorchScript program, CHECKPOINT_MISMATCH for another network
     */
    public static I3d load(Path file) {
        try (WeightSource source = WeightFiles.open(file)) {
            boolean tensorflow = source.entries().keySet().stream().anyMatch(name -> name.startsWith("mixed_"));
            I3d network = new I3d(tensorflow ? Port.TENSORFLOW : Port.VIDEOGPT, Sha256.of(file));
            network.load(source.map(I3d::withoutCounters));
            return network;
        }
    }

    /** Batch counters of the training are of no use, and a renamed duplicate of the logits is not either. */
    static Optional<String> withoutCounters(String name) {
        return name.endsWith("num_batches_tracked") ? Optional.empty() : Optional.of(name);
    }

    /** Random weights with the names of a port, for tests. */
    static I3d random(boolean tensorflow, long seed) {
        I3d network = new I3d(tensorflow ? Port.TENSORFLOW : Port.VIDEOGPT, "random " + seed);
        network.initialise(seed);
        return network;
    }

    /** Convolution, batch normalisation, ReLU. */
    private static final class Unit extends Layer {
        private final Parameter weight;
        private final BatchNorm norm;
        private final long kernel;
        private final long stride;

        Unit(Port port, long in, long out, long kernel, long stride) {
            this.weight = parameter(
                    "conv3d.weight", Init.uniformFanIn(in * kernel * kernel * kernel), out, in, kernel, kernel, kernel);
            this.norm = child(port.norm, new BatchNorm(out, port.eps));
            this.kernel = kernel;
            this.stride = stride;
        }

        Tensor forward(Tensor x) {
            Tensor padded = padSame(x, new long[] {kernel, kernel, kernel}, new long[] {stride, stride, stride});
            return torch.relu(norm.forward(Ops.conv3d(padded, weight.value(), null, stride, stride, stride)));
        }
    }

    private void unit(String name, long out, long kernel, long stride) {
        Unit unit = child(port.layer(name), new Unit(port, channels, out, kernel, stride));
        channels = out;
        steps.add(unit::forward);
    }

    private void pool(long[] kernel, long[] stride) {
        steps.add(x -> maxPool(x, kernel, stride));
    }

    /** Widths a; b1, b2; c1, c2; p of the four branches, in the order of the channels. */
    private void mixed(String name, long... widths) {
        String prefix = port.layer(name) + ".";
        Unit a = branch(prefix, 0, 0, channels, widths[0], 1);
        Unit b1 = branch(prefix, 1, 0, channels, widths[1], 1);
        Unit b2 = branch(prefix, 1, 1, widths[1], widths[2], 3);
        Unit c1 = branch(prefix, 2, 0, channels, widths[3], 1);
        Unit c2 = branch(prefix, 2, 1, widths[3], widths[4], 3);
        Unit p = branch(prefix, 3, 1, channels, widths[5], 1);
        channels = widths[0] + widths[2] + widths[4] + widths[5];
        steps.add(x -> Ops.cat(
                1,
                a.forward(x),
                b2.forward(b1.forward(x)),
                c2.forward(c1.forward(x)),
                p.forward(maxPool(x, new long[] {3, 3, 3}, new long[] {1, 1, 1}))));
    }

    private Unit branch(String prefix, int branch, int step, long in, long out, long kernel) {
        return child(prefix + port.branch(branch, step), new Unit(port, in, out, kernel, 1));
    }

    /** The inputs of pools are behind a ReLU, so that zeros at the border change no maximum. */
    private static Tensor maxPool(Tensor x, long[] kernel, long[] stride) {
        return torch.max_pool3d(
                padSame(x, kernel, stride), kernel, stride, new long[] {0, 0, 0}, new long[] {1, 1, 1}, false);
    }

    /** Zeros around [N,C,T,H,W] as TensorFlow's SAME puts them: the smaller half in front. */
    static Tensor padSame(Tensor x, long[] kernel, long[] stride) {
        long[] padding = new long[6];
        for (int axis = 0; axis < 3; axis++) {
            long size = x.size(2 + axis);
            long rest = size % stride[axis];
            long total = Math.max(0, kernel[axis] - (rest == 0 ? stride[axis] : rest));
            // The last axis comes first.
            padding[2 * (2 - axis)] = total / 2;
            padding[2 * (2 - axis) + 1] = total - total / 2;
        }
        return torch.constant_pad_nd(x, padding);
    }

    /**
     * Logits averaged over time, [B, 400].
     *
     * @param x [B,3,T,224,224] in [-1, 1], T at least 9
     */
    public Tensor forward(Tensor x) {
        try (Scope scope = Scope.open()) {
            Tensor h = x;
            for (Step step : steps) {
                Tensor next = step.apply(h);
                h = next; // [B, C, T/8, 7, 7] after the last
            }
            h = torch.avg_pool3d(
                    h,
                    new long[] {2, 7, 7},
                    new long[] {1, 1, 1},
                    new long[] {0, 0, 0},
                    false,
                    true,
                    new org.bytedeco.pytorch.LongOptional());
            Tensor logits = Ops.conv3d(h, logitsWeight.value(), logitsBias.value(), 1, 1, 1);
            return scope.keep(logits.mean(new long[] {2, 3, 4}, false, new ScalarTypeOptional()));
        }
    }

    @Override
    public String name() {
        return "i3d-kinetics400-logits";
    }

    @Override
    public String weights() {
        return hash;
    }

    @Override
    public String preprocessing() {
        return "bilinear 224x224 align_corners=false no antialias, 2x-1";
    }

    @Override
    public int dimension() {
        return CLASSES;
    }

    @Override
    public int minFrames() {
        return 9;
    }

    @Override
    public List<double[]> extract(Clip clip) {
        Pixels.checkFrames(this, clip);
        try (Scope scope = Scope.noGrad()) {
            Tensor frames = Ops.add(Ops.mul(Pixels.bilinear(clip.tensor(), SIDE), 2), -1);
            return Pixels.rows(forward(Pixels.asVolume(frames)));
        }
    }
}
