package dev.zoetrope.moft.experiment;

import dev.zoetrope.diffusion.experiment.Outcome;
import dev.zoetrope.moft.CountingDenoiser;
import dev.zoetrope.moft.GuidanceOptions;
import dev.zoetrope.moft.KeyValueSharing;
import dev.zoetrope.moft.experiment.Lab.Guided;
import dev.zoetrope.moft.experiment.Rig.Pair;
import java.util.Optional;

/** The experiments on shared keys and values and what they cost: AE-9 and AE-14. */
final class SharingExperiments {
    private SharingExperiments() {}

    static Outcome sharing(MoftExperiments all) {
        Relations relations =
                new Relations().line("| mode | step | D | distance to source |").line("|---|---:|---:|---:|");
        try (Rig rig = Rig.rig(all)) {
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
            Guided foreign = rig.lab.generate(1, Rig.SEEDS, Optional.of(rig.moft(true)), both, Optional.of(1000L));
            Guided own = rig.lab.generate(1, Rig.SEEDS, rig.moft(true), both);
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

    static Outcome cost(MoftExperiments all) {
        Relations relations = new Relations()
                .line("Evaluations of one clip, counted; N = 25, G = 9, R = 2, guidance on.")
                .line("")
                .line("| keys and values | source kept | whole | formula | as far as the tap | formula | gradients |")
                .line("|---|---|---:|---:|---:|---:|---:|");
        try (Rig rig = Rig.rig(all)) {
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
}
