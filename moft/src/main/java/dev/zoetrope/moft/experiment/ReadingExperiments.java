package dev.zoetrope.moft.experiment;

import dev.zoetrope.diffusion.experiment.Outcome;
import dev.zoetrope.diffusion.scheduler.NoiseSchedule;
import dev.zoetrope.media.Plots;
import dev.zoetrope.moft.Axis;
import dev.zoetrope.moft.Heading;
import dev.zoetrope.moft.Moft;
import dev.zoetrope.moft.MotionChannels;
import dev.zoetrope.moft.MotionProfile;
import dev.zoetrope.moft.ProfileFitter;
import dev.zoetrope.moft.experiment.Textures.Sample;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.SeededGenerator;
import dev.zoetrope.tensor.Tensors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/** Gate G and the experiments that read motion: AE-0 to AE-2 and AE-13. */
final class ReadingExperiments {
    private static final int SCENES = 6;
    static final int K = 5;

    static final List<String> TAPS = List.of("mid_block", "up_blocks.0", "up_blocks.1", "up_blocks.2");

    private ReadingExperiments() {}

    static Outcome gate(MoftExperiments all) {
        Relations relations = new Relations()
                .line("Denoising loss at t = 600 with the frames in random order over that in true order, 48 clips.")
                .line("")
                .line("| network | moving clips | still clips |")
                .line("|---|---:|---:|");
        try (TinyNet p = all.fixtures().plain(TinyNet.Kind.MOTION_MODULES);
                TinyNet m = all.fixtures().planted(TinyNet.Kind.MOTION_MODULES);
                TinyNet random = new TinyNet(TinyNet.Kind.MOTION_MODULES)) {
            random.initialise(7);
            gate(relations, "fixture P", p, true);
            gate(relations, "fixture M", m, true);
            gate(relations, "random weights (control)", random, false);
        }
        return relations.outcome();
    }

    /** Adds the gate of one network. */
    static void gate(Relations relations, String name, TinyNet net, boolean trained) {
        double moving = orderRatio(net, true);
        double still = orderRatio(net, false);
        relations.line("| %s | %.3f | %.3f |", name, moving, still);
        relations.check(
                trained ? moving >= 1.1 : Math.abs(moving - 1) <= 0.01,
                "%s, moving clips: %.3f %s",
                name,
                moving,
                trained ? "is at least 1.1" : "is 1 within 0.01");
        relations.check(Math.abs(still - 1) <= 0.01, "%s, still clips: %.3f is 1 within 0.01", name, still);
    }

    private static double orderRatio(TinyNet net, boolean moving) {
        NoiseSchedule schedule = Fixtures.schedule();
        double ordered = 0;
        double scrambled = 0;
        for (int batch = 0; batch < 3; batch++) {
            try (Scope scope = Scope.noGrad();
                    SeededGenerator generator = new SeededGenerator(60 + batch)) {
                List<Sample> samples = new ArrayList<>();
                for (int i = 0; i < 16; i++) {
                    Heading heading = Lab.MOVING.get(i % 4);
                    int speed = moving ? 1 + i / 8 : 0;
                    samples.add(Textures.scene(
                            generator,
                            i % 2,
                            Textures.Path.straight(speed * heading.vx(), speed * heading.vy(), Textures.FRAMES)));
                }
                Tensor clean = Textures.latents(samples);
                Tensor noise = generator.normal(Tensors.shape(clean));
                Tensor order = generator.permutation(Textures.FRAMES);
                ordered += loss(net, schedule, clean, noise, samples);
                scrambled += loss(net, schedule, clean.index_select(2, order), noise, samples);
            }
        }
        return scrambled / ordered;
    }

    private static double loss(TinyNet net, NoiseSchedule schedule, Tensor clean, Tensor noise, List<Sample> samples) {
        try (Scope scope = Scope.noGrad()) {
            Tensor noisy = schedule.addNoise(clean, noise, 600);
            Tensor prediction = net.unet.predict(
                    noisy, Tensors.full(600, samples.size()), net.words.forward(Textures.words(samples)));
            return Tensors.item(Ops.meanSquare(prediction, noise));
        }
    }

