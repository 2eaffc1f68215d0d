package dev.zoetrope.moft.experiment;

import dev.zoetrope.diffusion.experiment.Outcome;
import dev.zoetrope.moft.GuidanceOptions;
import dev.zoetrope.moft.MotionLoss;
import dev.zoetrope.moft.MotionObjective;
import dev.zoetrope.moft.MotionRegion;
import dev.zoetrope.moft.PointDrag;
import dev.zoetrope.moft.RegionClip;
import dev.zoetrope.moft.RegionMask;
import dev.zoetrope.moft.RegionObjective;
import dev.zoetrope.moft.experiment.Lab.Guided;
import dev.zoetrope.moft.experiment.Rig.Pair;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;

/** The experiments that steer a part of the frame, from seeds 1 to 16 and the same noise: AE-7, AE-8 and AE-11. */
final class RegionExperiments {
    private static final int SIZE = Textures.SIZE;

    private RegionExperiments() {}

    private static RegionMask halfMask(boolean left) {
        return RegionMask.box(SIZE, SIZE, left ? 0 : SIZE / 2, 0, SIZE / 2, SIZE);
    }

    static Outcome region(MoftExperiments all) {
        Relations relations = new Relations()
                .line("| left half guided | D inside | D outside |")
                .line("|---|---:|---:|");
        try (Rig rig = Rig.rig(all)) {
            Function<Boolean, MotionObjective> left =
                    right -> Rig.objective(halfMask(true), rig.target(right, rig.channels()));
            Pair clipped = rig.pair(0.05, left);
            Pair free = rig.pair(Lab.options(0.05).clippedFrames(0).build(), left);
            double inside = clipped.difference(0, Lab.half(true));
            double outside = clipped.difference(0, Lab.half(false));
            double freeInside = free.difference(0, Lab.half(true));
            double freeOutside = free.difference(0, Lab.half(false));
            Pair opposite = rig.pair(0.05, right -> twoHalves(rig, right));
            Pair union =
                    rig.pair(Lab.options(0.05).regionClip(RegionClip.UNION).build(), right -> twoHalves(rig, right));
            int follow = following(opposite.right(), 1);
            int exchanged = following(opposite.left(), -1);
            relations
                    .line("| gradient clip on all frames | %.2f | %.2f |", inside, outside)
                    .line("| without gradient clip (control) | %.2f | %.2f |", freeInside, freeOutside)
                    .line("")
                    .line(
                            "| halves told opposite ways, gradients clipped to | D of the left half | D of the right half |"
                                    + " left half right: follow | exchanged: follow |")
                    .line("|---|---:|---:|---:|---:|")
                    .line(halves("each its own half", opposite))
                    .line(halves("both halves, as in the release (control)", union))
                    .check(
                            inside >= 2 * outside,
                            "with clip D inside %.2f is at least twice D outside %.2f",
                            inside,
                            outside)
                    .check(
                            freeInside <= 1.5 * freeOutside,
                            "without clip D inside %.2f is at most 1.5 x D outside %.2f",
                            freeInside,
                            freeOutside)
                    .check(follow >= 12, "left half right, right half left: %d of 16 seeds follow, at least 12", follow)
                    .check(exchanged >= 12, "the halves exchanged: %d of 16 seeds follow, at least 12", exchanged);
            Rig.sheet(
                    all,
                    "AE-7",
                    Lab.row("left half told right", clipped.right()),
                    Lab.row("left half told left", clipped.left()),
                    Lab.row("halves told apart: left half right, right half left", opposite.right()));
        }
        relations.line("").line("![seed 1](moft/AE-7.png)");
        return relations.outcome();
    }

    private static MotionObjective twoHalves(Rig rig, boolean leftGoesRight) {
        return new RegionObjective(
                List.of(
                        new MotionRegion(halfMask(true), List.of(rig.target(leftGoesRight, rig.channels())), 1),
                        new MotionRegion(halfMask(false), List.of(rig.target(!leftGoesRight, rig.channels())), 1)),
                MotionLoss.POOLED_MSE);
    }

    private static String halves(String clip, Pair told) {
        return String.format(
                Locale.ROOT,
                "| %s | %.2f | %.2f | %d of 16 | %d of 16 |",
                clip,
                told.difference(0, Lab.half(true)),
                told.difference(0, Lab.half(false)),
                following(told.right(), 1),
                following(told.left(), -1));
    }

    private static int following(Guided clips, int sign) {
        double[][] left = Lab.flows(clips, Lab.half(true));
        double[][] right = Lab.flows(clips, Lab.half(false));
        int follow = 0;
        for (int i = 0; i < left.length; i++) {
            follow += sign * (left[i][0] - right[i][0]) > 0 ? 1 : 0;
        }
        return follow;
    }

