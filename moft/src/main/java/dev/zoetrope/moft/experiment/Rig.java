package dev.zoetrope.moft.experiment;

import dev.zoetrope.media.ContactSheet;
import dev.zoetrope.moft.Axis;
import dev.zoetrope.moft.GuidanceOptions;
import dev.zoetrope.moft.Heading;
import dev.zoetrope.moft.Moft;
import dev.zoetrope.moft.MotionLoss;
import dev.zoetrope.moft.MotionObjective;
import dev.zoetrope.moft.MotionProfile;
import dev.zoetrope.moft.MotionReference;
import dev.zoetrope.moft.MotionRegion;
import dev.zoetrope.moft.MotionTarget;
import dev.zoetrope.moft.RegionMask;
import dev.zoetrope.moft.RegionObjective;
import dev.zoetrope.moft.experiment.Lab.Guided;
import dev.zoetrope.tensor.Scope;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;

/** The fixture with a fitted profile and the features of a reference clip each way. */
final class Rig implements AutoCloseable {
    static final int SEEDS = 16;
    static final int K = 10;
    private static final long SCENE = 400;
    static final RegionMask WHOLE = RegionMask.whole();

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

    private MotionReference reference(boolean toTheRight) {
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

    /** A pair of runs guided right and left. */
    record Pair(Guided right, Guided left) {
        double difference(int component, Tensor weight) {
            double there = Lab.mean(Lab.flows(right, weight), component);
            return there - Lab.mean(Lab.flows(left, weight), component);
        }

        /** D of the whole frame. */
        double d() {
            return difference(0, Lab.everywhere());
        }
    }

    static Rig rig(MoftExperiments all) {
        return new Rig(all, TinyNet.Kind.MOTION_MODULES);
    }

    static RegionObjective objective(RegionMask mask, MotionTarget... targets) {
        return new RegionObjective(List.of(new MotionRegion(mask, List.of(targets), 1)), MotionLoss.POOLED_MSE);
    }

    static void sheet(MoftExperiments all, String id, ContactSheet.Row... rows) {
        new ContactSheet(Textures.FRAMES, 5, false).write(all.picture(id + ".png"), List.of(rows), Map.of());
    }

    static String text(double[] values) {
        StringBuilder text = new StringBuilder();
        for (double value : values) {
            text.append(String.format(java.util.Locale.ROOT, "%.2f ", value));
        }
        return text.toString().strip();
    }
}
