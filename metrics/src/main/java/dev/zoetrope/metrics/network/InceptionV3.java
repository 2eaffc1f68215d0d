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
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The Inception-v3 of FID: the TensorFlow graph of 2015-12-05 as ported by pytorch-fid. Beside torchvision's network it has
 * 1008 logits, average pools that leave the border out of the count, and a maximum pool in the last block. The features are
 * the 2048 means over the last map; one vector a frame.
 */
public final class InceptionV3 extends Layer implements FeatureExtractor {
    private static final long SIDE = 299;
    private static final int FEATURES = 2048;
    private static final double EPS = 1e-3;

    private interface Step {
        Tensor apply(Tensor x);
    }

    private final List<Step> steps = new ArrayList<>();
    private final Parameter logits;
    private final Parameter logitsBias;
    private final String hash;

    private InceptionV3(String hash) {
        this.hash = hash;
        steps.add(conv("Conv2d_1a_3x3", 3, 32, 3, 2, 0));
        steps.add(conv("Conv2d_2a_3x3", 32, 32, 3, 1, 0));
        steps.add(conv("Conv2d_2b_3x3", 32, 64, 3, 1, 1));
        steps.add(InceptionV3::halve);
        steps.add(conv("Conv2d_3b_1x1", 64, 80, 1, 1, 0));
        steps.add(conv("Conv2d_4a_3x3", 80, 192, 3, 1, 0));
        steps.add(InceptionV3::halve);
        blockA("Mixed_5b.", 192, 32);
        blockA("Mixed_5c.", 256, 64);
        blockA("Mixed_5d.", 288, 64);
        blockB("Mixed_6a.");
        blockC("Mixed_6b.", 128);
        blockC("Mixed_6c.", 160);
        blockC("Mixed_6d.", 160);
        blockC("Mixed_6e.", 192);
        blockD("Mixed_7a.");
        blockE("Mixed_7b.", 1280, InceptionV3::averagePool);
        blockE("Mixed_7c.", 2048, x -> maxPool(x, 1, 1));
        logits = parameter("fc.weight", Init.uniformFanIn(FEATURES), 1008, FEATURES);
        logitsBias = parameter("fc.bias", Init.uniformFanIn(FEATURES), 1008);
    }

    /**
     * Opens pytorch-fid's state dict.
     *
     * @throws ZoetropeException BAD_INPUT for a TorchScript program, CHECKPOINT_MISMATCH for another network
     */
    public static InceptionV3 load(Path file) {
        InceptionV3 network = new InceptionV3(Sha256.of(file));
        try (WeightSource source = WeightFiles.open(file)) {
            network.load(source.map(I3d::withoutCounters));
        }
        return network;
    }

    /** Random weights, for tests. */
    static InceptionV3 random(long seed) {
        InceptionV3 network = new InceptionV3("random " + seed);
        network.initialise(seed);
        return network;
    }

    /** Convolution without bias, batch normalisation, ReLU; kernel and padding may differ along the axes. */
    private static final class Unit extends Layer {
        private final Parameter weight;
        private final BatchNorm norm;
        private final long stride;
        private final long padHeight;
        private final long padWidth;

        Unit(long in, long out, long height, long width, long stride, long padHeight, long padWidth) {
            this.weight = parameter("conv.weight", Init.uniformFanIn(in * height * width), out, in, height, width);
            this.norm = child("bn", new BatchNorm(out, EPS));
            this.stride = stride;
            this.padHeight = padHeight;
            this.padWidth = padWidth;
        }

        Tensor forward(Tensor x) {
            Tensor padded = padHeight + padWidth == 0 ? x : Ops.pad2d(x, padWidth, padWidth, padHeight, padHeight);
            return torch.relu(norm.forward(Ops.conv2d(padded, weight.value(), null, stride, 0)));
        }
    }

    private Step conv(String name, long in, long out, long kernel, long stride, long padding) {
        return child(name, new Unit(in, out, kernel, kernel, stride, padding, padding))::forward;
    }

    /** Kernel height x width, stride 1, the size stays. */
    private Step same(String name, long in, long out, long height, long width) {
        return child(name, new Unit(in, out, height, width, 1, height / 2, width / 2))::forward;
    }

    private static Step chain(Step... parts) {
        return x -> {
            Tensor h = x;
            for (Step part : parts) {
                h = part.apply(h);
            }
            return h;
        };
    }

    /** Branches side by side, joined along the channels. */
    private static Step join(Step... branches) {
        return x -> {
            List<Tensor> parts = new ArrayList<>();
            for (Step branch : branches) {
                parts.add(branch.apply(x));
            }
            return Ops.cat(1, parts);
        };
    }

    private void blockA(String name, long in, long pooled) {
        steps.add(join(
                same(name + "branch1x1", in, 64, 1, 1),
                chain(same(name + "branch5x5_1", in, 48, 1, 1), same(name + "branch5x5_2", 48, 64, 5, 5)),
                chain(
                        same(name + "branch3x3dbl_1", in, 64, 1, 1),
                        same(name + "branch3x3dbl_2", 64, 96, 3, 3),
                        same(name + "branch3x3dbl_3", 96, 96, 3, 3)),
                chain(InceptionV3::averagePool, same(name + "branch_pool", in, pooled, 1, 1))));
    }

