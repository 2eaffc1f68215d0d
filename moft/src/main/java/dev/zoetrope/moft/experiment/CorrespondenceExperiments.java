package dev.zoetrope.moft.experiment;

import dev.zoetrope.diffusion.experiment.Outcome;
import dev.zoetrope.moft.Axis;
import dev.zoetrope.moft.Moft;
import dev.zoetrope.moft.SimilarityMap;
import dev.zoetrope.moft.experiment.ReadingExperiments.Set4;
import dev.zoetrope.moft.experiment.Textures.Sample;
import dev.zoetrope.moft.experiment.Textures.Thing;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.SeededGenerator;
import dev.zoetrope.tensor.Tensors;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The experiments that compare the features of places: AE-3 by heat maps, AE-4 by layers and steps. */
final class CorrespondenceExperiments {
    /** By then a clip of one pixel a frame has moved by whole cells, and so far that standing still is no hit. */
    private static final int LATER = 4;

    private CorrespondenceExperiments() {}

    static Outcome heatMap(MoftExperiments all) {
        Relations relations = new Relations()
                .line(
                        "An object moves right in the reference, right or left in the target, over a still background; mean"
                                + " cosine inside the object, frame 0, 16 pairs.")
                .line("")
                .line("| feature | same direction | opposite | AUC of the object |")
                .line("|---|---:|---:|---:|");
        try (Scope scope = Scope.noGrad();
                TinyNet p = all.fixtures().plain(TinyNet.Kind.MOTION_MODULES);
                TinyNet m = all.fixtures().planted(TinyNet.Kind.MOTION_MODULES)) {
            double[] moft = heat(relations, "fixture M, MOFT", new Lab(m), true);
            double[] vanilla = heat(relations, "fixture M, vanilla", new Lab(m), false);
            heat(relations, "fixture P, MOFT (control)", new Lab(p), true);
            relations.check(moft[0] - moft[1] >= 0.3, "MOFT: %.2f exceeds %.2f by 0.3", moft[0], moft[1]);
            relations.check(
                    Math.abs(vanilla[0] - vanilla[1]) <= 0.1,
                    "vanilla: %.2f and %.2f differ by at most 0.1",
                    vanilla[0],
                    vanilla[1]);
        }
        return relations.outcome();
    }

    private static double[] heat(Relations relations, String name, Lab lab, boolean moft) {
        Tensor channels = Tensors.of(
                lab.profile(ReadingExperiments.K, Lab.MOTION_CHANNELS)
                        .axis(Axis.HORIZONTAL)
                        .channels(),
                Lab.MOTION_CHANNELS);
        int pairs = 16;
        double[] cosine = new double[2];
        double auc = 0;
        for (int i = 0; i < pairs; i++) {
            try (Scope scope = Scope.noGrad()) {
                Sample reference = object(500 + 3 * i, 1);
                Sample same = object(501 + 3 * i, 1);
                Sample opposite = object(502 + 3 * i, -1);
                Tensor features = lab.features(List.of(reference, same, opposite), ReadingExperiments.K);
                Tensor chosen = moft ? Moft.choose(Moft.removeContent(features), channels) : features;
                Tensor source = Moft.pool(Lab.one(chosen, 0), mask(reference))
                        .select(0, 0)
                        .select(0, 0); // [d], frame 0
                for (int j = 0; j < 2; j++) {
                    Tensor target = Ops.slice(chosen.select(0, j + 1L), 0, 0, 1);
                    SimilarityMap map = SimilarityMap.of(source, target);
                    boolean[] inside = inside(j == 0 ? same : opposite);
                    double sum = 0;
                    int count = 0;
                    for (int place = 0; place < inside.length; place++) {
                        sum += inside[place] ? map.values()[place] : 0;
                        count += inside[place] ? 1 : 0;
                    }
                    cosine[j] += sum / count / pairs;
                    auc += j == 0 ? Separation.auc(map.values(), inside) / pairs : 0;
                }
            }
        }
        relations.line("| %s | %.2f | %.2f | %.2f |", name, cosine[0], cosine[1], auc);
        return cosine;
    }

    private static Sample object(long seed, int vx) {
        try (SeededGenerator generator = new SeededGenerator(seed)) {
            Thing thing = new Thing(seed % 2 == 0, 8, 8, 4.5);
            return Textures.withThing(
                    generator,
                    (int) (seed % 2),
                    Textures.Path.still(),
                    thing,
                    Textures.Path.straight(vx, 0, Textures.FRAMES));
        }
    }

    private static boolean[] inside(Sample sample) {
        boolean[] inside = new boolean[64];
        for (int i = 0; i < 64; i++) {
            inside[i] = sample.isObject(0, 2 * (i / 8) + 1, 2 * (i % 8) + 1);
        }
        return inside;
    }

    private static Tensor mask(Sample sample) {
        return Tensors.of(inside(sample), 1, 8, 8).to(torch.ScalarType.Float);
    }

