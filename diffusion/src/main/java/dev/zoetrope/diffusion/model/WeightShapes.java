package dev.zoetrope.diffusion.model;

import dev.zoetrope.tensor.WeightSource;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.List;

/** Sizes read off the tensors of a file that nobody has checked yet. */
final class WeightShapes {
    private static final int LARGEST = 1 << 20;

    private WeightShapes() {}

    /**
     * One size of a tensor.
     *
     * @throws ZoetropeException CHECKPOINT_MISMATCH if there is no such tensor or axis, or no network has that size
     */
    static int size(WeightSource weights, String name, int axis) {
        List<Long> shape = weights.entry(name).shape();
        if (shape.size() <= axis || shape.get(axis) < 1 || shape.get(axis) > LARGEST) {
            throw ZoetropeException.checkpoint(
                    "%s: %s has shape %s, expected at least %d sizes from 1 to %d; the file is damaged or of another kind",
                    weights.description(), name, shape, axis + 1, LARGEST);
        }
        return Math.toIntExact(shape.get(axis));
    }
}
