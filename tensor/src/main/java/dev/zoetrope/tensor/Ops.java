package dev.zoetrope.tensor;

import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** The tensor operations of the networks, with plain Java arguments. Results belong to the innermost open scope. */
public final class Ops {
    private Ops() {}

    public static Tensor add(Tensor a, double b) {
        return a.add(new Scalar(b));
    }

    public static Tensor mul(Tensor a, double b) {
        return a.mul(new Scalar(b));
    }

    /** {@code a * x + b * y}. */
    public static Tensor axpby(double a, Tensor x, double b, Tensor y) {
        return mul(x, a).add(y, new Scalar(b));
    }

    public static Tensor clamp(Tensor x, double low, double high) {
        return x.clamp(
                new org.bytedeco.pytorch.ScalarOptional(new Scalar(low)),
                new org.bytedeco.pytorch.ScalarOptional(new Scalar(high)));
    }

    /** Exact (error function) GELU. */
    public static Tensor gelu(Tensor x) {
        return torch.gelu(x);
    }

    /** {@code x * sigmoid(1.702 x)}. */
    public static Tensor quickGelu(Tensor x) {
        return x.mul(torch.sigmoid(mul(x, 1.702)));
    }

    /** SiLU of a tensor that nobody else uses: overwrites it when no gradient is recorded, which saves a copy. */
    public static Tensor siluOver(Tensor x) {
        return x.requires_grad() ? torch.silu(x) : torch.silu_(x);
    }

    public static Tensor cat(long dim, Tensor... tensors) {
        return torch.cat(new TensorVector(tensors), dim);
    }

    public static Tensor cat(long dim, List<Tensor> tensors) {
        return torch.cat(Tensors.vector(tensors), dim);
    }

    public static Tensor stack(long dim, List<Tensor> tensors) {
        return torch.stack(Tensors.vector(tensors), dim);
    }

    /** The part {@code [start, end)} along {@code dim}, as a view. */
    public static Tensor slice(Tensor x, long dim, long start, long end) {
        return x.slice(dim, new LongOptional(start), new LongOptional(end), 1);
    }

    /** Each element along {@code dim} repeated {@code times} in place: a b c becomes a a b b c c. */
    public static Tensor repeatInterleave(Tensor x, long times, long dim) {
        return times == 1 ? x : x.repeat_interleave(times, new LongOptional(dim), new LongOptional());
    }

    public static Tensor linear(Tensor x, Tensor weight, @Nullable Tensor bias) {
        return torch.linear(x, weight, optional(bias));
    }

    /** 2-D convolution with zero padding, the same {@code stride} and {@code padding} for both axes. */
    public static Tensor conv2d(Tensor x, Tensor weight, @Nullable Tensor bias, long stride, long padding) {
        return convolve(x, weight, bias, new long[] {stride, stride}, padding, padding);
    }

    /**
     * Convolution over the frames of [B,C,F,H,W] with a weight [O,C,3,1,1] and a frame of zeros at both ends. It runs as a
     * 2-D convolution over (frames, pixels): LibTorch's 3-D kernel takes up to four times as long.
     */
    public static Tensor temporalConv(Tensor x, Tensor weight, @Nullable Tensor bias) {
        Tensor flat = x.contiguous().flatten(3, 4);
        Tensor y = convolve(flat, weight.squeeze(4), bias, new long[] {1, 1}, 1, 0);
        return y.unflatten(3, x.size(3), x.size(4));
    }

    /**
     * 3-D convolution of [N,C,T,H,W] without padding.
     *
     * @param stride steps along time, height and width
     */
    public static Tensor conv3d(Tensor x, Tensor weight, @Nullable Tensor bias, long... stride) {
        return convolve(x, weight, bias, stride, 0, 0, 0);
    }

    /**
     * On processors with AVX-512 LibTorch's convolution gives wrong numbers for some widths, because it reads past the
     * channels: forwards for more than 16 channels in that are no multiple of 16; in the gradient with respect to its
     * input also for channels out that are no multiple of 16 and channels in that are an odd multiple. Zero channels up
     * to a safe width change nothing else.
     */
    private static Tensor convolve(Tensor x, Tensor weight, @Nullable Tensor bias, long[] stride, long... padding) {
        boolean gradient = x.requires_grad();
        long in = weight.size(1);
        long missingIn = in <= 16 ? 0 : missing(in, gradient ? 32 : 16);
        long missingOut = gradient ? missing(weight.size(0), 16) : 0;
        if (missingIn == 0 && missingOut == 0) {
            return convolution(x, weight, bias, stride, padding);
        }
        long out = weight.size(0);
        Tensor paddedInput = padChannels(x, missingIn, 0);
        Tensor paddedWeight = padChannels(weight, missingIn, missingOut);
        Tensor paddedBias = bias == null ? null : torch.constant_pad_nd(bias, new long[] {0, missingOut});
        return convolution(paddedInput, paddedWeight, paddedBias, stride, padding)
                .narrow(1, 0, out);
    }

