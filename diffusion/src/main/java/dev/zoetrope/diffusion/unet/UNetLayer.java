package dev.zoetrope.diffusion.unet;

import dev.zoetrope.tensor.Scope;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** One layer of a block: stages in the family's order, such as ResNet, temporal convolution, transformer. */
record UNetLayer(List<SpatialStage> stages) {
    Tensor forward(Tensor x, UNetPass pass) {
        try (Scope scope = Scope.open()) {
            Tensor h = stages.get(0).forward(x, pass);
            for (SpatialStage stage : stages.subList(1, stages.size())) {
                Tensor next = stage.forward(h, pass);
                scope.free(h); // not only at the end of the layer
                h = next;
            }
            return scope.keep(h);
        }
    }
}
