package dev.zoetrope.moft.experiment;

import dev.zoetrope.moft.Moft;
import dev.zoetrope.moft.MotionObjective;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import java.util.Optional;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;

/** The control without content removal: the pooled features themselves against those of a reference. */
final class VanillaObjective implements MotionObjective {
    private final float[] target;
    private final long[] shape;

    /** @param features of the reference, [1,F,C,H,W] */
    VanillaObjective(Tensor features) {
        try (Scope scope = Scope.noGrad()) {
            Tensor pooled = Moft.pool(features, Moft.centre(8, 8));
            target = Tensors.toFloats(pooled);
            shape = Tensors.shape(pooled);
        }
    }

    @Override
    public boolean isActive(int step, int steps) {
        return true;
    }

    @Override
    public Tensor loss(int step, int steps, Tensor features, Tensor latents) {
        try (Scope scope = Scope.open()) {
            Tensor pooled = Moft.pool(features, Tensors.full(1, 1, features.size(3), features.size(4)));
            Tensor difference = pooled.sub(Tensors.of(target, shape));
            Tensor perClip = difference.mul(difference).mean(new long[] {1, 2}, false, new ScalarTypeOptional());
            return scope.keep(perClip.sum());
        }
    }

    @Override
    public Optional<Tensor> changeable(long rows, long columns) {
        return Optional.empty();
    }
}
