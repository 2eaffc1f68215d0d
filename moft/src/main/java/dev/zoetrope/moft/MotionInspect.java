package dev.zoetrope.moft;

import dev.zoetrope.diffusion.model.VideoModel;
import dev.zoetrope.diffusion.sampling.CancellationSignal;
import dev.zoetrope.media.Plots;
import dev.zoetrope.tensor.AtomicFiles;
import dev.zoetrope.tensor.Dtype;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.SafetensorsWriter;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/**
 * Shows what a model knows of the motion of clips: principal components with and without content, the weights of the
 * channels, and the traces of the first ones with their deviation, as pictures and tables.
 */
public final class MotionInspect {
    private static final int BARS = 40;

    private MotionInspect() {}

    /**
     * @param reading how clips are read
     * @param clips at least one; a label is the name of the folder it is in or, alone, its own
     * @param region whose places are shown; empty: what the profile was averaged over, or the centre of the frame
     * @param profile whose channels are traced; empty: those of the first component
     * @param traced channels that are drawn, 1 to 12; default 4
     * @param features whether the motion features themselves are written, {@code features.safetensors}: content removed, all
     *     channels and places, float32 [F,C,h,w] for each clip; default false
     * @param output folder
     */
    public record Options(
            ReadingOptions reading,
            List<Path> clips,
            Optional<RegionMask> region,
            Optional<MotionProfile> profile,
            int traced,
            boolean features,
            Path output) {
        /** @throws ZoetropeException BAD_INPUT naming the option that cannot be */
        public Options {
            clips = List.copyOf(clips);
            if (clips.isEmpty()) {
                throw ZoetropeException.badInput("motion inspect needs at least one clip");
            }
            if (traced < 1 || traced > 12) {
                throw ZoetropeException.badInput("traced channels: %d, expected 1 to 12", traced);
            }
        }
    }

    /**
     * What was seen.
     *
     * @param shares share of the first components in the variance of the motion features
     * @param channels most telling first
     * @param velocities of each clip as the profile reads it (right, down), empty without a profile
     * @param files pictures and tables
     */
    public record Report(double[] shares, long[] channels, Map<String, double[]> velocities, List<Path> files) {}

    /** Reads the clips, draws, writes. */
    public static Report run(VideoModel model, Options options, MotionProgress progress, CancellationSignal cancel) {
        MotionSession session = new MotionSession(model, options.reading(), cancel);
        Map<String, Tensor> features = new LinkedHashMap<>();
        try (Scope scope = Scope.noGrad()) {
            for (Path clip : options.clips()) {
                Tensor one = session.features(session.read(clip));
                features.put(label(clip, features), one);
                progress.progress(features.size(), options.clips().size(), "reading clips");
            }
            Report report = new Drawing(options, features, mask(options, session)).draw();
            if (options.features()) {
                Path file = options.output().resolve("features.safetensors");
                write(file, features, session);
                report.files().add(file);
            }
            return report;
        }
    }

    private static void write(Path file, Map<String, Tensor> features, MotionSession session) {
        Map<String, SafetensorsWriter.Content> tensors = new LinkedHashMap<>();
        features.forEach((label, x) ->
                tensors.put(label, MotionProfile.content(Moft.removeContent(x).select(0, 0), Dtype.F32)));
        Tensor any = features.values().iterator().next();
        SafetensorsWriter.write(file, tensors, session.info(any).metadata("features"));
    }

    private static Tensor mask(Options options, MotionSession session) {
        if (options.region().isEmpty()) {
            Extent extent =
                    options.profile().map(profile -> profile.info().extent()).orElse(Extent.CENTRE);
            return extent.mask(session.latentRows(), session.latentColumns());
        }
        RegionMask region = options.region().get();
        region.check(session.width, session.height, session.frames);
        return region.onGrid(session.latentRows(), session.latentColumns());
    }

    private static String label(Path clip, Map<String, Tensor> known) {
        Path parent = clip.toAbsolutePath().getParent();
        String folder = parent == null ? "" : String.valueOf(parent.getFileName()) + "/";
        String name = folder + clip.getFileName();
        return known.containsKey(name) ? name + " " + known.size() : name;
    }

    /** The features of the clips and what is drawn of them. */
    private static final class Drawing {
        private final Options options;
        private final Map<String, Tensor> features;
        private final Tensor mask;
        private final List<Path> files = new ArrayList<>();

        Drawing(Options options, Map<String, Tensor> features, Tensor mask) {
            this.options = options;
            this.features = features;
            this.mask = mask;
        }

