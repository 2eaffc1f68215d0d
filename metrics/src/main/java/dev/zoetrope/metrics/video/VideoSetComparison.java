package dev.zoetrope.metrics.video;

import dev.zoetrope.media.Clip;
import dev.zoetrope.media.Frame;
import dev.zoetrope.metrics.Bootstrap;
import dev.zoetrope.metrics.FeatureStatistics.Normaliser;
import dev.zoetrope.metrics.motion.BlockMatching;
import dev.zoetrope.metrics.motion.FlowProvider;
import dev.zoetrope.metrics.motion.Temporal;
import dev.zoetrope.metrics.motion.WarpingError;
import dev.zoetrope.metrics.network.C3d;
import dev.zoetrope.metrics.network.FeatureExtractor;
import dev.zoetrope.metrics.network.I3d;
import dev.zoetrope.metrics.network.InceptionV3;
import dev.zoetrope.metrics.network.RandomVideoNetwork;
import dev.zoetrope.tensor.Sha256;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleBiFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Compares a folder of generated (or coded) videos with one of real (or reference) videos, one video at a time: a thousand
 * need no more memory than ten, but for a few numbers and the prompt of each, and for KID and re-sampling, which keep the features.
 *
 * <pre>{@code
 * VideoSetOptions options = VideoSetOptions.builder(real, fake).size(64).build();
 * VideoSetComparison.Outcome outcome = VideoSetComparison.run(options, (done, total) -> {});
 * ComparisonFiles.write(outcome, folder);
 * }</pre>
 */
public final class VideoSetComparison {
    /** Is told after every video, on the thread that works; it may throw to stop the run. */
    @FunctionalInterface
    public interface Listener {
        void video(int done, int total);
    }

    /**
     * What came out.
     *
     * @param results in the order of the measures
     * @param notes what the reader should know: videos left out, files in both folders, a frozen set
     */
    public record Outcome(List<MetricResult> results, List<String> notes) {
        public Outcome {
            results = List.copyOf(results);
            notes = List.copyOf(notes);
        }
    }

    private static final int PROXY_SEEDS = 3;
    /** A set that moves less than this, pixels a frame, is called static. */
    private static final double STATIC_SPEED = 0.05;

    private final VideoSetOptions options;
    private final Optional<Embeddings> embeddings;
    private final List<String> notes = new ArrayList<>();
    private final Listener listener;
    private int done;
    private int total;
    private String resolution = "";
    private Path firstFile = Path.of("");
    private @Nullable FeatureExtractor inception;

    private VideoSetComparison(VideoSetOptions options, Optional<Embeddings> embeddings, Listener listener) {
        this.options = options;
        this.embeddings = embeddings;
        this.listener = listener;
    }

    /**
     * Runs all measures but those that need {@link Embeddings}.
     *
     * @throws ZoetropeException BAD_INPUT naming the video that cannot be read or does not fit; CHECKPOINT_MISMATCH if a
     *     measure needs embeddings
     */
    public static Outcome run(VideoSetOptions options, Listener listener) {
        return new VideoSetComparison(options, Optional.empty(), listener).run();
    }

    /** As {@link #run(VideoSetOptions, Listener)}, for all measures; BAD_INPUT also lists the videos without a prompt. */
    public static Outcome run(VideoSetOptions options, Embeddings embeddings, Listener listener) {
        return new VideoSetComparison(options, Optional.of(embeddings), listener).run();
    }

