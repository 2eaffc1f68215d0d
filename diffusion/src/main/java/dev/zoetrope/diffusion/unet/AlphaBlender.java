package dev.zoetrope.diffusion.unet;

import dev.zoetrope.tensor.Init;
import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Parameter;
import dev.zoetrope.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Learned mix of a spatial and a temporal branch: s spatial + (1-s) temporal, s = sigmoid(mix_factor). */
public final class AlphaBlender extends Layer {
    private final Parameter mixFactor;
    private final boolean sigmoidWeighsTemporal;

    /** @param sigmoidWeighsTemporal the other way round, as in the temporal decoder */
    public AlphaBlender(double initialMix, boolean sigmoidWeighsTemporal) {
        this.mixFactor = parameter("mix_factor", Init.constant(initialMix), 1);
        this.sigmoidWeighsTemporal = sigmoidWeighsTemporal;
    }

    /** Both of the same shape. */
    public Tensor forward(Tensor spatial, Tensor temporal) {
        try (Scope scope = Scope.open()) {
            Tensor s = torch.sigmoid(mixFactor.value());
            Tensor temporalWeight = sigmoidWeighsTemporal ? s : Ops.add(Ops.mul(s, -1), 1);
            return scope.keep(spatial.add(temporal.sub(spatial).mul(temporalWeight)));
        }
    }
}