    static Outcome gradientClip(MoftExperiments all) {
        Relations relations = new Relations()
                .line("Left half guided; change of the right half against the clip without guidance.")
                .line("")
                .line("| step | K = 0 | K = 4 | K = 8 | D inside at each |")
                .line("|---|---:|---:|---:|---|");
        try (Rig rig = Rig.rig(all)) {
            Guided source = rig.source();
            for (GuidanceOptions.StepSize kind : GuidanceOptions.StepSize.values()) {
                double[] outside = new double[3];
                double[] inside = new double[3];
                for (int i = 0; i < 3; i++) {
                    GuidanceOptions options = Lab.options(0.05)
                            .stepSize(kind, kind == GuidanceOptions.StepSize.RAW ? 60 : 0.05)
                            .clippedFrames(i * Textures.FRAMES / 2)
                            .build();
                    Pair pair = rig.pair(
                            options, right -> Rig.objective(halfMask(true), rig.target(right, rig.channels())));
                    outside[i] = Lab.distance(pair.right(), source, Lab.half(false));
                    inside[i] = pair.difference(0, Lab.half(true));
                }
                relations.line(
                        "| %s | %.3f | %.3f | %.3f | %s |", kind, outside[0], outside[1], outside[2], Rig.text(inside));
                relations
                        .check(
                                outside[0] > outside[1] && outside[1] > outside[2],
                                "%s: the change falls with K (%.3f, %.3f, %.3f)",
                                kind,
                                outside[0],
                                outside[1],
                                outside[2])
                        .check(
                                outside[2] <= 0.6 * outside[0],
                                "%s: %.3f is at most 0.6 x %.3f",
                                kind,
                                outside[2],
                                outside[0]);
            }
        }
        return relations.outcome();
    }

    static Outcome drag(MoftExperiments all) {
        Relations relations = new Relations()
                .line(
                        "A point at the centre is dragged at 1 px a frame, half of the seeds to the right and half to the left;"
                                + " mean distance of the tracked patch to the trajectory over the frame's size.")
                .line("")
                .line("| guide | distance |")
                .line("|---|---:|");
        try (Rig rig = Rig.rig(all)) {
            double none = 0;
            double dift = 0;
            double both = 0;
            for (int sign : new int[] {1, -1}) {
                double[][] trajectory = new double[Textures.FRAMES][];
                for (int f = 0; f < trajectory.length; f++) {
                    trajectory[f] = new double[] {7.5 - sign * 3.5 + sign * f, 7.5};
                }
                GuidanceOptions options = Lab.options(0.05).window(0, Lab.STEPS).build();
                PointDrag.Options alone = new PointDrag.Options(6, PointDrag.PointLoss.SQUARED, 1, 4, false);
                Guided source = rig.source();
                Guided place = rig.lab.generate(
                        1, Rig.SEEDS, new PointDrag(rig.profile, trajectory, SIZE, SIZE, 8, alone), options);
                Guided whole = rig.lab.generate(
                        1,
                        Rig.SEEDS,
                        new PointDrag(rig.profile, trajectory, SIZE, SIZE, 8, PointDrag.Options.DEFAULTS),
                        options);
                none += trackDistance(source, trajectory) / 2;
                dift += trackDistance(place, trajectory) / 2;
                both += trackDistance(whole, trajectory) / 2;
            }
            relations
                    .line("| none (control) | %.3f |", none)
                    .line("| DIFT only | %.3f |", dift)
                    .line("| MOFT, then DIFT | %.3f |", both)
                    .check(both < dift, "MOFT with DIFT %.3f is below DIFT only %.3f", both, dift)
                    .check(both < none, "MOFT with DIFT %.3f is below no guidance %.3f", both, none);
        }
        return relations.outcome();
    }

    /** Tracks the 7x7 patch around the first point through the frames by its motion from frame to frame. */
    private static double trackDistance(Guided clips, double[][] trajectory) {
        double sum = 0;
        try (Scope scope = Scope.noGrad()) {
            Tensor video = clips.video();
            for (int i = 0; i < clips.count(); i++) {
                double x = trajectory[0][0];
                double y = trajectory[0][1];
                for (int f = 1; f < trajectory.length; f++) {
                    try (Scope step = Scope.noGrad()) {
                        Tensor two = Ops.slice(video.select(0, i), 0, f - 1L, f + 1L);
                        double[] v = dev.zoetrope.moft.FlowMeter.toroidal(3).mean(two, patch(x, y));
                        x += v[0];
                        y += v[1];
                        sum += Math.hypot(x - trajectory[f][0], y - trajectory[f][1]) / SIZE;
                    }
                }
            }
        }
        return sum / (clips.count() * (trajectory.length - 1));
    }

    private static Tensor patch(double x, double y) {
        float[] weight = new float[SIZE * SIZE];
        for (int i = 0; i < weight.length; i++) {
            int row = i / SIZE;
            double u = i % SIZE - x - SIZE * Math.rint((i % SIZE - x) / SIZE);
            double v = row - y - SIZE * Math.rint((row - y) / SIZE);
            weight[i] = Math.max(Math.abs(u), Math.abs(v)) <= 3.5 ? 1 : 0;
        }
        return Tensors.of(weight, SIZE, SIZE);
    }
}
