package dev.zoetrope.diffusion.training;

import dev.zoetrope.data.TrainingClip;
import dev.zoetrope.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;

/** Training clips as tensors. */
public final class ClipTensors {
    private ClipTensors() {}

    /** [F,3,H,W] in [-1,1]. */
    public static Tensor pixels(TrainingClip clip) {
        float[] values = new float[clip.spec().floats()];
        clip.fillChw(values, 0);
        return Tensors.of(
                values,
                clip.spec().frames(),
                3,
                clip.spec().height(),
                clip.spec().width());
    }
}
