package dev.zoetrope.metrics.network;

import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.Layers.Conv2d;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The convolutional part of an ImageNet classifier, cut into slices whose ends are the taps of LPIPS. Parameters are named
 * {@code net.slice<k>.<n>...}, where n is torchvision's index in {@code features}.
 */
final class LpipsTrunk extends Layer {
    /** One operation of a slice. */
    private interface Step {
        Tensor apply(Tensor x);
    }

    private final List<List<Step>> slices = new ArrayList<>();
    private long channels = 3;

    /** @param widths channels at the taps, as many as the kind has */
    LpipsTrunk(Lpips.Net net, long... widths) {
        if (widths.length != net.widths().length) {
            throw ZoetropeException.badInput(
                    "LPIPS with the trunk %s has %d taps, got %d widths", net, net.widths().length, widths.length);
        }
        switch (net) {
            case ALEX -> alex(widths);
            case VGG -> vgg(widths);
            case SQUEEZE -> squeeze(widths);
        }
    }

    private void alex(long[] widths) {
        slice(conv(1, 0, widths[0], 11, 4, 2));
        slice(LpipsTrunk::pool, conv(2, 3, widths[1], 5, 1, 2));
        slice(LpipsTrunk::pool, conv(3, 6, widths[2], 3, 1, 1));
        slice(conv(4, 8, widths[3], 3, 1, 1));
        slice(conv(5, 10, widths[4], 3, 1, 1));
    }

    private void vgg(long[] widths) {
        int[][] blocks = {{0, 2}, {5, 7}, {10, 12, 14}, {17, 19, 21}, {24, 26, 28}};
        for (int block = 0; block < blocks.length; block++) {
            List<Step> steps = new ArrayList<>();
            if (block > 0) {
                steps.add(x -> maxPool(x, 2, false));
            }
            for (int index : blocks[block]) {
                steps.add(conv(block + 1, index, widths[block], 3, 1, 1));
            }
            slices.add(steps);
        }
    }

    private void squeeze(long[] widths) {
        slice(conv(1, 0, widths[0], 3, 2, 0));
        slice(LpipsTrunk::ceilPool, fire(2, 3, widths[1]), fire(2, 4, widths[1]));
        slice(LpipsTrunk::ceilPool, fire(3, 6, widths[2]), fire(3, 7, widths[2]));
        slice(LpipsTrunk::ceilPool, fire(4, 9, widths[3]));
        slice(fire(5, 10, widths[4]));
        slice(fire(6, 11, widths[5]));
        slice(fire(7, 12, widths[6]));
    }

    private void slice(Step... steps) {
        slices.add(List.of(steps));
    }

    /** A convolution and ReLU. */
    private Step conv(int slice, int index, long out, long kernel, long stride, long padding) {
        Conv2d conv = child("net.slice" + slice + "." + index, new Conv2d(channels, out, kernel, stride, padding));
        channels = out;
        return x -> torch.relu(conv.forward(x));
    }

    /** SqueezeNet's fire: squeeze to an eighth, then 1x1 and 3x3 side by side. */
    private Step fire(int slice, int index, long out) {
        String name = "net.slice" + slice + "." + index + ".";
        Conv2d squeeze = child(name + "squeeze", new Conv2d(channels, out / 8, 1, 1, 0));
        Conv2d one = child(name + "expand1x1", new Conv2d(out / 8, out / 2, 1, 1, 0));
        Conv2d three = child(name + "expand3x3", Conv2d.same3(out / 8, out / 2));
        channels = out;
        return x -> {
            Tensor squeezed = torch.relu(squeeze.forward(x));
            return Ops.cat(1, torch.relu(one.forward(squeezed)), torch.relu(three.forward(squeezed)));
        };
    }

    private static Tensor pool(Tensor x) {
        return maxPool(x, 3, false);
    }

    private static Tensor ceilPool(Tensor x) {
        return maxPool(x, 3, true);
    }

    private static Tensor maxPool(Tensor x, long kernel, boolean ceil) {
        return torch.max_pool2d(
                x, new long[] {kernel, kernel}, new long[] {2, 2}, new long[] {0, 0}, new long[] {1, 1}, ceil);
    }

    /** The slice that has a tensor with torchvision's index {@code n}, or 0. */
    int sliceOf(String index) {
        for (int slice = 1; slice <= slices.size(); slice++) {
            String prefix = "net.slice" + slice + "." + index + ".";
            if (parameters().keySet().stream().anyMatch(name -> name.startsWith(prefix))) {
                return slice;
            }
        }
        return 0;
    }

    /** The taps [B, width, h, w] of [B,3,H,W]. */
    List<Tensor> taps(Tensor x) {
        List<Tensor> taps = new ArrayList<>();
        Tensor h = x;
        for (List<Step> slice : slices) {
            for (Step step : slice) {
                h = step.apply(h);
            }
            taps.add(h);
        }
        return taps;
    }
}
