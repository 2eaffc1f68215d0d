package dev.zoetrope.diffusion.unet;

import dev.zoetrope.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;

/** The sinusoidal code of frame positions, of any length. */
final class FramePosition {
    private FramePosition() {}

    /** PE[f,2i] = sin(f / 10000^(2i/C)), PE[f,2i+1] = cos of the same; [F,C]. */
    static Tensor code(long frames, long width) {
        float[] code = new float[Math.toIntExact(frames * width)];
        for (int f = 0; f < frames; f++) {
            for (int i = 0; i < width; i += 2) {
                float frequency = (float) Math.exp(i * (-Math.log(10000.0) / width));
                code[(int) (f * width + i)] = (float) Math.sin(f * frequency);
                code[(int) (f * width + i + 1)] = (float) Math.cos(f * frequency);
            }
        }
        return Tensors.of(code, frames, width);
    }
}
