package dev.zoetrope.diffusion.training;

import dev.zoetrope.tensor.Layers.Linear;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.ZoetropeException;
import org.bytedeco.pytorch.Tensor;

/**
 * A direction code, planted in the features of a tap by a second loss: a linear map has to read from them, content removed,
 * how far what is seen at each place has come (fixture M of the MOFT sheet, section 4). The map is dropped after training.
 * Large published models have such a code by themselves (arXiv:2405.14864); in small ones it does not emerge.
 *
 * @param weight of the loss beside that of denoising, 0 (none) to 10
 * @param unsaid share of the captions that leave the motion out, 0 to 1: only where words do not tell the direction does it
 *     have to be read from the latents, and a prompt that leaves it open be answered by every direction
 */
public record MotionCode(double weight, double unsaid) {
    /** No code, and every caption whole. */
    public static final MotionCode NONE = new MotionCode(0, 0);

    /** @throws ZoetropeException BAD_INPUT for a value outside its range */
    public MotionCode {
        if (!(weight >= 0 && weight <= 10)) {
            throw ZoetropeException.badInput("weight of the motion code: %s, expected 0 (none) to 10", weight);
        }
        if (!(unsaid >= 0 && unsaid <= 1)) {
            throw ZoetropeException.badInput("share of captions without motion: %s, expected 0 to 1", unsaid);
        }
    }

    /** Whether there is a code to plant. */
    public boolean isPlanted() {
        return weight > 0;
    }

    /**
     * Squared error of what is read. Displacements lose their temporal mean as well: features without content have none, so
     * one could not be read from them.
     *
     * @param readout from the C channels of the tap to (x, y)
     * @param tap [(B F),C,H,W]
     * @param displacements [B,F,H,W,2], any unit
     * @return [B,F,H,W,2]
     */
    public static Tensor squaredError(Linear readout, Tensor tap, Tensor displacements) {
        Tensor motion = Ops.minusMean(tap.unflatten(0, displacements.size(0), displacements.size(1)), 1); // [B,F,C,H,W]
        Tensor read = readout.forward(motion.permute(0, 1, 3, 4, 2));
        Tensor error = read.sub(Ops.minusMean(displacements, 1));
        return error.mul(error);
    }
}
