package dev.zoetrope.diffusion.unet;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** ResNet, attention, ResNet at the coarsest level. */
final class MidBlock extends UNetBlock {
    private final UNetLayer stages;

    MidBlock(UNetConfig config) {
        super(config);
        int level = config.levels() - 1;
        long channels = config.channels().get(level);
        stages = layer(
                resnet(0, channels, channels, 1e-5),
                attention(0, channels, config.midHeads()),
                config.motion().inMidBlock() ? motion(0, channels, level) : List.of(),
                resnet(1, channels, channels, 1e-5));
    }

    Tensor forward(Tensor x, UNetPass pass) {
        Tensor out = stages.forward(x, pass);
        pass.tap(this, out);
        return out;
    }
}
