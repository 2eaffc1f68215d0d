package dev.zoetrope.metrics.network;

import dev.zoetrope.tensor.Init;
import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Parameter;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.WeightFiles;
import dev.zoetrope.tensor.WeightSource;
import dev.zoetrope.tensor.WeightSource.DerivedEntry;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * LPIPS (Zhang et al. 2018): d(x, y) = Σ_l mean_hw Σ_c w_lc (x̂_lhwc - ŷ_lhwc)², where x̂ = f_l / (|f_l| + 1e-10), |.| over
 * channels, and f_l are taps of an ImageNet network. Differentiable in both pictures.
 *
 * <p>Needs two files of the user's: torchvision's weights of the trunk ({@code features.0.weight}, ...) and the linear
 * heads of version 0.1 ({@code lin0.model.1.weight}, ...). Values of different trunks are not comparable. As in the
 * reference, the gradient is not finite where all channels of a tap are 0.
 */
public final class Lpips extends Layer {
    /** The trunk: ALEX for evaluation, VGG for optimisation. */
    public enum Net {
        ALEX,
        VGG,
        SQUEEZE;

        /** Channels at the taps of the published network. */
        public long[] widths() {
            return switch (this) {
                case ALEX -> new long[] {64, 192, 384, 256, 256};
                case VGG -> new long[] {64, 128, 256, 512, 512};
                case SQUEEZE -> new long[] {64, 128, 256, 384, 384, 512, 512};
            };
        }

        /** Smallest side that leaves every tap at least one pixel. */
        int smallestSide() {
            return this == ALEX ? 31 : this == VGG ? 16 : 21;
        }
    }

    /**
     * What to compute.
     *
     * @param unitRange whether pixels are in [0, 1] instead of [-1, 1]
     * @param scaleInput whether channels are shifted and scaled first: true, except for the faulty version 0.0
     * @param heads whether the linear heads weigh the channels; without them they count alike
     * @param spatial whether to keep a map [B,1,H,W] instead of its mean [B,1,1,1]
     */
    public record Request(boolean unitRange, boolean scaleInput, boolean heads, boolean spatial) {
        /** Pictures in [-1, 1], version 0.1. */
        public static Request standard() {
            return new Request(false, true, true, false);
        }

        /** Pictures in [0, 1], version 0.1. */
        public static Request ofUnitRange() {
            return new Request(true, true, true, false);
        }
    }

    private static final double EPS = 1e-10;
    private static final float[] SHIFT = {-.030f, -.088f, -.188f};
    private static final float[] SCALE = {.458f, .448f, .450f};

    private final Net net;
    private final LpipsTrunk trunk;
    private final List<Parameter> heads = new ArrayList<>();

    /** A network without weights; {@code widths} are the channels at the taps. */
    public Lpips(Net net, long... widths) {
        this.net = net;
        // The parameters of the trunk carry the whole name already, so both trees are loaded from here.
        this.trunk = child("trunk", new LpipsTrunk(net, widths));
        for (int i = 0; i < widths.length; i++) {
            heads.add(parameter("lin" + i + ".model.1.weight", Init.constant(1.0 / widths[i]), 1, widths[i], 1, 1));
        }
    }

    /**
     * The published network.
     *
     * @param trunkFile torchvision's state dict, or one with the names {@code net.slice1.0.weight}
     * @param headsFile the heads of this trunk, version 0.1
     * @throws ZoetropeException CHECKPOINT_MISMATCH if a file is of another network
     */
    public static Lpips load(Net net, Path trunkFile, Path headsFile) {
        Lpips lpips = new Lpips(net, net.widths());
        try (WeightSource trunkSource = WeightFiles.open(trunkFile);
                WeightSource headsSource = WeightFiles.open(headsFile)) {
            lpips.load(trunkSource, headsSource);
        }
        return lpips;
    }

