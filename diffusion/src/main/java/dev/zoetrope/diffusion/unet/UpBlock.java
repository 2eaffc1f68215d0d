package dev.zoetrope.diffusion.unet;

import dev.zoetrope.tensor.Layers.Conv2d;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** n+1 layers, each on [x ; skip], then nearest resize to the next skip's size and a 3x3 convolution unless last. */
final class UpBlock extends UNetBlock {
    private final List<UNetLayer> layers = new ArrayList<>();
    private final @Nullable Conv2d upsampler;
    private final int index;
    private Optional<FreeU> freeU = Optional.empty();

    /** @param index counts from the coarsest level */
    UpBlock(UNetConfig config, int index) {
        super(config);
        this.index = index;
        int last = config.levels() - 1;
        int level = last - index;
        long out = config.channels().get(level);
        long fromBelow = config.channels().get(Math.min(level + 1, last));
        long lastSkip = config.channels().get(Math.max(level - 1, 0));
        boolean attention = config.upAttention().get(index);
        for (int j = 0; j <= config.layers(); j++) {
            long in = (j == 0 ? fromBelow : out) + (j == config.layers() ? lastSkip : out);
            layers.add(layer(
                    resnet(j, in, out, 1e-6),
                    attention ? attention(j, out, config.heads().get(level)) : List.of(),
                    motion(j, out, level)));
        }
        upsampler = index == last ? null : child("upsamplers.0.conv", Conv2d.same3(out, out));
    }

    /** Weights backbone and skips from now on; empty: no longer. */
    void setFreeU(Optional<FreeU> factors) {
        freeU = factors;
    }

    Tensor forward(Tensor x, Deque<Tensor> skips, UNetPass pass) {
        try (Scope scope = Scope.open()) {
            Tensor h = join(x, skips, 0, pass);
            for (int j = 1; j < layers.size(); j++) {
                Tensor next = join(h, skips, j, pass);
                scope.free(h);
                h = next;
            }
            if (upsampler != null) {
                Tensor next = skips.element();
                h = upsampler.forward(Ops.upsampleNearest(h, next.size(2), next.size(3)));
            }
            pass.tap(this, h);
            return scope.keep(h);
        }
    }

    /** Layer {@code j} of [x ; next skip]. */
    private Tensor join(Tensor x, Deque<Tensor> skips, int j, UNetPass pass) {
        try (Scope scope = Scope.open()) {
            Tensor skip = skips.pop();
            Tensor joined = freeU.map(factors -> factors.join(index, x, skip)).orElseGet(() -> Ops.cat(1, x, skip));
            return scope.keep(layers.get(j).forward(joined, pass));
        }
    }
}