    private Outcome run() {
        Optional<VideoSet> real =
                options.fromStatistics() ? Optional.empty() : Optional.of(new VideoSet(options, true));
        List<Path> realFiles = real.map(VideoSet::files).orElse(List.of());
        VideoSet fake = new VideoSet(options, false);
        boolean sets = asked(Measure.Kind.SETS);
        boolean pairs = asked(Measure.Kind.PAIRS);
        Optional<EmbeddingComparison> embedded = embedded(fake);
        if (options.bootstrap() > 0) {
            Bootstrap.check(fake.files().size());
            Bootstrap.check(sets ? realFiles.size() : Bootstrap.MIN_ITEMS);
        }
        boolean reference = embedded.isPresent() && embedded.get().measuresReal();
        total = (sets ? realFiles.size() + fake.files().size() : 0)
                + (pairs ? fake.files().size() : 0)
                + (embedded.isPresent() ? fake.files().size() : 0)
                + (reference ? realFiles.size() : 0);
        noteDuplicates(realFiles, fake.files());
        List<MetricResult> results = new ArrayList<>();
        if (sets) {
            results.addAll(compareSets(real, fake));
        }
        if (pairs) {
            results.addAll(comparePairs(fake));
        }
        if (embedded.isPresent()) {
            results.addAll(embed(embedded.get(), reference ? realFiles : List.of(), fake.files()));
        }
        noteIntervals(results);
        return new Outcome(results, notes);
    }

    private boolean asked(Measure.Kind kind) {
        return options.measures().stream().anyMatch(measure -> measure.kind() == kind);
    }

    /** Checks all prompts before the first video is read. */
    private Optional<EmbeddingComparison> embedded(VideoSet fake) {
        return options.measures().stream()
                .filter(Measure::embeds)
                .findFirst()
                .map(measure ->
                        new EmbeddingComparison(options, embeddings.orElseThrow(measure::unavailable), fake.files()));
    }

    private List<MetricResult> embed(EmbeddingComparison comparison, List<Path> real, List<Path> fake) {
        for (Path file : real) {
            comparison.addReal(file);
            listener.video(++done, total);
        }
        for (Path file : fake) {
            comparison.addFake(file);
            listener.video(++done, total);
        }
        notes.addAll(comparison.notes());
        return comparison.results();
    }

    private void noteDuplicates(List<Path> real, List<Path> fake) {
        Map<String, Path> hashes = new HashMap<>();
        real.forEach(file -> hashes.put(Sha256.of(file), file));
        List<Path> copies = fake.stream()
                .filter(file -> hashes.containsKey(Sha256.of(file)))
                .toList();
        if (!copies.isEmpty()) {
            notes.add("%d videos of %s are byte for byte in %s, the first is %s: the sets are not independent"
                    .formatted(
                            copies.size(),
                            options.fake(),
                            options.real(),
                            copies.get(0).getFileName()));
        }
    }

    /** The windows of the real videos, seen now or before. */
    private record RealSide(long windows, String codecs) {}

    private RealSide restore(List<SetMeasure> measures) {
        try (RealStatistics statistics = RealStatistics.open(options.real())) {
            statistics.check(RunRecord.taking(options));
            measures.forEach(measure -> measure.restore(statistics));
            resolution = statistics.field("resolution");
            firstFile = options.real();
            notes.add(
                    "statistics of %d real videos stand in for them: copies among the generated ones are not looked for"
                            .formatted(statistics.windows()));
            return new RealSide(statistics.windows(), statistics.field("codec_real"));
        }
    }

    private RealSide see(VideoSet real, List<SetMeasure> measures) {
        long windows = feed(real, true, measures);
        return new RealSide(windows, real.codecs());
    }

    private List<MetricResult> compareSets(Optional<VideoSet> real, VideoSet fake) {
        List<SetMeasure> measures = new ArrayList<>();
        try {
            options.measures().stream()
                    .filter(measure -> measure.kind() == Measure.Kind.SETS)
                    .forEach(measure -> addMeasures(measure, fake.files().size(), measures));
            RealSide side = real.map(set -> see(set, measures)).orElseGet(() -> restore(measures));
            long fakeWindows = feed(fake, false, measures);
            RunRecord record =
                    new RunRecord(options, side.windows(), fakeWindows, resolution, side.codecs(), fake.codecs());
            options.saveStatistics().ifPresent(file -> save(file, record, measures));
            List<MetricResult> results = new ArrayList<>();
            measures.forEach(measure -> results.addAll(withIntervals(measure, measure.results(record), record)));
            if (!side.codecs().equals(fake.codecs())) {
                notes.add("the sets are coded differently (%s and %s), which moves every distance: code both alike"
                        .formatted(side.codecs(), fake.codecs()));
            }
            noteStatic(results);
            return results;
        } finally {
            measures.forEach(SetMeasure::close);
        }
    }