    static Outcome planted(MoftExperiments all) {
        Relations relations = new Relations()
                .line(
                        "| seed | found of 4 | with content | Fisher | with content | shuffled labels | AUC | motion channels |"
                                + " with content |")
                .line("|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
        double vanilla = 0;
        for (long seed = 0; seed < 5; seed++) {
            PlantedFeatures.Result r = PlantedFeatures.run(seed);
            vanilla += r.aucVanilla() / 5;
            relations.line(
                    "| %d | %d | %d | %.0f | %.2f | %.2f | %.3f | %.3f | %.3f |",
                    seed,
                    r.found(),
                    r.foundVanilla(),
                    r.fisher(),
                    r.fisherVanilla(),
                    r.shuffled(),
                    r.auc(),
                    r.aucMotion(),
                    r.aucVanilla());
            boolean holds = r.found() == 4
                    && r.foundVanilla() <= 2
                    && r.fisher() > 1000 * r.fisherVanilla()
                    && r.shuffled() < 1
                    && r.auc() >= 0.99
                    && r.aucMotion() >= 0.99;
            relations.check(holds, "seed %d: all of 4 found, at most 2 with content, Fisher, AUC", seed);
        }
        return relations
                .check(vanilla <= 0.65, "mean AUC with content %.3f is at most 0.65", vanilla)
                .outcome();
    }

    /** Clips of every scene and direction, and their features. */
    record Set4(List<Sample> clips, int[] labels, int[] scenes) {
        static Set4 create() {
            List<Sample> clips = new ArrayList<>();
            int[] labels = new int[4 * SCENES];
            int[] scenes = new int[4 * SCENES];
            for (int i = 0; i < labels.length; i++) {
                labels[i] = i % 4;
                scenes[i] = i / 4;
                clips.add(Lab.scene(200 + scenes[i], Lab.pan(Lab.MOVING.get(labels[i]))));
            }
            return new Set4(clips, labels, scenes);
        }
    }

    /** Points of clips in the plane of two components. */
    static double[][] plane(Tensor features, boolean moft) {
        List<Tensor> rows = IntStream.range(0, Math.toIntExact(features.size(0)))
                .mapToObj(i -> Lab.centreRows(Lab.one(features, i), moft))
                .toList();
        MotionChannels components = MotionChannels.fit(Ops.cat(0, rows), true);
        return components.project(Ops.stack(0, rows).mean(1L));
    }

    private static double shuffledFisher(double[][] points, int[] labels) {
        double sum = 0;
        for (int seed = 0; seed < 10; seed++) {
            try (SeededGenerator generator = new SeededGenerator(seed);
                    Scope scope = Scope.noGrad()) {
                long[] order = Tensors.toLongs(generator.permutation(labels.length));
                int[] shuffled = new int[labels.length];
                for (int i = 0; i < order.length; i++) {
                    shuffled[i] = labels[Math.toIntExact(order[i])];
                }
                sum += Separation.fisher(points, shuffled) / 10;
            }
        }
        return sum;
    }

    static Outcome components(MoftExperiments all) {
        Relations relations = new Relations()
                .line("6 scenes in 4 directions, frame 0, centre of the frame, k = 5.")
                .line("")
                .line("| network | LOSO | with content | chance | Fisher | with content | shuffled | at mid |")
                .line("|---|---:|---:|---:|---:|---:|---:|---:|");
        try (TinyNet p = all.fixtures().plain(TinyNet.Kind.MOTION_MODULES);
                TinyNet m = all.fixtures().planted(TinyNet.Kind.MOTION_MODULES)) {
            components(relations, "fixture M", m, Optional.of(all));
            double[] plain = components(relations, "fixture P (control)", p, Optional.empty());
            relations.check(plain[0] <= 0.5, "fixture P: LOSO %.2f is at most 0.5", plain[0]);
            relations.check(plain[1] <= 1, "fixture P: Fisher %.2f is at most 1", plain[1]);
        }
        relations.line("").line("![first two components](moft/AE-1.png)");
        return relations.outcome();
    }

    /**
     * Adds AE-1 of one network.
     *
     * @param checked whether its relations are asserted and drawn; the control is only measured
     * @return LOSO and Fisher with content removed
     */
    static double[] components(Relations relations, String name, TinyNet net, Optional<MoftExperiments> checked) {
        try (Scope scope = Scope.noGrad()) {
            Set4 set = Set4.create();
            Map<String, Tensor> features = new Lab(net).features(set.clips(), K, Set.copyOf(TAPS));
            Tensor up1 = java.util.Objects.requireNonNull(features.get(Lab.TAP));
            Tensor mid = java.util.Objects.requireNonNull(features.get("mid_block"));
            double[][] points = plane(up1, true);
            double[][] vanilla = plane(up1, false);
            double loso = Separation.leaveOneSceneOut(points, set.labels(), set.scenes());
            double fisher = Separation.fisher(points, set.labels());
            double fisherVanilla = Separation.fisher(vanilla, set.labels());
            double shuffled = shuffledFisher(points, set.labels());
            double atMid = Separation.fisher(plane(mid, true), set.labels());
            relations.line(
                    "| %s | %.2f | %.2f | 0.25 | %.2f | %.2f | %.2f | %.2f |",
                    name,
                    loso,
                    Separation.leaveOneSceneOut(vanilla, set.labels(), set.scenes()),
                    fisher,
                    fisherVanilla,
                    shuffled,
                    atMid);
            checked.ifPresent(all -> {
                relations.check(loso >= 0.9, "%s: LOSO %.2f is at least 0.9", name, loso);
                relations.check(
                        fisher >= 1.3 * fisherVanilla,
                        "%s: Fisher %.2f is at least 1.3 x %.2f",
                        name,
                        fisher,
                        fisherVanilla);
                relations.check(
                        fisher >= 20 * shuffled, "%s: Fisher %.2f is at least 20 x %.2f", name, fisher, shuffled);
                relations.check(
                        fisher >= 5 * atMid, "%s: Fisher %.2f is at least 5 x %.2f at mid", name, fisher, atMid);
                scatter(all, points, set);
            });
            return new double[] {loso, fisher};
        }
    }

    private static void scatter(MoftExperiments all, double[][] points, Set4 set) {
        List<Plots.Series> series = new ArrayList<>();
        for (int label = 0; label < 4; label++) {
            int wanted = label;
            int[] mine = IntStream.range(0, points.length)
                    .filter(i -> set.labels()[i] == wanted)
                    .toArray();
            series.add(new Plots.Series(
                    Lab.MOVING.get(label).word(),
                    IntStream.of(mine).mapToDouble(i -> points[i][0]).toArray(),
                    IntStream.of(mine).mapToDouble(i -> points[i][1]).toArray()));
        }
        Plots.scatter(all.picture("AE-1.png"), "MOFT of six scenes", "component 1", "component 2", series);
    }

    private static final Map<String, Textures.Path> PROFILES = profiles();

    private static Map<String, Textures.Path> profiles() {
        Map<String, Textures.Path> profiles = new LinkedHashMap<>();
        profiles.put("right", Lab.pan(Heading.RIGHT));
        profiles.put("left", Lab.pan(Heading.LEFT));
        profiles.put("right, left", Textures.Path.straight(1, 0, 3));
        profiles.put(
                "right, left, right", new Textures.Path(new int[] {0, 1, 2, 1, 0, 1, 2, 3}, new int[Textures.FRAMES]));
        return profiles;
    }

    static Outcome channels(MoftExperiments all) {
        Relations relations = new Relations()
                .line(
                        "Fitted on left and right of 6 scenes, read on 6 others; correlation of a channel's trace with the"
                                + " displacement.")
                .line("")
                .line(
                        "| network | top two channels | median of top 10%% | median of lower half | mass of top 10%% | share of"
                                + " first component |")
                .line("|---|---:|---:|---:|---:|---:|");
        try (Scope scope = Scope.noGrad();
                TinyNet p = all.fixtures().plain(TinyNet.Kind.MOTION_MODULES);
                TinyNet m = all.fixtures().planted(TinyNet.Kind.MOTION_MODULES)) {
            channelsOf(relations, "fixture M", new Lab(m), Optional.of(all));
            channelsOf(relations, "fixture P (control)", new Lab(p), Optional.empty());
            Lab lab = new Lab(m);
            try (ProfileFitter first = lab.fitter(K, Lab.MOTION_CHANNELS, 0, 3);
                    ProfileFitter second = lab.fitter(K, Lab.MOTION_CHANNELS, 3, 6)) {
                int overlap = MotionProfile.overlap(
                        first.fit().axis(Axis.HORIZONTAL).channels(),
                        second.fit().axis(Axis.HORIZONTAL).channels());
                double chance = (double) Lab.MOTION_CHANNELS * Lab.MOTION_CHANNELS / Lab.CHANNELS;
                relations.check(
                        overlap >= 3 * chance,
                        "two groups of scenes share %d of 6 channels, at least 3 x chance (%.1f)",
                        overlap,
                        chance);
            }
        }
        relations.line("").line("![traces of the first motion channel](moft/AE-2.png)");
        return relations.outcome();
    }

    private static void channelsOf(Relations relations, String name, Lab lab, Optional<MoftExperiments> checked) {
        MotionChannels components;
        try (ProfileFitter fitter = lab.fitter(K, Lab.MOTION_CHANNELS, 0, SCENES)) {
            components = fitter.components(Heading.RIGHT, Heading.LEFT);
        }
        long[] order = components.top(Lab.CHANNELS);
        Map<String, double[][][]> traces = new LinkedHashMap<>();
        PROFILES.forEach((profile, path) -> {
            List<Sample> clips = IntStream.range(0, SCENES)
                    .mapToObj(scene -> Lab.scene(300 + scene, path))
                    .toList();
            Tensor features = lab.features(clips, K);
            Tensor trace = Moft.trace(features, Moft.centre(8, 8));
            double[][][] each = new double[SCENES][][];
            for (int i = 0; i < SCENES; i++) {
                each[i] = matrix(trace.select(0, i));
            }
            traces.put(profile, each);
        });
        double[] correlations = new double[Lab.CHANNELS];
        boolean[] oneSign = new boolean[Lab.CHANNELS];
        for (int c = 0; c < Lab.CHANNELS; c++) {
            correlate(traces, c, correlations, oneSign);
        }
        double[] absolute = new double[Lab.CHANNELS];
        double mass = 0;
        double total = 0;
        for (int i = 0; i < Lab.CHANNELS; i++) {
            int c = Math.toIntExact(order[i]);
            absolute[i] = Math.abs(correlations[c]);
            double square = components.first()[c] * components.first()[c];
            total += square;
            mass += i < Lab.CHANNELS / 10 ? square : 0;
        }
        int first = Math.toIntExact(order[0]);
        int second = Math.toIntExact(order[1]);
        double top = Separation.median(java.util.Arrays.copyOf(absolute, Lab.CHANNELS / 10));
        double rest = Separation.median(java.util.Arrays.copyOfRange(absolute, Lab.CHANNELS / 2, Lab.CHANNELS));
        relations.line(
                "| %s | %.2f, %.2f | %.2f | %.2f | %.2f | %.2f |",
                name,
                correlations[first],
                correlations[second],
                top,
                rest,
                mass / total,
                components.shares()[0]);
        if (checked.isEmpty()) {
            relations.check(
                    absolute[0] <= 0.4 && absolute[1] <= 0.4,
                    "%s: the top two, %.2f and %.2f, are at most 0.4",
                    name,
                    absolute[0],
                    absolute[1]);
            return;
        }
        relations.check(
                absolute[0] >= 0.85 && absolute[1] >= 0.85 && oneSign[first] && oneSign[second],
                "%s: the top two, %.2f and %.2f, are at least 0.85 in size with one sign for all motions",
                name,
                correlations[first],
                correlations[second]);
        relations.check(top - rest >= 0.1, "%s: median %.2f of the top 10%% exceeds %.2f by 0.1", name, top, rest);
        double share = mass / total;
        relations.check(share >= 0.2, "%s: mass %.2f of the top 10%% is at least twice uniform", name, share);
        relations.check(
                components.shares()[0] >= 0.35,
                "%s: first component's share %.2f is at least 0.35",
                name,
                components.shares()[0]);
        draw(checked.get(), traces, first);
    }

    private static double[][] matrix(Tensor tensor) {
        float[] values = Tensors.toFloats(tensor);
        int columns = Math.toIntExact(tensor.size(1));
        double[][] rows = new double[values.length / columns][columns];
        for (int i = 0; i < values.length; i++) {
            rows[i / columns][i % columns] = values[i];
        }
        return rows;
    }

    private static void correlate(Map<String, double[][][]> traces, int c, double[] correlations, boolean[] oneSign) {
        List<Double> seen = new ArrayList<>();
        List<Double> true_ = new ArrayList<>();
        boolean positive = true;
        boolean negative = true;
        for (Map.Entry<String, double[][][]> entry : traces.entrySet()) {
            double[] path = displacement(entry.getKey());
            double[] mean = new double[path.length];
            for (double[][] trace : entry.getValue()) {
                for (int f = 0; f < path.length; f++) {
                    seen.add(trace[f][c]);
                    true_.add(path[f]);
                    mean[f] += trace[f][c];
                }
            }
            double correlation = Separation.correlation(mean, path);
            positive &= correlation > 0;
            negative &= correlation < 0;
        }
        correlations[c] = Separation.correlation(
                seen.stream().mapToDouble(v -> v).toArray(),
                true_.stream().mapToDouble(v -> v).toArray());
        oneSign[c] = positive || negative;
    }

    /** Centred displacement to the right. */
    private static double[] displacement(String profile) {
        int[] dx = java.util.Objects.requireNonNull(PROFILES.get(profile)).dx();
        double mean = IntStream.of(dx).average().orElse(0);
        return IntStream.of(dx).mapToDouble(x -> x - mean).toArray();
    }

    private static void draw(MoftExperiments all, Map<String, double[][][]> traces, int c) {
        List<Plots.Series> series = new ArrayList<>();
        List<double[]> deviations = new ArrayList<>();
        traces.forEach((profile, each) -> {
            double[] mean = new double[Textures.FRAMES];
            double[] deviation = new double[Textures.FRAMES];
            for (int f = 0; f < mean.length; f++) {
                int frame = f;
                double[] values = java.util.Arrays.stream(each)
                        .mapToDouble(trace -> trace[frame][c])
                        .toArray();
                double average = java.util.Arrays.stream(values).average().orElse(0);
                mean[f] = average;
                deviation[f] = Math.sqrt(java.util.Arrays.stream(values)
                        .map(v -> (v - average) * (v - average))
                        .average()
                        .orElse(0));
            }
            series.add(Plots.Series.of(profile, mean));
            deviations.add(deviation);
        });
        Plots.bands(all.picture("AE-2.png"), "Motion channel " + c, "frame", "trace", series, deviations);
    }

    static Outcome stills(MoftExperiments all) {
        return all.stills()
                .map(photographs -> StillsExperiment.run(all, photographs))
                .orElseGet(() -> new Relations()
                        .line("Needs at least three photographs: give a folder by --stills, or install Debian's"
                                + " python3-skimage, whose examples are found by themselves.")
                        .check(false, "not run")
                        .outcome());
    }
}
