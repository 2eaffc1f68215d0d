package dev.zoetrope.moft;

import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/** What {@link MotionGuidance} descends on. */
public interface MotionObjective {
    /** Whether there is anything to do at a step; then the network is evaluated for {@link #loss}. */
    boolean isActive(int step, int steps);

    /**
     * The loss at a step.
     *
     * @param features of the noisy latents, [B,F,C,H,W]
     * @param latents that the features depend on
     * @return a scalar with its graph
     */
    Tensor loss(int step, int steps, Tensor features, Tensor latents);

    /**
     * Where the latents may change in clipped frames.
     *
     * @return 0 or 1, [F,rows,columns] or [1,rows,columns]; empty for everywhere
     */
    Optional<Tensor> changeable(long rows, long columns);

    /** The parts whose sum this is; each is clipped to its own {@link #changeable} under {@link RegionClip#OWN}. */
    default List<MotionObjective> parts() {
        return List.of(this);
    }
}
