package dev.zoetrope.moft.experiment;

import dev.zoetrope.diffusion.experiment.Outcome;
import dev.zoetrope.diffusion.scheduler.NoiseSchedule;
import dev.zoetrope.media.ContactSheet;
import dev.zoetrope.media.Plots;
import dev.zoetrope.moft.Axis;
import dev.zoetrope.moft.CountingDenoiser;
import dev.zoetrope.moft.Direction;
import dev.zoetrope.moft.GuidanceOptions;
import dev.zoetrope.moft.Heading;
import dev.zoetrope.moft.KeyValueSharing;
import dev.zoetrope.moft.Moft;
import dev.zoetrope.moft.MotionCurves;
import dev.zoetrope.moft.MotionLoss;
import dev.zoetrope.moft.MotionObjective;
import dev.zoetrope.moft.MotionProfile;
import dev.zoetrope.moft.MotionReference;
import dev.zoetrope.moft.MotionRegion;
import dev.zoetrope.moft.MotionTarget;
import dev.zoetrope.moft.PointDrag;
import dev.zoetrope.moft.RegionClip;
import dev.zoetrope.moft.RegionMask;
import dev.zoetrope.moft.RegionObjective;
import dev.zoetrope.moft.experiment.Lab.Guided;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.SeededGenerator;
import dev.zoetrope.tensor.Tensors;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;

/** The experiments that steer: AE-5 to AE-12, AE-14 and AE-15. All from seeds 1 to 16 and the same noise. */
final class ControlExperiments {
    private static final int SEEDS = 16;
    private static final int K = 10;
    private static final long SCENE = 400;
    private static final RegionMask WHOLE = RegionMask.whole();
    private static final int SIZE = Textures.SIZE;

    private ControlExperiments() {}

    /** A pair of runs guided right and left. */
    private record Pair(Guided right, Guided left) {
        double difference(int component, Tensor weight) {
            double there = Lab.mean(Lab.flows(right, weight), component);
            return there - Lab.mean(Lab.flows(left, weight), component);
        }

        /** D of the whole frame. */
        double d() {
            return difference(0, Lab.everywhere());
        }
    }

    /** The fixture with a fitted profile and the features of a reference clip each way. */
    private static final class Rig implements AutoCloseable {
        private final MoftExperiments all;
        private final TinyNet.Kind kind;
        final TinyNet net;
        final Lab lab;
        final MotionProfile profile;
        private final MotionReference right;
        private final MotionReference left;

        Rig(MoftExperiments all, TinyNet.Kind kind) {
            this.all = all;
            this.kind = kind;
            net = all.fixtures().planted(kind);
            lab = new Lab(net);
            profile = lab.profile(K, Lab.MOTION_CHANNELS);
            right = reference(Heading.RIGHT);
            left = reference(Heading.LEFT);
        }

        Tensor features(Heading heading) {
            return lab.features(List.of(Lab.scene(SCENE, Lab.pan(heading))), K);
        }

        private MotionReference reference(Heading heading) {
            try (Scope scope = Scope.noGrad()) {
                return MotionReference.pooled(profile.info(), features(heading), Moft.centre(8, 8));
            }
        }

        MotionReference reference(boolean toTheRight) {
            return toTheRight ? right : left;
        }

        long[] channels() {
            return profile.axis(Axis.HORIZONTAL).channels();
        }

        MotionTarget target(boolean toTheRight, long... channels) {
            return reference(toTheRight).target(channels);
        }

        MotionObjective moft(boolean toTheRight) {
            return objective(WHOLE, target(toTheRight, channels()));
        }

        /** The clips without guidance. */
        Guided source() {
            return all.once(kind + " source", () -> lab.source(1, SEEDS));
        }

        /** Guided by the reference's motion channels, without shared keys and values. */
        Guided moft(boolean toTheRight, double strength) {
            return all.once(
                    kind + " motion channels " + toTheRight + strength,
                    () -> lab.generate(
                            1, SEEDS, moft(toTheRight), Lab.options(strength).build()));
        }

        Pair moft(double strength) {
            return new Pair(moft(true, strength), moft(false, strength));
        }

