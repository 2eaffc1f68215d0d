package dev.zoetrope.cli;

import dev.zoetrope.diffusion.model.TextToVideoSettings;
import dev.zoetrope.moft.MotionControl;
import dev.zoetrope.moft.PointDrag;
import dev.zoetrope.moft.Trajectory;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** A point that is dragged, and how: options of control. */
final class DragChoice {
    @Option(
            names = "--drag",
            paramLabel = "X,Y=X,Y",
            description =
                    "Drag the point X,Y of the first frame, pixels from the top left, to another by the last; more"
                            + " points joined by = are on the way, and :FRAME after a point says when it is reached"
                            + " (20,32=48,32:7=48,50). Default: none; this or --move is required.")
    private Optional<String> trajectory = Optional.empty();

    @Option(
            names = "--drag-loss",
            paramLabel = "NAME",
            defaultValue = "SQUARED",
            description = "How the features along --drag are compared: ${COMPLETION-CANDIDATES}. Default:"
                    + " ${DEFAULT-VALUE}.")
    private PointDrag.PointLoss loss = PointDrag.PointLoss.SQUARED;

    @Option(
            names = "--drag-radius",
            paramLabel = "X",
            defaultValue = "4",
            description = "Radius of what moves with the point of --drag, above 0, in cells of the latents (8 pixels)."
                    + " Default: ${DEFAULT-VALUE}.")
    private double radius = 4;

    boolean isGiven() {
        return trajectory.isPresent();
    }

    /** Checks what needs no model. */
    void check() {
        trajectory.ifPresent(Trajectory::parse);
    }

    /** The drag in a clip; empty without one. */
    Optional<MotionControl.Drag> build(List<Double> weights, TextToVideoSettings settings) {
        PointDrag.Options usual = PointDrag.Options.DEFAULTS;
        PointDrag.Options options = new PointDrag.Options(
                weights.isEmpty() ? usual.moftWeight() : weights.get(0), loss, usual.sampleRadius(), radius, true);
        return trajectory.map(path -> new MotionControl.Drag(
                Trajectory.parse(path).positions(settings.frames(), settings.width(), settings.height()), options));
    }
}