    private static long missing(long channels, long multiple) {
        return (multiple - channels % multiple) % multiple;
    }

    /** Zeros behind axis 1 and axis 0. */
    private static Tensor padChannels(Tensor x, long afterAxis1, long afterAxis0) {
        int last = 2 * Math.toIntExact(x.dim()) - 1; // amounts go from the last axis to the first, before and after
        long[] amounts = new long[last + 1];
        amounts[last] = afterAxis0;
        amounts[last - 2] = afterAxis1;
        return torch.constant_pad_nd(x, amounts);
    }

    private static Tensor convolution(Tensor x, Tensor weight, @Nullable Tensor bias, long[] stride, long[] padding) {
        return padding.length == 2
                ? torch.conv2d(x, weight, optional(bias), stride, padding, new long[] {1, 1}, 1)
                : torch.conv3d(x, weight, optional(bias), stride, padding, new long[] {1, 1, 1}, 1);
    }

    /** GroupNorm with biased variance over the channels of a group and all axes after the second. */
    public static Tensor groupNorm(Tensor x, long groups, Tensor weight, Tensor bias, double eps) {
        return torch.group_norm(x, groups, optional(weight), optional(bias), eps, false);
    }

    public static Tensor layerNorm(Tensor x, Tensor weight, Tensor bias, double eps) {
        return torch.layer_norm(x, Tensors.shape(weight), optional(weight), optional(bias), eps, false);
    }

    /** Nearest-neighbour resize of [N,C,H,W] to {@code height} x {@code width}. */
    public static Tensor upsampleNearest(Tensor x, long height, long width) {
        return torch.upsample_nearest2d(x, new long[] {height, width}, new DoubleOptional(), new DoubleOptional());
    }

    /** Zero padding of the last two axes. */
    public static Tensor pad2d(Tensor x, long left, long right, long top, long bottom) {
        return torch.constant_pad_nd(x, new long[] {left, right, top, bottom});
    }

    /**
     * softmax(q k^T / sqrt(d)) v over [..., L, d].
     *
     * @param mask added to the scores, or {@code null}
     * @param causal token i sees only tokens 0..i
     */
    public static Tensor attention(Tensor q, Tensor k, Tensor v, @Nullable Tensor mask, boolean causal) {
        return torch.scaled_dot_product_attention(q, k, v, optional(mask), 0.0, causal, new DoubleOptional(), false);
    }

    /** Mean of the squared differences over all elements. */
    public static Tensor meanSquare(Tensor a, Tensor b) {
        return torch.mse_loss(a, b);
    }

    /** Minus the mean along an axis. */
    public static Tensor minusMean(Tensor x, long dim) {
        try (Scope scope = Scope.open()) {
            return scope.keep(x.sub(x.mean(new long[] {dim}, true, new ScalarTypeOptional())));
        }
    }

    /** Gradients of a scalar with respect to {@code inputs}; the graph is freed. */
    public static List<Tensor> gradients(Tensor scalar, List<Tensor> inputs) {
        TensorVector result = torch.grad(Tensors.vector(List.of(scalar)), Tensors.vector(inputs));
        Tensor[] copies = new Tensor[inputs.size()];
        for (int i = 0; i < copies.length; i++) {
            // An element of the vector is a view into it: it dies with the vector, so take a handle of its own.
            copies[i] = new Tensor(result.get(i));
        }
        return Arrays.asList(copies);
    }

    /** Gradient of a scalar with respect to {@code input}; the graph stays for another gradient. */
    public static Tensor gradientKeepingGraph(Tensor scalar, Tensor input) {
        TensorVector result = torch.grad(
                Tensors.vector(List.of(scalar)),
                Tensors.vector(List.of(input)),
                new TensorVector(),
                new org.bytedeco.pytorch.BoolOptional(true),
                false,
                false);
        return new Tensor(result.get(0));
    }

    static TensorOptional optional(@Nullable Tensor tensor) {
        return tensor == null ? new TensorOptional() : new TensorOptional(tensor);
    }
}