        /** Guided by all channels of the reference. */
        Pair contentRemoved(double strength) {
            return new Pair(contentRemoved(true, strength), contentRemoved(false, strength));
        }

        private Guided contentRemoved(boolean toTheRight, double strength) {
            long[] every = LongStream.range(0, Lab.CHANNELS).toArray();
            return all.once(
                    kind + " all channels " + toTheRight + strength,
                    () -> lab.generate(
                            1,
                            SEEDS,
                            objective(WHOLE, target(toTheRight, every)),
                            Lab.options(strength).build()));
        }

        Pair pair(GuidanceOptions options, Function<Boolean, MotionObjective> objective) {
            return new Pair(
                    lab.generate(1, SEEDS, objective.apply(true), options),
                    lab.generate(1, SEEDS, objective.apply(false), options));
        }

        Pair pair(double strength, Function<Boolean, MotionObjective> objective) {
            return pair(Lab.options(strength).build(), objective);
        }

        @Override
        public void close() {
            net.close();
        }
    }

    private static Rig rig(MoftExperiments all) {
        return new Rig(all, TinyNet.Kind.MOTION_MODULES);
    }

    private static RegionObjective objective(RegionMask mask, MotionTarget... targets) {
        return new RegionObjective(List.of(new MotionRegion(mask, List.of(targets), 1)), MotionLoss.POOLED_MSE);
    }

    private static void sheet(MoftExperiments all, String id, ContactSheet.Row... rows) {
        new ContactSheet(Textures.FRAMES, 5, false).write(all.picture(id + ".png"), List.of(rows), Map.of());
    }

    static Outcome reference(MoftExperiments all) {
        Relations relations = new Relations()
                .line("16 seeds, whole frame, k = 10, equal normalised steps.")
                .line("")
                .line("| guide | step | D | vertical | seeds with right > left |")
                .line("|---|---:|---:|---:|---:|");
        try (Rig rig = rig(all)) {
            Guided none = rig.source();
            Pair moft = rig.moft(0.05);
            Pair cr = rig.contentRemoved(0.05);
            Pair vanilla = rig.pair(0.05, right -> vanilla(rig, right));
            Pair scrambled = rig.pair(0.05, right -> objective(WHOLE, scrambled(rig, right)));
            row(relations, "none (control)", 0, new Pair(none, none));
            row(relations, "MOFT", 0.05, moft);
            row(relations, "content removed, all channels", 0.05, cr);
            row(relations, "vanilla features", 0.05, vanilla);
            row(relations, "scrambled channels (control)", 0.05, scrambled);
            Pair moftStrong = rig.moft(0.15);
            Pair crStrong = rig.contentRemoved(0.15);
            Pair vanillaStrong = rig.pair(0.15, right -> vanilla(rig, right));
            row(relations, "MOFT", 0.15, moftStrong);
            row(relations, "content removed, all channels", 0.15, crStrong);
            row(relations, "vanilla features", 0.15, vanillaStrong);
            double d = moft.d();
            double strong = moftStrong.d();
            int agree = agreeing(moft);
            double vertical = Math.abs(moft.difference(1, Lab.everywhere()));
            double first = moft.right().updates().get(0).loss();
            double last = moft.right()
                    .updates()
                    .get(moft.right().updates().size() - 1)
                    .loss();
            relations
                    .check(d >= 0.4, "D(MOFT) %.2f is at least 0.4", d)
                    .check(agree >= 14, "right exceeds left in %d of 16 seeds, at least 14", agree)
                    .check(
                            Math.abs(scrambled.d()) <= 0.15,
                            "|D(scrambled)| %.2f is at most 0.15",
                            Math.abs(scrambled.d()))
                    .check(d >= cr.d() - 0.15, "D(MOFT) %.2f is at least D(all channels) %.2f - 0.15", d, cr.d())
                    .check(
                            strong >= 1.3 * crStrong.d(),
                            "at 0.15 D(MOFT) %.2f is at least 1.3 x %.2f",
                            strong,
                            crStrong.d())
                    .check(
                            strong >= 1.5 * vanillaStrong.d(),
                            "at 0.15 D(MOFT) %.2f is at least 1.5 x vanilla %.2f",
                            strong,
                            vanillaStrong.d())
                    .check(vertical <= 0.25 * d, "vertical change %.2f is at most a quarter of D", vertical)
                    .check(last <= 0.2 * first, "loss falls from %.4f to %.4f, to at most a fifth", first, last);
            sheet(
                    all,
                    "AE-5",
                    Lab.row("no guidance", none),
                    Lab.row("guided right", moft.right()),
                    Lab.row("guided left", moft.left()),
                    Lab.row("guided right, scrambled channels", scrambled.right()));
        }
        relations.line("").line("![seed 1](moft/AE-5.png)");
        return relations.outcome();
    }