    static Outcome layers(MoftExperiments all) {
        int[] steps = {0, 5, 10, 15};
        Relations relations = new Relations()
                .line("Fisher's ratio of MOFT by tap and step of the inversion, fixture M.")
                .line("")
                .line("| tap | k = 0 | k = 5 | k = 10 | k = 15 |")
                .line("|---|---:|---:|---:|---:|");
        try (Scope scope = Scope.noGrad();
                TinyNet p = all.fixtures().plain(TinyNet.Kind.MOTION_MODULES);
                TinyNet m = all.fixtures().planted(TinyNet.Kind.MOTION_MODULES)) {
            Lab lab = new Lab(m);
            Set4 set = Set4.create();
            double[][] table = new double[ReadingExperiments.TAPS.size()][steps.length];
            double loso15 = 0;
            for (int j = 0; j < steps.length; j++) {
                Map<String, Tensor> features = lab.features(set.clips(), steps[j], Set.copyOf(ReadingExperiments.TAPS));
                for (int i = 0; i < ReadingExperiments.TAPS.size(); i++) {
                    double[][] points = ReadingExperiments.plane(
                            java.util.Objects.requireNonNull(features.get(ReadingExperiments.TAPS.get(i))), true);
                    table[i][j] = Separation.fisher(points, set.labels());
                    if (ReadingExperiments.TAPS.get(i).equals(Lab.TAP)) {
                        loso15 = Separation.leaveOneSceneOut(points, set.labels(), set.scenes());
                    }
                }
            }
            for (int i = 0; i < ReadingExperiments.TAPS.size(); i++) {
                relations.line(
                        "| %s | %.2f | %.2f | %.2f | %.2f |",
                        ReadingExperiments.TAPS.get(i), table[i][0], table[i][1], table[i][2], table[i][3]);
            }
            double[] up1 = table[ReadingExperiments.TAPS.indexOf(Lab.TAP)];
            double most = Math.max(up1[1], Math.max(up1[2], up1[3]));
            double least = Math.min(up1[1], Math.min(up1[2], up1[3]));
            relations
                    .line("")
                    .line(
                            "DIFT: share of the cells of frame 0 whose most similar cell of frame %d, 2 cells on, is within one"
                                    + " cell of where the content went; chance 0.14. Each tap on the grid of the latents;"
                                    + " at t = 800 noise is added, as DIFT does, or the inversion is followed to k = 20.",
                            LATER)
                    .line("")
                    .line("| network | tap | t = 0 | t = 800 | k = 20 |")
                    .line("|---|---|---:|---:|---:|");
            for (String tap : ReadingExperiments.TAPS) {
                difts(relations, "fixture M", lab, set, tap);
                difts(relations, "fixture P", new Lab(p), set, tap);
            }
            double clean = hitRate(lab, set, Lab.TAP, 0, true);
            double noisy = hitRate(lab, set, Lab.TAP, 20, true);
            relations.line("");
            relations.check(most <= 2 * least, "up1 at k = 5, 10, 15: %.2f to %.2f, within a factor of 2", least, most);
            relations.check(
                    noisy <= 0.5 * clean, "DIFT at t = 800 (%.2f) is at most half of t = 0 (%.2f)", noisy, clean);
            relations.check(loso15 >= 0.9, "LOSO of MOFT at k = 15: %.2f is at least 0.9", loso15);
        }
        return relations.outcome();
    }

    private static void difts(Relations relations, String network, Lab lab, Set4 set, String tap) {
        relations.line(
                "| %s | %s | %.2f | %.2f | %.2f |",
                network,
                tap,
                hitRate(lab, set, tap, 0, true),
                hitRate(lab, set, tap, 20, true),
                hitRate(lab, set, tap, 20, false));
    }

    /**
     * Share of cells of frame 0 whose most similar cell of a later frame is where the content went.
     *
     * @param added noise of t = 40 k is added (DIFT: Tang et al., arXiv:2306.03881); or else the clip is inverted that far
     */
    private static double hitRate(Lab lab, Set4 set, String tap, int k, boolean added) {
        Tensor read = added
                ? lab.noisedFeatures(set.clips(), 40 * k, tap)
                : java.util.Objects.requireNonNull(
                        lab.features(set.clips(), k, Set.of(tap)).get(tap));
        Tensor features = Moft.resize(read, 8, 8); // vanilla, [24,F,C,8,8]
        int hits = 0;
        int total = 0;
        for (int i = 0; i < set.clips().size(); i++) {
            Textures.Path path = set.clips().get(i).background();
            for (int place = 0; place < 64; place++) {
                try (Scope scope = Scope.noGrad()) {
                    Tensor clip = features.select(0, i);
                    Tensor source = clip.select(0, 0).select(1, place / 8).select(1, place % 8);
                    int best = SimilarityMap.of(source, Ops.slice(clip, 0, LATER, LATER + 1L))
                            .argMax();
                    double dx = wrap(best % 8 - place % 8 - path.dx()[LATER] / 2.0);
                    double dy = wrap(best / 8 - place / 8 - path.dy()[LATER] / 2.0);
                    hits += Math.max(Math.abs(dx), Math.abs(dy)) <= 1 ? 1 : 0;
                    total++;
                }
            }
        }
        return (double) hits / total;
    }

    private static double wrap(double cells) {
        return cells - 8 * Math.rint(cells / 8);
    }
}
