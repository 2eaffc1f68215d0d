package dev.zoetrope.diffusion.unet;

import dev.zoetrope.tensor.Layers.Conv2d;
import dev.zoetrope.tensor.Scope;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** n layers, then a 3x3 convolution of stride 2 unless last. Every output is also a skip. */
final class DownBlock extends UNetBlock {
    private final List<UNetLayer> layers = new ArrayList<>();
    private final @Nullable Conv2d downsampler;

    DownBlock(UNetConfig config, int level) {
        super(config);
        long out = config.channels().get(level);
        boolean attention = config.downAttention().get(level);
        for (int j = 0; j < config.layers(); j++) {
            long in = j > 0 || level == 0
                    ? (j > 0 ? out : config.channels().get(0))
                    : config.channels().get(level - 1);
            layers.add(layer(
                    resnet(j, in, out, attention ? 1e-6 : 1e-5),
                    attention ? attention(j, out, config.heads().get(level)) : List.of(),
                    motion(j, out, level)));
        }
        boolean last = level == config.levels() - 1;
        downsampler = last ? null : child("downsamplers.0.conv", new Conv2d(out, out, 3, 2, 1));
    }

    /** [(B F),C,H,W] to [(B F),C',H/2,W/2], adding each intermediate result to {@code skips}. */
    Tensor forward(Tensor x, Deque<Tensor> skips, UNetPass pass) {
        try (Scope scope = Scope.open()) {
            Tensor h = x;
            for (UNetLayer layer : layers) {
                h = scope.keep(layer.forward(h, pass));
                skips.push(h);
            }
            if (downsampler != null) {
                h = scope.keep(downsampler.forward(h));
                skips.push(h);
            }
            pass.tap(this, h);
            return h;
        }
    }
}