    private static MotionObjective vanilla(Rig rig, boolean right) {
        try (Scope scope = Scope.noGrad()) {
            return new VanillaObjective(rig.features(right ? Heading.RIGHT : Heading.LEFT));
        }
    }

    /** The motion of other channels, asked of the motion channels. */
    private static MotionTarget scrambled(Rig rig, boolean right) {
        try (Scope scope = Scope.noGrad();
                SeededGenerator generator = new SeededGenerator(13)) {
            long[] permutation = Tensors.toLongs(generator.permutation(Lab.CHANNELS));
            long[] others = new long[rig.channels().length];
            for (int i = 0; i < others.length; i++) {
                others[i] = permutation[Math.toIntExact(rig.channels()[i])];
            }
            MotionTarget other = rig.target(right, others);
            return new MotionTarget(rig.channels(), other.values(), other.shape());
        }
    }

    private static int agreeing(Pair pair) {
        double[][] right = Lab.flows(pair.right(), Lab.everywhere());
        double[][] left = Lab.flows(pair.left(), Lab.everywhere());
        int agree = 0;
        for (int i = 0; i < right.length; i++) {
            agree += right[i][0] > left[i][0] ? 1 : 0;
        }
        return agree;
    }

    private static void row(Relations relations, String name, double strength, Pair pair) {
        relations.line(
                "| %s | %.2f | %.2f | %.2f | %d |",
                name, strength, pair.d(), pair.difference(1, Lab.everywhere()), agreeing(pair));
    }

    static Outcome synthesised(MoftExperiments all) {
        Relations relations = new Relations()
                .line("| target | D or velocity between frames |")
                .line("|---|---|");
        try (Rig rig = rig(all)) {
            double reference = rig.moft(0.05).d();
            Pair linear = rig.pair(0.05, right -> synthetic(rig, right ? "right" : "left", MotionCurves.Kind.LINEAR));
            Pair empirical =
                    rig.pair(0.05, right -> synthetic(rig, right ? "right" : "left", MotionCurves.Kind.EMPIRICAL));
            Pair turns = rig.pair(
                    0.05,
                    right -> synthetic(rig, right ? "right*4,left*3" : "left*4,right*3", MotionCurves.Kind.LINEAR));
            double[] there = Lab.profileX(turns.right());
            double[] back = Lab.profileX(turns.left());
            relations
                    .line("| reference clip | %.2f |", reference)
                    .line("| synthesised, linear | %.2f |", linear.d())
                    .line("| synthesised, empirical | %.2f |", empirical.d())
                    .line("| right, then left | %s |", text(there))
                    .line("| left, then right | %s |", text(back))
                    .check(
                            linear.d() >= 0.8 * reference,
                            "D(synthesised) %.2f is at least 0.8 x D(reference) %.2f",
                            linear.d(),
                            reference)
                    .check(
                            ends(there) >= 0.5,
                            "right, then left: first three minus last three %.2f >= 0.5",
                            ends(there))
                    .check(
                            ends(back) <= -0.5,
                            "left, then right: first three minus last three %.2f <= -0.5",
                            ends(back));
            Plots.lines(
                    all.picture("AE-6.png"),
                    "Velocity of clips told to turn",
                    "pair of frames",
                    "pixels a frame to the right",
                    false,
                    List.of(Plots.Series.of("right, then left", there), Plots.Series.of("left, then right", back)));
        }
        relations.line("").line("![velocity](moft/AE-6.png)");
        return relations.outcome();
    }

