package dev.zoetrope.metrics.network;

import dev.zoetrope.media.Clip;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** What the feature networks do to pixels before, and to vectors after. */
final class Pixels {
    private Pixels() {}

    /** Linear interpolation between pixel centres, without a low-pass filter: align_corners=false, antialias=false. */
    static Tensor bilinear(Tensor frames, long side) {
        return resize(frames, side, false);
    }

    /** Linear interpolation on the grid whose corners are the corner pixels' centres: align_corners=true. */
    static Tensor bilinearCorners(Tensor frames, long side) {
        return resize(frames, side, true);
    }

    private static Tensor resize(Tensor frames, long side, boolean corners) {
        if (frames.size(2) == side && frames.size(3) == side) {
            return frames;
        }
        return torch.upsample_bilinear2d(
                frames, new long[] {side, side}, corners, new DoubleOptional(), new DoubleOptional());
    }

    /** [F,C,H,W] becomes [1,C,F,H,W]. */
    static Tensor asVolume(Tensor frames) {
        return frames.transpose(0, 1).unsqueeze(0);
    }

    static void checkFrames(FeatureExtractor network, Clip clip) {
        if (clip.frameCount() < network.minFrames()) {
            throw ZoetropeException.badInput(
                    "%s needs clips of at least %d frames, got %d; give longer videos, they are not padded",
                    network.name(), network.minFrames(), clip.frameCount());
        }
    }

    /** The rows of [N, D]. */
    static List<double[]> rows(Tensor matrix) {
        double[] values = Tensors.toDoubles(matrix);
        int width = (int) matrix.size(1);
        List<double[]> rows = new ArrayList<>();
        for (int i = 0; i < matrix.size(0); i++) {
            rows.add(Arrays.copyOfRange(values, i * width, (i + 1) * width));
        }
        return rows;
    }
}
