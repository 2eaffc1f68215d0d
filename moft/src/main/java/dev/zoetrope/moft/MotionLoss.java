package dev.zoetrope.moft;

import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.Arrays;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** How far the motion in a region is from its target; summed over the clips of a batch (sheet 2.5). */
public enum MotionLoss {
    /** Mean square of the pooled difference over frames and channels: what the release computes. */
    POOLED_MSE {
        @Override
        Tensor perClip(Tensor motion, Tensor target, Tensor mask) {
            Tensor pooled = Moft.pool(motion, mask); // [B,F,d]
            Tensor difference = pooled.sub(target.dim() == 4 ? Moft.pool(target.unsqueeze(0), mask) : target);
            return difference.mul(difference).mean(new long[] {1, 2}, false, new ScalarTypeOptional());
        }
    },
    /** Euclidean norm over frames and channels at each place, the mean over the region: equation 3. */
    DENSE_L2 {
        @Override
        Tensor perClip(Tensor motion, Tensor target, Tensor mask) {
            Tensor difference = difference(motion, target, mask);
            Tensor squares = difference.mul(difference).sum(1, 2); // [B,H,W]
            // The root has no derivative at 0; below the limit it is constant.
            Tensor norms = torch.sqrt(squares.clamp_min(new Scalar(1e-20)));
            return meanOver(norms, mask);
        }
    },
    /** Sum of absolute differences at each place, the mean over the region. */
    DENSE_L1 {
        @Override
        Tensor perClip(Tensor motion, Tensor target, Tensor mask) {
            return meanOver(difference(motion, target, mask).abs().sum(1, 2), mask);
        }
    },
    /** One minus the cosine over channels, the mean over frames and places. */
    COSINE {
        @Override
        Tensor perClip(Tensor motion, Tensor target, Tensor mask) {
            Tensor cosine = torch.cosine_similarity(motion, everywhere(target).expand_as(motion), 2, 1e-8); // [B,F,H,W]
            Tensor inside = mask.expand(cosine.size(1), -1, -1);
            Tensor sum = Ops.add(cosine.neg(), 1).mul(inside).sum(1, 2, 3);
            return sum.div(inside.sum());
        }
    };

    /** Whether a dense target must be on the very grid of the features. */
    public boolean isDense() {
        return this != POOLED_MSE;
    }

    /**
     * The loss.
     *
     * @param features vanilla features of the noisy latents, [B,F,C,H,W]
     * @param mask [F,H,W] or [1,H,W]
     * @return a scalar, differentiable in the features
     * @throws ZoetropeException BAD_INPUT if the target has another number of frames or another grid
     */
    public Tensor of(Tensor features, MotionTarget target, Tensor mask) {
        Moft.checkGrid(features, mask);
        checkTarget(features, target);
        try (Scope scope = Scope.open()) {
            Tensor motion = Moft.removeContent(Moft.choose(features, target.indices())); // [B,F,d,H,W]
            return scope.keep(perClip(motion, target.tensor(), mask).sum());
        }
    }

    private static void checkTarget(Tensor features, MotionTarget target) {
        if (target.frames() != features.size(1)) {
            throw ZoetropeException.badInput(
                    "a target motion of %d frames for a clip of %d; make it with as many frames",
                    target.frames(), features.size(1));
        }
        long[] grid = target.shape();
        if (target.isDense() && (grid[2] != features.size(3) || grid[3] != features.size(4))) {
            throw ZoetropeException.badInput(
                    "a dense target of %s for a feature grid of %dx%d; use a reference of the video's size or"
                            + " --resize-reference",
                    Arrays.toString(grid), features.size(3), features.size(4));
        }
    }

    /** The loss of each clip, [B]. */
    abstract Tensor perClip(Tensor motion, Tensor target, Tensor mask);

    /** [F,d] or [F,d,H,W] against [B,F,d,H,W]; zero outside the mask. */
    private static Tensor difference(Tensor motion, Tensor target, Tensor mask) {
        return motion.sub(everywhere(target)).mul(mask.unsqueeze(1).unsqueeze(0));
    }

    private static Tensor everywhere(Tensor target) {
        Tensor dense = target.dim() == 4 ? target : target.unsqueeze(-1).unsqueeze(-1);
        return dense.unsqueeze(0);
    }

    /** Mean of [B,H,W] over the places that are inside in some frame. */
    private static Tensor meanOver(Tensor perPlace, Tensor mask) {
        Tensor union = torch.amax(mask, new long[] {0}, false); // [H,W]
        return perPlace.mul(union).sum(1, 2).div(Tensors.full(Tensors.item(union.sum()), 1));
    }
}