    private static void save(Path file, RunRecord record, List<SetMeasure> measures) {
        RealStatistics.Draft statistics = new RealStatistics.Draft();
        measures.forEach(measure -> measure.save(statistics));
        statistics.write(file, record.real());
    }

    private List<MetricResult> withIntervals(SetMeasure measure, List<MetricResult> results, RunRecord record) {
        Optional<Bootstrap> resampling = options.resampling();
        if (resampling.isEmpty()) {
            return results;
        }
        Bootstrap.Statistic statistic = draws -> {
            listener.video(done, total);
            return measure.resampled(draws[0], draws[1]);
        };
        List<Bootstrap.Interval> intervals = resampling
                .get()
                .intervals(statistic, Math.toIntExact(record.realVideos()), Math.toIntExact(record.fakeVideos()));
        return IntStream.range(0, results.size())
                .mapToObj(i -> results.get(i).with(intervals.get(i)))
                .toList();
    }

    private void noteIntervals(List<MetricResult> results) {
        List<String> beside = results.stream()
                .filter(result -> result.interval().isPresent()
                        && !result.interval().get().holds(result.value()))
                .map(MetricResult::metric)
                .toList();
        if (!beside.isEmpty()) {
            notes.add(
                    "%s: the interval does not hold the value, since re-samples repeat videos and so are biased more than"
                                    .formatted(String.join(", ", beside))
                            + " the whole; read its width only, or add videos");
        }
    }

    /** Adds at once what it opens, so that a failure on the way leaves nothing open. */
    private void addMeasures(Measure measure, int fakeVideos, List<SetMeasure> opened) {
        boolean keep = options.bootstrap() > 0;
        switch (measure) {
            case PROXY -> {
                opened.add(proxy("pfvd-r3d", true));
                opened.add(proxy("pfvd-r2d", false));
            }
            case FVD ->
                opened.add(new FrechetMeasure("fvd", I3d.load(options.i3d().orElseThrow()), Normaliser.COUNT, keep));
            case FID -> opened.add(new FrechetMeasure("fid", inception(), Normaliser.COUNT_MINUS_ONE, keep));
            case KID -> opened.add(new KernelMeasure(inception()));
            case IS ->
                opened.add(new ScoreMeasure(C3d.load(options.c3d().orElseThrow()), fakeVideos, options.splits(), keep));
            case FLICKER ->
                opened.add(new PerVideoMeasure(
                        "flicker", "(255 - mean absolute difference) / 255", false, Temporal::flicker));
            case WARP ->
                opened.add(byFlow(
                        "warping_error_bm_x1000",
                        "own flow by block matching, occlusions masked, times 1000",
                        false,
                        (frames, flows) -> 1000 * WarpingError.of(frames, frames, flows)));
            case MOTION -> opened.add(byFlow("speed_bm", "block matching, pixels a frame", true, Temporal::speed));
            case TURN ->
                opened.add(byFlow(
                        "turn_bm",
                        "block matching, radians a frame, of points that move 0.1 pixel",
                        true,
                        Temporal::turn));
            case SMOOTHNESS ->
                opened.add(byFlow(
                        "motion_smoothness_lin_bm",
                        "(255 - mean absolute difference of odd frames from the mean of both neighbours, moved by half of"
                                + " the flow by block matching) / 255",
                        false,
                        Temporal::smoothness));
            case DYNAMIC ->
                opened.add(byFlow(
                        "dynamic_degree_bm",
                        "share of videos whose largest 5 % of flow by block matching, at 8 frames a second, is above"
                                + " 6 min(H, W) / 256 in a quarter of the pairs",
                        false,
                        (frames, flows) -> Temporal.moves(frames, flows) ? 1 : 0));
            default -> throw new IllegalArgumentException(measure + " is no measure of sets");
        }
    }

