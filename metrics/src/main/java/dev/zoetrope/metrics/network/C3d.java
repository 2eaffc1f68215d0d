package dev.zoetrope.metrics.network;

import dev.zoetrope.media.Clip;
import dev.zoetrope.tensor.Init;
import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.Layers.Linear;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Parameter;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Sha256;
import dev.zoetrope.tensor.WeightFiles;
import dev.zoetrope.tensor.WeightSource;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * C3D (Tran et al. 2015) for UCF-101: the classifier of the video inception score. Its 101 logits are the features.
 *
 * <p>Reads a state dict with {@code conv1} (or {@code conv1a}), {@code conv2}, {@code conv3a} ... {@code conv5b}, {@code
 * fc6}, {@code fc7}, {@code fc8}, and {@code mean}: the mean cube [3,16,128,171] or its centre [3,16,112,112], blue first,
 * 0 to 255. The published file is a TorchScript program, which is refused: save its tensors under these names.
 */
public final class C3d extends Layer implements FeatureExtractor {
    private static final long SIDE = 112;
    private static final int FRAMES = 16;
    private static final int CLASSES = 101;

    private final Conv[] convs;
    private final Linear fc6;
    private final Linear fc7;
    private final Linear fc8;
    private final Parameter mean;
    private final String hash;

    private C3d(String hash, long... meanShape) {
        this.hash = hash;
        convs = new Conv[] {
            conv("conv1", 3, 64),
            conv("conv2", 64, 128),
            conv("conv3a", 128, 256),
            conv("conv3b", 256, 256),
            conv("conv4a", 256, 512),
            conv("conv4b", 512, 512),
            conv("conv5a", 512, 512),
            conv("conv5b", 512, 512)
        };
        fc6 = child("fc6", new Linear(8192, 4096));
        fc7 = child("fc7", new Linear(4096, 4096));
        fc8 = child("fc8", new Linear(4096, CLASSES));
        mean = parameter("mean", Init.zeros(), meanShape);
    }

    private Conv conv(String name, long in, long out) {
        return child(name, new Conv(in, out));
    }

    /** Kernel 3x3x3, one zero around, ReLU. */
    private static final class Conv extends Layer {
        private final Parameter weight;
        private final Parameter bias;

        Conv(long in, long out) {
            weight = parameter("weight", Init.uniformFanIn(27 * in), out, in, 3, 3, 3);
            bias = parameter("bias", Init.uniformFanIn(27 * in), out);
        }

        Tensor forward(Tensor x) {
            Tensor padded = torch.constant_pad_nd(x, new long[] {1, 1, 1, 1, 1, 1});
            return torch.relu(Ops.conv3d(padded, weight.value(), bias.value(), 1, 1, 1));
        }
    }

    /**
     * Opens a state dict.
     *
     * @throws ZoetropeException BAD_INPUT for a TorchScript program, CHECKPOINT_MISMATCH for another network
     */
    public static C3d load(Path file) {
        try (WeightSource source = WeightFiles.open(file)) {
            List<Long> shape = source.entry("mean").shape();
            boolean cropped = shape.equals(List.of(3L, (long) FRAMES, SIDE, SIDE));
            C3d network = cropped
                    ? new C3d(Sha256.of(file), 3, FRAMES, SIDE, SIDE)
                    : new C3d(Sha256.of(file), 3, FRAMES, 128, 171);
            network.load(source.map(
                    name -> Optional.of(name.replace("conv1a.", "conv1.").replace("conv2a.", "conv2."))));
            return network;
        }
    }

    /** Random weights, for tests. */
    static C3d random(long seed) {
        C3d network = new C3d("random " + seed, 3, FRAMES, 128, 171);
        network.initialise(seed);
        return network;
    }

    /**
     * Logits [B, 101].
     *
     * @param x [B,3,16,112,112], blue first, 0 to 255 less the mean cube
     */
    public Tensor forward(Tensor x) {
        try (Scope scope = Scope.open()) {
            Tensor h = pool(convs[0].forward(x), 1);
            h = pool(convs[1].forward(h), 2);
            h = pool(convs[3].forward(convs[2].forward(h)), 2);
            h = pool(convs[5].forward(convs[4].forward(h)), 2);
            h = pool(convs[7].forward(convs[6].forward(h)), 2); // [B, 512, 1, 4, 4]
            h = torch.relu(fc6.forward(h.flatten(1, -1)));
            h = torch.relu(fc7.forward(h));
            return scope.keep(fc8.forward(h));
        }
    }

    /** Every input counts: where the size is odd, the last window hangs over, so that 7 becomes 4. */
    private static Tensor pool(Tensor x, long time) {
        long[] kernel = {time, 2, 2};
        return torch.max_pool3d(x, kernel, kernel, new long[] {0, 0, 0}, new long[] {1, 1, 1}, true);
    }

    @Override
    public String name() {
        return "c3d-ucf101-logits";
    }

    @Override
    public String weights() {
        return hash;
    }

    @Override
    public String preprocessing() {
        return "BGR, bilinear 112x112 align_corners=true, 128(2x-1)+128-mean";
    }

    @Override
    public int dimension() {
        return CLASSES;
    }

    @Override
    public int minFrames() {
        return FRAMES;
    }

    @Override
    public List<double[]> extract(Clip clip) {
        Pixels.checkFrames(this, clip);
        if (clip.frameCount() != FRAMES) {
            throw ZoetropeException.badInput(
                    "%s takes clips of %d frames, got %d; set the number of frames to %d",
                    name(), FRAMES, clip.frameCount(), FRAMES);
        }
        try (Scope scope = Scope.noGrad()) {
            Tensor frames = Pixels.bilinearCorners(clip.tensor(), SIDE).flip(1);
            // 128 (2x - 1) + 128 - mean.
            Tensor centred = Pixels.asVolume(Ops.mul(frames, 256)).sub(croppedMean());
            return Pixels.rows(forward(centred));
        }
    }

    private Tensor croppedMean() {
        Tensor cube = mean.value();
        return cube.size(2) == SIDE ? cube : Ops.slice(Ops.slice(cube, 2, 8, 120), 3, 8, 120);
    }
}