    private static MotionObjective synthetic(Rig rig, String direction, MotionCurves.Kind kind) {
        List<MotionTarget> targets = rig.profile.synthesise(Direction.parse(direction), kind, Textures.FRAMES, 1);
        return objective(WHOLE, targets.toArray(new MotionTarget[0]));
    }

    private static double ends(double[] profile) {
        return (profile[0] + profile[1] + profile[2] - profile[4] - profile[5] - profile[6]) / 3;
    }

    private static String text(double[] values) {
        StringBuilder text = new StringBuilder();
        for (double value : values) {
            text.append(String.format(java.util.Locale.ROOT, "%.2f ", value));
        }
        return text.toString().strip();
    }

    private static RegionMask halfMask(boolean left) {
        return RegionMask.box(SIZE, SIZE, left ? 0 : SIZE / 2, 0, SIZE / 2, SIZE);
    }

    static Outcome region(MoftExperiments all) {
        Relations relations = new Relations()
                .line("| left half guided | D inside | D outside |")
                .line("|---|---:|---:|");
        try (Rig rig = rig(all)) {
            Function<Boolean, MotionObjective> left =
                    right -> objective(halfMask(true), rig.target(right, rig.channels()));
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
                            "| halves told opposite ways, gradients clipped to | left half right: follow | exchanged: follow |")
                    .line("|---|---:|---:|")
                    .line("| each its own half | %d of 16 | %d of 16 |", follow, exchanged)
                    .line(
                            "| both halves, as in the release (control) | %d of 16 | %d of 16 |",
                            following(union.right(), 1), following(union.left(), -1))
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
            sheet(
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
        try (Rig rig = rig(all)) {
            Guided source = rig.source();
            for (GuidanceOptions.StepSize kind : GuidanceOptions.StepSize.values()) {
                double[] outside = new double[3];
                double[] inside = new double[3];
                for (int i = 0; i < 3; i++) {
                    GuidanceOptions options = Lab.options(0.05)
                            .stepSize(kind, kind == GuidanceOptions.StepSize.RAW ? 60 : 0.05)
                            .clippedFrames(i * Textures.FRAMES / 2)
                            .build();
                    Pair pair =
                            rig.pair(options, right -> objective(halfMask(true), rig.target(right, rig.channels())));
                    outside[i] = Lab.distance(pair.right(), source, Lab.half(false));
                    inside[i] = pair.difference(0, Lab.half(true));
                }
                relations.line(
                        "| %s | %.3f | %.3f | %.3f | %s |", kind, outside[0], outside[1], outside[2], text(inside));
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

    static Outcome sharing(MoftExperiments all) {
        Relations relations =
                new Relations().line("| mode | step | D | distance to source |").line("|---|---:|---:|---:|");
        try (Rig rig = rig(all)) {
            Guided source = rig.source();
            double[][] off = new double[4][];
            double[] strengths = {0.02, 0.04, 0.06, 0.09};
            for (int i = 0; i < strengths.length; i++) {
                off[i] = shared(relations, rig, source, KeyValueSharing.OFF, strengths[i]);
            }
            double[] optimise = shared(relations, rig, source, KeyValueSharing.OPTIMISE, 0.02);
            double[] predict = shared(relations, rig, source, KeyValueSharing.OPTIMISE_AND_PREDICT, 0.02);
            GuidanceOptions both = Lab.options(0.02)
                    .sharing(KeyValueSharing.OPTIMISE_AND_PREDICT)
                    .build();
            Guided foreign = rig.lab.generate(1, SEEDS, Optional.of(rig.moft(true)), both, Optional.of(1000L));
            Guided own = rig.lab.generate(1, SEEDS, rig.moft(true), both);
            double other = Lab.distance(foreign, source, Lab.everywhere());
            double mine = Lab.distance(own, source, Lab.everywhere());
            double matched = interpolate(off, predict[0]);
            relations.line("| keys and values of other noise (control) | 0.02 | | %.3f |", other);
            relations
                    .check(
                            optimise[0] >= 1.3 * off[0][0],
                            "D(OPTIMISE) %.2f is at least 1.3 x D(OFF) %.2f",
                            optimise[0],
                            off[0][0])
                    .check(
                            predict[1] <= 1.2 * matched,
                            "at equal D the distance with shared predictions %.3f is at most 1.2 x %.3f",
                            predict[1],
                            matched)
                    .check(
                            other > mine,
                            "keys and values of other noise move it further: %.3f against %.3f",
                            other,
                            mine);
        }
        return relations.outcome();
    }

    /** D and distance. */
    private static double[] shared(Relations relations, Rig rig, Guided source, KeyValueSharing mode, double strength) {
        Pair pair = mode == KeyValueSharing.OFF
                ? rig.moft(strength)
                : rig.pair(Lab.options(strength).sharing(mode).build(), rig::moft);
        double distance = Lab.distance(pair.right(), source, Lab.everywhere());
        relations.line("| %s | %.2f | %.2f | %.3f |", mode, strength, pair.d(), distance);
        return new double[] {pair.d(), distance};
    }

    /** Distance at a D, along measured points; the nearest end outside of them. */
    private static double interpolate(double[][] points, double d) {
        for (int i = 1; i < points.length; i++) {
            double low = points[i - 1][0];
            double high = points[i][0];
            if (d >= Math.min(low, high) && d <= Math.max(low, high) && low != high) {
                double share = (d - low) / (high - low);
                return (1 - share) * points[i - 1][1] + share * points[i][1];
            }
        }
        return d < points[0][0] ? points[0][1] : points[points.length - 1][1];
    }

    static Outcome channelShare(MoftExperiments all) {
        Relations relations = new Relations()
                .line("| step | d = 1 | d = 6 | d = 20 | d = 40 |")
                .line("|---:|---:|---:|---:|---:|");
        try (Rig rig = rig(all)) {
            MotionProfile ranked = rig.lab.profile(K, Lab.CHANNELS);
            long[] order = ranked.axis(Axis.HORIZONTAL).channels();
            int[] counts = {1, 6, 20, 40};
            double[][] d = new double[2][counts.length];
            double[] strengths = {0.05, 0.15};
            for (int s = 0; s < 2; s++) {
                for (int i = 0; i < counts.length; i++) {
                    long[] chosen = java.util.Arrays.copyOf(order, counts[i]);
                    d[s][i] = share(rig, strengths[s], chosen).d();
                }
                relations.line(
                        "| %.2f | %.2f | %.2f | %.2f | %.2f |", strengths[s], d[s][0], d[s][1], d[s][2], d[s][3]);
            }
            relations
                    .check(d[0][1] >= d[0][3] - 0.1, "at 0.05 D(6) %.2f is at least D(40) %.2f - 0.1", d[0][1], d[0][3])
                    .check(d[1][1] > d[1][3], "at 0.15 D(6) %.2f exceeds D(40) %.2f", d[1][1], d[1][3]);
        }
        return relations.outcome();
    }

    private static Pair share(Rig rig, double strength, long... chosen) {
        if (chosen.length == Lab.MOTION_CHANNELS) {
            return rig.moft(strength);
        }
        return chosen.length == Lab.CHANNELS
                ? rig.contentRemoved(strength)
                : rig.pair(strength, right -> objective(WHOLE, rig.target(right, chosen)));
    }

    static Outcome drag(MoftExperiments all) {
        Relations relations = new Relations()
                .line(
                        "A point at the centre is dragged at 1 px a frame, half of the seeds to the right and half to the left;"
                                + " mean distance of the tracked patch to the trajectory over the frame's size.")
                .line("")
                .line("| guide | distance |")
                .line("|---|---:|");
        try (Rig rig = rig(all)) {
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
                        1, SEEDS, new PointDrag(rig.profile, trajectory, SIZE, SIZE, 8, alone), options);
                Guided whole = rig.lab.generate(
                        1,
                        SEEDS,
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

    static Outcome portability(MoftExperiments all) {
        Relations relations = new Relations()
                .line(
                        "The same experiments on a network with temporal convolutions and temporal attention instead of motion"
                                + " modules; only the profile is fitted anew.")
                .line("")
                .line("| network | moving clips | still clips |")
                .line("|---|---:|---:|");
        try (Rig rig = new Rig(all, TinyNet.Kind.TEMPORAL_CONVOLUTIONS)) {
            ReadingExperiments.gate(relations, "second backbone", rig.net, true);
            relations
                    .line("")
                    .line("| network | LOSO | with content | chance | Fisher | with content | shuffled | at mid |")
                    .line("|---|---:|---:|---:|---:|---:|---:|---:|");
            double[] read = ReadingExperiments.components(relations, "second backbone", rig.net, Optional.empty());
            Pair pair = rig.moft(0.05);
            int agree = agreeing(pair);
            relations
                    .line("")
                    .line("D(MOFT) at 0.05: %.2f.", pair.d())
                    .check(read[0] >= 0.9, "LOSO %.2f is at least 0.9", read[0])
                    .check(agree >= 14, "right exceeds left in %d of 16 seeds, at least 14", agree);
        }
        return relations.outcome();
    }

    static Outcome cost(MoftExperiments all) {
        Relations relations = new Relations()
                .line("Evaluations of one clip, counted; N = 25, G = 9, R = 2, guidance on.")
                .line("")
                .line("| keys and values | source kept | whole | formula | as far as the tap | formula | gradients |")
                .line("|---|---|---:|---:|---:|---:|---:|");
        try (Rig rig = rig(all)) {
            for (KeyValueSharing mode : KeyValueSharing.values()) {
                for (boolean keep : new boolean[] {false, true}) {
                    CountingDenoiser counter = new CountingDenoiser(rig.net.unet);
                    GuidanceOptions options =
                            Lab.options(0.02).sharing(mode).keepSource(keep).build();
                    Guided clips = new Lab(rig.net, counter).generate(1, 1, rig.moft(true), options);
                    int reference = keep || mode == KeyValueSharing.OPTIMISE_AND_PREDICT
                            ? Lab.STEPS
                            : mode == KeyValueSharing.OPTIMISE ? options.endStep() : 0;
                    long whole = 2L * Lab.STEPS + 2L * reference;
                    int gradients = clips.updates().size();
                    relations.line(
                            "| %s | %s | %d | %d | %d | 18 | %d |",
                            mode, keep ? "yes" : "no", counter.whole(), whole, counter.stopped(), gradients);
                    relations.check(
                            counter.whole() == whole && counter.stopped() == 18 && gradients == 18,
                            "%s, source %s: equal to the formula",
                            mode,
                            keep ? "kept" : "not kept");
                }
            }
        }
        return relations.outcome();
    }

    static Outcome amplitude(MoftExperiments all) {
        Relations relations = new Relations()
                .line(
                        "Deviation of the guided latents over that without guidance, and their denoising loss at t = 200.")
                .line("")
                .line("| step | deviation | loss, guided | loss, without |")
                .line("|---:|---:|---:|---:|");
        try (Rig rig = rig(all)) {
            Guided source = rig.source();
            double plain = lossAt200(rig, source);
            double[] strengths = {0.02, 0.05, 0.15};
            for (double strength : strengths) {
                Guided guided = rig.moft(true, strength);
                double ratio = Lab.deviation(guided) / Lab.deviation(source);
                relations.line("| %.2f | %.2f | %.4f | %.4f |", strength, ratio, lossAt200(rig, guided), plain);
                boolean strong = strength > 0.1;
                relations.check(
                        strong ? ratio > 1.3 : ratio >= 0.9 && ratio <= 1.15,
                        "at %.2f the ratio %.2f is %s",
                        strength,
                        ratio,
                        strong ? "above 1.3: the check is alive" : "within 0.9 and 1.15");
            }
        }
        return relations.outcome();
    }

    private static double lossAt200(Rig rig, Guided clips) {
        NoiseSchedule schedule = Fixtures.schedule();
        try (Scope scope = Scope.noGrad();
                SeededGenerator generator = new SeededGenerator(3)) {
            Tensor noise = generator.normal(Tensors.shape(clips.tensor()));
            Tensor noisy = schedule.addNoise(clips.tensor(), noise, 200);
            Tensor prediction =
                    rig.net.unet.predict(noisy, Tensors.full(200, clips.count()), rig.net.words.none(clips.count()));
            return Tensors.item(Ops.meanSquare(prediction, noise));
        }
    }
}