    private static PerVideoMeasure byFlow(
            String name, String method, boolean distance, ToDoubleBiFunction<List<Frame>, FlowProvider> measure) {
        BlockMatching flows = new BlockMatching();
        return new PerVideoMeasure(name, method, distance, frames -> measure.applyAsDouble(frames, flows));
    }

    /** One network for FID and KID. */
    private FeatureExtractor inception() {
        FeatureExtractor network = inception;
        if (network == null) {
            network = new OnceAClip(InceptionV3.load(options.inception().orElseThrow()));
            inception = network;
        }
        return network;
    }

    private SetMeasure proxy(String name, boolean time) {
        List<FrechetMeasure> seeds = new ArrayList<>();
        for (int i = 0; i < PROXY_SEEDS; i++) {
            seeds.add(new FrechetMeasure(
                    name,
                    new RandomVideoNetwork(options.seed() + i, time),
                    Normaliser.COUNT_MINUS_ONE,
                    options.bootstrap() > 0));
        }
        return new MedianMeasure(seeds);
    }

    /** Returns how many windows were taken. */
    private long feed(VideoSet set, boolean real, List<SetMeasure> measures) {
        long taken = 0;
        List<Path> tooShort = new ArrayList<>();
        for (Path file : set.files()) {
            Optional<List<Frame>> window = window(set, file);
            if (window.isEmpty()) {
                tooShort.add(file);
            } else {
                checkSize(file, window.get());
                try (Clip clip = Clip.of(window.get(), 1)) {
                    measures.forEach(measure -> measure.add(real, window.get(), clip));
                }
                taken++;
            }
            listener.video(++done, total);
        }
        if (!tooShort.isEmpty()) {
            notes.add("%d real videos are shorter than %d frames and are left out, the first is %s"
                    .formatted(tooShort.size(), options.span(), tooShort.get(0).getFileName()));
        }
        if (taken < 2) {
            throw ZoetropeException.badInput(
                    "%d videos of %s have %d frames or more; at least 2 are needed, ask for fewer frames",
                    taken, options.real(), options.span());
        }
        return taken;
    }

    private static Optional<List<Frame>> window(VideoSet set, Path file) {
        try {
            return set.window(file);
        } catch (ZoetropeException e) {
            throw VideoSet.naming(file, e);
        }
    }

    private void checkSize(Path file, List<Frame> window) {
        for (Frame frame : window) {
            String size = frame.width() + "x" + frame.height();
            if (resolution.isEmpty()) {
                resolution = size;
                firstFile = file;
            } else if (!resolution.equals(size)) {
                throw ZoetropeException.badInput(
                        "%s has %s pixels, %s has %s; set a size to resize all of them",
                        file, size, firstFile, resolution);
            }
        }
    }

    private void noteStatic(List<MetricResult> results) {
        for (MetricResult result : results) {
            if (result.metric().equals("speed_bm")
                    && result.value() < STATIC_SPEED
                    && result.reference() >= STATIC_SPEED) {
                notes.add(
                        "the videos of %s are static (%.3f pixels a frame, real %.3f): consistency and flicker mean nothing"
                                .formatted(options.fake(), result.value(), result.reference()));
            }
        }
    }

    private List<MetricResult> comparePairs(VideoSet fake) {
        try (PairComparison comparison = new PairComparison(options)) {
            for (Path file : fake.files()) {
                comparison.add(file);
                listener.video(++done, total);
            }
            notes.addAll(comparison.notes());
            return comparison.results();
        }
    }
}