        Report draw() {
            scatter("pca-vanilla", "With content", false);
            MotionChannels components = scatter("pca-moft", "Content removed", true);
            long[] order = components.top(components.first().length);
            weights(components, order);
            long[] traced = options.profile()
                    .map(profile -> profile.axes().values().iterator().next().channels())
                    .orElse(order);
            for (int i = 0; i < Math.min(options.traced(), traced.length); i++) {
                trace(Math.toIntExact(traced[i]));
            }
            double[] shares = java.util.Arrays.copyOf(components.shares(), Math.min(8, components.shares().length));
            return new Report(shares, order, velocities(), files);
        }

        private Path file(String name) {
            Path file = options.output().resolve(name);
            files.add(file);
            return file;
        }

        private MotionChannels scatter(String name, String title, boolean moft) {
            List<Tensor> rows = new ArrayList<>();
            Tensor first = Ops.slice(mask, 0, 0, 1);
            features.values().forEach(x -> rows.add(MotionChannels.rows(moft ? Moft.removeContent(x) : x, 0, first)));
            MotionChannels components = MotionChannels.fit(Ops.cat(0, rows), true);
            List<Plots.Series> series = new ArrayList<>();
            StringBuilder csv = new StringBuilder("clip,component1,component2\n");
            int i = 0;
            for (String label : features.keySet()) {
                double[][] points = components.project(rows.get(i++));
                series.add(new Plots.Series(label, column(points, 0), column(points, 1)));
                for (double[] point : points) {
                    csv.append(
                            String.format(Locale.ROOT, "%s,%.6g,%.6g%n", label.replace(',', ' '), point[0], point[1]));
                }
            }
            Plots.scatter(file(name + ".png"), title + ", frame 0", "component 1", "component 2", series);
            AtomicFiles.writeString(file(name + ".csv"), csv.toString());
            return components;
        }

        private static double[] column(double[][] rows, int c) {
            return java.util.Arrays.stream(rows).mapToDouble(row -> row[c]).toArray();
        }

        private void weights(MotionChannels components, long[] order) {
            int count = Math.min(BARS, order.length);
            List<String> names = IntStream.range(0, count)
                    .mapToObj(i -> String.valueOf(order[i]))
                    .toList();
            double[] values = IntStream.range(0, count)
                    .mapToDouble(i -> Math.abs(components.first()[Math.toIntExact(order[i])]))
                    .toArray();
            Plots.bars(file("channel-weights.png"), "Weight in component 1", "weight", names, Map.of("weight", values));
            StringBuilder csv = new StringBuilder("channel,weight\n");
            for (long channel : order) {
                csv.append(String.format(
                        Locale.ROOT, "%d,%.6g%n", channel, components.first()[Math.toIntExact(channel)]));
            }
            AtomicFiles.writeString(file("channel-weights.csv"), csv.toString());
        }

        private void trace(int channel) {
            List<Plots.Series> series = new ArrayList<>();
            List<double[]> deviations = new ArrayList<>();
            StringBuilder csv = new StringBuilder("clip,frame,mean,deviation\n");
            features.forEach((label, x) -> {
                try (Scope scope = Scope.noGrad()) {
                    Tensor one = Moft.choose(Moft.removeContent(x), Tensors.of(new long[] {channel}, 1));
                    Tensor mean = Moft.pool(one, mask).view(1, 1, -1, 1, 1); // a place a frame
                    Tensor away = one.sub(mean.view(1, one.size(1), 1, 1, 1));
                    double[] means = row(mean.flatten());
                    double[] stds = row(org.bytedeco.pytorch.global.torch.sqrt(
                            Moft.pool(away.mul(away), mask).flatten()));
                    series.add(Plots.Series.of(label, means));
                    deviations.add(stds);
                    for (int f = 0; f < means.length; f++) {
                        csv.append(String.format(
                                Locale.ROOT, "%s,%d,%.6g,%.6g%n", label.replace(',', ' '), f, means[f], stds[f]));
                    }
                }
            });
            Plots.bands(file("trace-" + channel + ".png"), "Channel " + channel, "frame", "trace", series, deviations);
            AtomicFiles.writeString(file("trace-" + channel + ".csv"), csv.toString());
        }

        private static double[] row(Tensor values) {
            return Moft.rows(values.view(1, -1))[0];
        }

        private Map<String, double[]> velocities() {
            Map<String, double[]> velocities = new LinkedHashMap<>();
            options.profile()
                    .ifPresent(profile -> features.forEach((label, x) -> {
                        double[][] trace = Moft.rows(Moft.trace(x, mask).select(0, 0));
                        double[] v = new double[2];
                        for (Axis axis : profile.axes().keySet()) {
                            v[axis == Axis.HORIZONTAL ? 0 : 1] = profile.velocity(axis, trace);
                        }
                        velocities.put(label, v);
                    }));
            return velocities;
        }
    }
}