    /** Takes the weights of trunk and heads; the sources may be one and the same, and stay the caller's. */
    public void load(WeightSource trunkSource, WeightSource headsSource) {
        Map<String, DerivedEntry> tensors = new LinkedHashMap<>();
        for (String name : trunkSource.entries().keySet()) {
            trunkName(name).ifPresent(ours -> tensors.put("trunk." + ours, DerivedEntry.of(trunkSource, name)));
        }
        for (String name : headsSource.entries().keySet()) {
            if (name.startsWith("lin")) {
                tensors.put(name, DerivedEntry.of(headsSource, name));
            }
        }
        String description = trunkSource.description() + " with " + headsSource.description();
        load(WeightSource.of(description, Map.of(), tensors));
    }

    private Optional<String> trunkName(String name) {
        if (name.startsWith("net.slice")) {
            return Optional.of(name);
        }
        String[] parts = name.split("\\.", 3);
        if (!parts[0].equals("features") || parts.length < 3) {
            return Optional.empty();
        }
        return Optional.of("net.slice" + trunk.sliceOf(parts[1]) + "." + parts[1] + "." + parts[2]);
    }

    /**
     * The distance of each pair, [B,1,1,1].
     *
     * @param x pictures [B,3,H,W]
     * @param y pictures of the same shape
     */
    public Tensor distance(Tensor x, Tensor y, Request request) {
        try (Scope scope = Scope.open()) {
            List<Tensor> layers = layers(x, y, request);
            Tensor sum = layers.get(0);
            for (int i = 1; i < layers.size(); i++) {
                sum = sum.add(layers.get(i));
            }
            return scope.keep(sum);
        }
    }

    /** The summand of each tap. Results belong to the caller's scope. */
    public List<Tensor> layers(Tensor x, Tensor y, Request request) {
        checkShapes(x, y);
        List<Tensor> tapsX = taps(x, request);
        List<Tensor> tapsY = taps(y, request);
        List<Tensor> layers = new ArrayList<>();
        for (int i = 0; i < tapsX.size(); i++) {
            Tensor difference = unit(tapsX.get(i)).sub(unit(tapsY.get(i))).square();
            Tensor weighted = request.heads() ? difference.mul(heads.get(i).value()) : difference;
            Tensor map = weighted.sum(new long[] {1}, true, new org.bytedeco.pytorch.ScalarTypeOptional());
            layers.add(request.spatial() ? enlarge(map, x.size(2), x.size(3)) : mean(map));
        }
        return layers;
    }

    /** The taps of one batch of pictures. */
    public List<Tensor> taps(Tensor pictures, Request request) {
        Tensor x = request.unitRange() ? Ops.add(Ops.mul(pictures, 2), -1) : pictures;
        if (request.scaleInput()) {
            x = x.sub(Tensors.of(SHIFT, 1, 3, 1, 1)).div(Tensors.of(SCALE, 1, 3, 1, 1));
        }
        return trunk.taps(x);
    }

    private void checkShapes(Tensor x, Tensor y) {
        long[] shape = Tensors.shape(x);
        if (shape.length != 4 || shape[1] != 3 || !java.util.Arrays.equals(shape, Tensors.shape(y))) {
            throw ZoetropeException.badInput(
                    "LPIPS compares pictures [B,3,H,W] of one shape, got %s and %s",
                    java.util.Arrays.toString(shape), java.util.Arrays.toString(Tensors.shape(y)));
        }
        if (Math.min(shape[2], shape[3]) < net.smallestSide()) {
            throw ZoetropeException.badInput(
                    "LPIPS with the trunk %s needs sides of at least %d pixels, got %dx%d; 64 or more are recommended",
                    net, net.smallestSide(), shape[3], shape[2]);
        }
    }

    private static Tensor unit(Tensor x) {
        Tensor norm = x.square()
                .sum(new long[] {1}, true, new org.bytedeco.pytorch.ScalarTypeOptional())
                .sqrt();
        return x.div(Ops.add(norm, EPS));
    }

    private static Tensor mean(Tensor map) {
        return map.mean(new long[] {2, 3}, true, new org.bytedeco.pytorch.ScalarTypeOptional());
    }

    private static Tensor enlarge(Tensor map, long height, long width) {
        return torch.upsample_bilinear2d(
                map, new long[] {height, width}, false, new DoubleOptional(), new DoubleOptional());
    }
}