    private void blockB(String name) {
        steps.add(join(
                conv(name + "branch3x3", 288, 384, 3, 2, 0),
                chain(
                        same(name + "branch3x3dbl_1", 288, 64, 1, 1),
                        same(name + "branch3x3dbl_2", 64, 96, 3, 3),
                        conv(name + "branch3x3dbl_3", 96, 96, 3, 2, 0)),
                InceptionV3::halve));
    }

    private void blockC(String name, long width) {
        steps.add(join(
                same(name + "branch1x1", 768, 192, 1, 1),
                chain(
                        same(name + "branch7x7_1", 768, width, 1, 1),
                        same(name + "branch7x7_2", width, width, 1, 7),
                        same(name + "branch7x7_3", width, 192, 7, 1)),
                chain(
                        same(name + "branch7x7dbl_1", 768, width, 1, 1),
                        same(name + "branch7x7dbl_2", width, width, 7, 1),
                        same(name + "branch7x7dbl_3", width, width, 1, 7),
                        same(name + "branch7x7dbl_4", width, width, 7, 1),
                        same(name + "branch7x7dbl_5", width, 192, 1, 7)),
                chain(InceptionV3::averagePool, same(name + "branch_pool", 768, 192, 1, 1))));
    }

    private void blockD(String name) {
        steps.add(join(
                chain(same(name + "branch3x3_1", 768, 192, 1, 1), conv(name + "branch3x3_2", 192, 320, 3, 2, 0)),
                chain(
                        same(name + "branch7x7x3_1", 768, 192, 1, 1),
                        same(name + "branch7x7x3_2", 192, 192, 1, 7),
                        same(name + "branch7x7x3_3", 192, 192, 7, 1),
                        conv(name + "branch7x7x3_4", 192, 192, 3, 2, 0)),
                InceptionV3::halve));
    }

    private void blockE(String name, long in, Step pool) {
        steps.add(join(
                same(name + "branch1x1", in, 320, 1, 1),
                chain(
                        same(name + "branch3x3_1", in, 384, 1, 1),
                        join(same(name + "branch3x3_2a", 384, 384, 1, 3), same(name + "branch3x3_2b", 384, 384, 3, 1))),
                chain(
                        same(name + "branch3x3dbl_1", in, 448, 1, 1),
                        same(name + "branch3x3dbl_2", 448, 384, 3, 3),
                        join(
                                same(name + "branch3x3dbl_3a", 384, 384, 1, 3),
                                same(name + "branch3x3dbl_3b", 384, 384, 3, 1))),
                chain(pool, same(name + "branch_pool", in, 192, 1, 1))));
    }

    private static Tensor halve(Tensor x) {
        return maxPool(x, 2, 0);
    }

    private static Tensor maxPool(Tensor x, long stride, long padding) {
        return torch.max_pool2d(
                x,
                new long[] {3, 3},
                new long[] {stride, stride},
                new long[] {padding, padding},
                new long[] {1, 1},
                false);
    }

    /** 3x3, the size stays; the border is left out of the count. */
    private static Tensor averagePool(Tensor x) {
        return torch.avg_pool2d(
                x, new long[] {3, 3}, new long[] {1, 1}, new long[] {1, 1}, false, false, new LongOptional());
    }

    /**
     * The features [B, 2048].
     *
     * @param x [B,3,299,299] in [-1, 1]
     */
    public Tensor forward(Tensor x) {
        try (Scope scope = Scope.open()) {
            Tensor h = x;
            for (Step step : steps) {
                h = step.apply(h);
            }
            return scope.keep(h.mean(new long[] {2, 3}, false, new ScalarTypeOptional()));
        }
    }

    /**
     * The 1008 logits of features.
     *
     * @param withBias false for the inception score of pictures
     */
    public Tensor logits(Tensor features, boolean withBias) {
        return Ops.linear(features, logits.value(), withBias ? logitsBias.value() : null);
    }

    @Override
    public String name() {
        return "inception-2015-12-05-pool3";
    }

    @Override
    public String weights() {
        return hash;
    }

    @Override
    public String preprocessing() {
        return "bilinear 299x299 align_corners=false no antialias, 2x-1";
    }

    @Override
    public int dimension() {
        return FEATURES;
    }

    @Override
    public int minFrames() {
        return 1;
    }

    @Override
    public List<double[]> extract(Clip clip) {
        List<double[]> rows = new ArrayList<>();
        // Frame by frame: the first layers of one frame of this size take a hundred megabytes.
        for (int f = 0; f < clip.frameCount(); f++) {
            try (Scope scope = Scope.noGrad()) {
                Tensor frame = Pixels.bilinear(Ops.slice(clip.tensor(), 0, f, f + 1), SIDE);
                rows.addAll(Pixels.rows(forward(Ops.add(Ops.mul(frame, 2), -1))));
            }
        }
        return rows;
    }
}
