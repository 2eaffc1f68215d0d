package dev.zoetrope.moft.experiment;

import dev.zoetrope.diffusion.experiment.Outcome;
import dev.zoetrope.diffusion.scheduler.NoiseSchedule;
import dev.zoetrope.media.Plots;
import dev.zoetrope.moft.Axis;
import dev.zoetrope.moft.Direction;
import dev.zoetrope.moft.Heading;
import dev.zoetrope.moft.MotionCurves;
import dev.zoetrope.moft.MotionObjective;
import dev.zoetrope.moft.MotionProfile;
import dev.zoetrope.moft.MotionTarget;
import dev.zoetrope.moft.experiment.Lab.Guided;
import dev.zoetrope.moft.experiment.Rig.Pair;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.SeededGenerator;
import dev.zoetrope.tensor.Tensors;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * The experiments that steer the whole frame, from seeds 1 to 16 and the same noise: AE-5, AE-6, AE-10, AE-12 and AE-15.
 */
final class ControlExperiments {
    private ControlExperiments() {}

    static Outcome reference(MoftExperiments all) {
        Relations relations = new Relations()
                .line("16 seeds, whole frame, k = 10, equal normalised steps.")
                .line("")
                .line("| guide | step | D | vertical | seeds with right > left |")
                .line("|---|---:|---:|---:|---:|");
        try (Rig rig = Rig.rig(all)) {
            Guided none = rig.source();
            Pair moft = rig.moft(0.05);
            Pair cr = rig.contentRemoved(0.05);
            Pair vanilla = rig.pair(0.05, right -> vanilla(rig, right));
            Pair scrambled = rig.pair(0.05, right -> Rig.objective(Rig.WHOLE, scrambled(rig, right)));
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
            Rig.sheet(
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
        try (Rig rig = Rig.rig(all)) {
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
                    .line("| right, then left | %s |", Rig.text(there))
                    .line("| left, then right | %s |", Rig.text(back))
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
        return Rig.objective(Rig.WHOLE, targets.toArray(new MotionTarget[0]));
    }

    private static double ends(double[] profile) {
        return (profile[0] + profile[1] + profile[2] - profile[4] - profile[5] - profile[6]) / 3;
    }

    static Outcome channelShare(MoftExperiments all) {
        Relations relations = new Relations()
                .line("| step | d = 1 | d = 6 | d = 20 | d = 40 |")
                .line("|---:|---:|---:|---:|---:|");
        try (Rig rig = Rig.rig(all)) {
            MotionProfile ranked = rig.lab.profile(Rig.K, Lab.CHANNELS);
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
                : rig.pair(strength, right -> Rig.objective(Rig.WHOLE, rig.target(right, chosen)));
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

    static Outcome amplitude(MoftExperiments all) {
        Relations relations = new Relations()
                .line(
                        "Deviation of the guided latents over that without guidance, and their denoising loss at t = 200.")
                .line("")
                .line("| step | deviation | loss, guided | loss, without |")
                .line("|---:|---:|---:|---:|");
        try (Rig rig = Rig.rig(all)) {
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
