package dev.zoetrope.metrics.video;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.zoetrope.media.Clip;
import dev.zoetrope.media.Frame;
import dev.zoetrope.metrics.Bootstrap;
import dev.zoetrope.metrics.FeatureStatistics;
import dev.zoetrope.metrics.FeatureStatistics.Normaliser;
import dev.zoetrope.metrics.Orbit;
import dev.zoetrope.metrics.motion.Temporal;
import dev.zoetrope.metrics.network.RandomVideoNetwork;
import dev.zoetrope.metrics.video.VideoSetComparison.Outcome;
import dev.zoetrope.tensor.ErrorCode;
import dev.zoetrope.tensor.JsonFiles;
import dev.zoetrope.tensor.ZoetropeException;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VideoSetComparisonTest {
    private static final int VIDEOS = 8;

    @TempDir
    static Path folder;

    @BeforeAll
    static void write() {
        for (int i = 0; i < VIDEOS; i++) {
            // Without loss, so that a frame comes back as it was.
            video("real", i, Orbit.clip(i, 14, 1));
            video("fake", i, Orbit.clip(100 + i, 10, 1));
            video("frozen", i, Collections.nCopies(10, Orbit.clip(i, 1, 1).get(0)));
            video("noisy", i, Orbit.noisy(Orbit.clip(i, 14, 1), 0.1, i));
        }
    }

    /** Ten videos, so that they can be re-sampled. */
    @BeforeAll
    static void writeMany() {
        for (int i = 0; i < 10; i++) {
            video("many", i, Orbit.clip(i, 4, 1));
            video("many-noisy", i, Orbit.noisy(Orbit.clip(i, 4, 1), 0.02 + 0.01 * i, i));
        }
    }

    private static void video(String set, int index, List<Frame> frames) {
        TestVideos.write(folder.resolve(set).resolve("clip" + index + ".apng"), frames);
    }

    private static Outcome compare(String fake, int frames, Measure... measures) {
        VideoSetOptions options = VideoSetOptions.builder(folder.resolve("real"), folder.resolve(fake))
                .measures(EnumSet.copyOf(List.of(measures)))
                .frames(frames)
                .build();
        return VideoSetComparison.run(options, (done, total) -> assertThat(done).isLessThanOrEqualTo(total));
    }

    private static MetricResult find(Outcome outcome, String metric) {
        return outcome.results().stream()
                .filter(result -> result.metric().equals(metric))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void setsWithoutWeights() throws IOException {
        Outcome outcome = compare("fake", 9, Measure.PROXY, Measure.FLICKER, Measure.MOTION, Measure.WARP);
        assertThat(outcome.results())
                .extracting(MetricResult::metric)
                .containsExactly(
                        "pfvd-r3d", "pfvd-r2d", "flicker", "warping_error_bm_x1000", "speed_bm", "speed_bm_distance");
        assertThat(outcome.results()).allSatisfy(result -> {
            assertThat(result.value()).isFinite().isNotNegative();
            assertThat(result.protocolId()).hasSize(12);
        });
        Path out = folder.resolve("out");
        ComparisonFiles.write(outcome, out);
        assertThat(out.resolve("metrics.png")).isNotEmptyFile();
        assertThat(Files.readString(out.resolve("table.txt"))).contains("pfvd-r3d", "protocol");
        assertThat(Files.readAllLines(out.resolve("metrics.csv"))).hasSize(7);
        assertThat(JsonFiles.read(out.resolve("metrics.json"))
                        .path("results")
                        .path(0)
                        .path("protocol")
                        .path("n_real")
                        .asText())
                .isEqualTo("8");
    }

    private static Outcome resampled(int replicates, long seed, Measure... measures) {
        VideoSetOptions options = VideoSetOptions.builder(folder.resolve("many"), folder.resolve("many-noisy"))
                .measures(EnumSet.copyOf(List.of(measures)))
                .frames(4)
                .bootstrap(replicates)
                .seed(seed)
                .build();
        return VideoSetComparison.run(options, (done, total) -> {});
    }

    @Test
    void intervalsByResampling() throws IOException {
        Measure[] measures = {Measure.PROXY, Measure.FLICKER, Measure.MOTION, Measure.PSNR};
        Outcome outcome = resampled(100, 0, measures);
        assertThat(outcome.results()).hasSize(7).allSatisfy(result -> {
            Bootstrap.Interval interval = result.interval().orElseThrow();
            assertThat(interval.low()).isFinite().isLessThan(interval.high());
        });
        for (String mean : List.of("flicker", "psnr_pooled")) {
            MetricResult result = find(outcome, mean);
            double expected = 2 * 1.96 * result.spread() / Math.sqrt(10);
            Bootstrap.Interval interval = result.interval().orElseThrow();
            assertThat(interval.holds(result.value())).isTrue();
            assertThat(interval.high() - interval.low()).isCloseTo(expected, within(0.3 * expected));
        }
        List<String> beside = outcome.results().stream()
                .filter(result -> !result.interval().orElseThrow().holds(result.value()))
                .map(MetricResult::metric)
                .toList();
        assertThat(outcome.notes().stream()
                        .filter(note -> note.contains("width only"))
                        .toList())
                .hasSize(beside.isEmpty() ? 0 : 1)
                .allMatch(note -> note.startsWith(String.join(", ", beside) + ": the interval does not hold"));
        assertThat(resampled(100, 0, measures)).isEqualTo(outcome);
        Outcome without = resampled(0, 0, measures);
        assertThat(without.results()).allSatisfy(result -> {
            assertThat(result.interval()).isEmpty();
            MetricResult same = find(outcome, result.metric());
            assertThat(result.value()).isEqualTo(same.value());
            assertThat(result.protocolId()).isEqualTo(same.protocolId());
        });
        assertThat(ComparisonFiles.table(without)).doesNotContain("interval");

        Path out = folder.resolve("intervals");
        ComparisonFiles.write(outcome, out);
        assertThat(Files.readString(out.resolve("table.txt"))).contains("  interval", " to ", "middle 95 %");
        assertThat(Files.readAllLines(out.resolve("metrics.csv")).get(1).split(",")[3])
                .isNotEmpty();
        var json = JsonFiles.read(out.resolve("metrics.json")).path("results").path(0);
        assertThat(json.path("interval_low").asDouble())
                .isLessThan(json.path("interval_high").asDouble());
    }

    @Test
    void intervalsOfTooFewVideosAreRefused() {
        VideoSetOptions.Builder few = VideoSetOptions.builder(folder.resolve("real"), folder.resolve("fake"))
                .frames(9)
                .bootstrap(100);
        assertThatThrownBy(() -> VideoSetComparison.run(few.build(), (done, total) -> {}))
                .hasMessageContaining("at least 10 videos, got 8");
        assertThatThrownBy(() -> few.bootstrap(1).build()).hasMessage("bootstrap is 1, expected 100 to 100000");
    }

    private static VideoSetOptions.Builder from(Path real) {
        return VideoSetOptions.builder(real, folder.resolve("fake")).frames(9);
    }

    private static Outcome run(VideoSetOptions.Builder builder) {
        return VideoSetComparison.run(builder.build(), (done, total) -> {});
    }

    @Test
    void savedStatisticsStandInForTheVideos() {
        Set<Measure> measures = EnumSet.of(Measure.PROXY, Measure.FLICKER, Measure.MOTION);
        Path file = folder.resolve("real.safetensors");
        Outcome seen = run(from(folder.resolve("real")).measures(measures).saveStatistics(file));
        VideoSetOptions options = from(file).measures(measures).build();
        List<Integer> totals = new ArrayList<>();
        Outcome restored = VideoSetComparison.run(options, (done, total) -> totals.add(total));
        assertThat(restored.results()).isEqualTo(seen.results());
        assertThat(totals).hasSize(VIDEOS).containsOnly(VIDEOS);
        assertThat(restored.notes()).anyMatch(note -> note.startsWith("statistics of 8 real videos"));
        assertThat(run(from(file).measures(Set.of(Measure.FLICKER))).results()).hasSize(1);

        assertThatThrownBy(() -> run(from(file).measures(measures).frames(8)))
                .hasMessageContaining("made with frames \"9\", asked for is \"8\"");
        assertThatThrownBy(() -> run(from(file).measures(measures).size(16))).hasMessageContaining("made with resize");
        assertThatThrownBy(() -> run(from(file).measures(measures).seed(1))).hasMessageContaining("made with seed");
        assertThatThrownBy(() -> run(from(file).measures(Set.of(Measure.WARP))))
                .hasMessageContaining("has no statistics of warping_error_bm_x1000");
        Path other = folder.resolve("wide");
        for (int i = 0; i < 2; i++) {
            TestVideos.write(
                    other.resolve(i + ".apng"),
                    Orbit.clip(i, 10, 1).stream()
                            .map(frame -> dev.zoetrope.media.Resize.repeat(frame, 2))
                            .toList());
        }
        assertThatThrownBy(() -> run(
                        VideoSetOptions.builder(file, other).measures(measures).frames(9)))
                .hasMessageContaining("0.apng has 64x64 pixels")
                .hasMessageContaining("real.safetensors has 32x32");
    }

    @Test
    void statisticsOfOtherWeightsAreRefused() {
        Path file = folder.resolve("weights.safetensors");
        RealStatistics.Draft draft = new RealStatistics.Draft();
        FeatureStatistics features = new FeatureStatistics(2);
        features.add(1, 2);
        draft.features("fvd", "i3d, weights abc", "even", features);
        draft.write(file, Map.of("n_real", "1"));
        try (RealStatistics statistics = RealStatistics.open(file)) {
            assertThat(statistics.features("fvd", "i3d, weights abc", "even").mean())
                    .containsExactly(1, 2);
            assertThatThrownBy(() -> statistics.features("fvd", "i3d, weights def", "even"))
                    .hasMessageContaining(
                            "its fvd was made by \"i3d, weights abc\", asked for is \"i3d, weights def\"");
        }
    }

    @Test
    void statisticsThatCannotServeAreRefused() throws IOException {
        Path file = folder.resolve("other.safetensors");
        run(from(folder.resolve("real")).measures(Set.of(Measure.FLICKER)).saveStatistics(file));
        assertThatThrownBy(() -> from(file).measures(Set.of(Measure.PSNR)).build())
                .hasMessageContaining("psnr needs the real videos themselves");
        assertThatThrownBy(() -> from(file).bootstrap(100).build())
                .hasMessageContaining("bootstrap needs the real videos themselves");
        assertThatThrownBy(() -> from(file).saveStatistics(file).build())
                .hasMessageContaining("saving statistics needs");
        assertThatThrownBy(() -> from(folder.resolve("real"))
                        .saveStatistics(folder.resolve("a.txt"))
                        .build())
                .hasMessageContaining("statistics are a .safetensors file");
        assertThatThrownBy(() -> from(folder.resolve("real"))
                        .measures(Set.of(Measure.PSNR))
                        .saveStatistics(file)
                        .build())
                .hasMessageContaining("none of the measures keeps statistics");
        Path wrong = folder.resolve("wrong.safetensors");
        new FeatureStatistics(2).save(wrong, "something else");
        assertThatThrownBy(() -> run(from(wrong))).hasMessageContaining("holds no statistics of real videos");
        Files.writeString(wrong, "no weights");
        assertThatThrownBy(() -> run(from(wrong))).isInstanceOf(ZoetropeException.class);
    }

    /** A comparison holds as many tensors after its last video as after its third, and no window that it has seen. */
    @Test
    void memoryDoesNotGrowWithTheVideos() throws IOException {
        Path many = Files.createDirectories(folder.resolve("endless"));
        int copies = 40;
        for (int i = 0; i < copies; i++) {
            Files.copy(folder.resolve("real/clip" + i % VIDEOS + ".apng"), many.resolve("clip" + i + ".apng"));
        }
        VideoSetOptions options = VideoSetOptions.builder(many, many)
                .measures(EnumSet.of(Measure.PROXY, Measure.FLICKER, Measure.MOTION, Measure.PSNR, Measure.SSIM))
                .frames(4)
                .build();
        List<Long> counts = new ArrayList<>();
        List<Long> bytes = new ArrayList<>();
        VideoSetComparison.run(options, (done, total) -> {
            counts.add(Pointer.totalCount());
            bytes.add(Pointer.totalBytes());
        });
        assertThat(counts).hasSize(3 * copies);
        // Ten videos of each folder are the measure of all of them.
        assertThat(Collections.max(counts)).isLessThanOrEqualTo(Collections.max(counts.subList(0, 10)) + 2);
        assertThat(Collections.max(bytes)).isLessThanOrEqualTo(Collections.max(bytes.subList(0, 10)) + 4096);
    }

    /** What the measures keep of a window is a few numbers: the window itself can be collected. */
    @Test
    void windowsAreNotKept() {
        List<SetMeasure> measures = List.of(
                new FrechetMeasure("r3d", new RandomVideoNetwork(1, true), Normaliser.COUNT, false),
                new KernelMeasure(new RandomVideoNetwork(1, true)),
                new ScoreMeasure(new RandomVideoNetwork(1, true), 5, 1, false),
                new PerVideoMeasure("flicker", "", false, Temporal::flicker));
        List<WeakReference<List<Frame>>> windows =
                IntStream.range(0, 5).mapToObj(i -> show(i, measures)).toList();
        System.gc();
        assertThat(windows).allMatch(window -> window.refersTo(null));
        measures.forEach(SetMeasure::close);
    }

    private static WeakReference<List<Frame>> show(int index, List<SetMeasure> measures) {
        List<Frame> window = Orbit.clip(index, 4, 1);
        try (Clip clip = Clip.of(window, 1)) {
            measures.forEach(measure -> measure.add(false, window, clip));
        }
        return new WeakReference<>(window);
    }

    @Test
    void theSameNumbersAgain() {
        assertThat(compare("fake", 9, Measure.PROXY).results())
                .isEqualTo(compare("fake", 9, Measure.PROXY).results());
    }

    /** Check M15: what a frozen video wins, and what gives it away. */
    @Test
    void frozenVideosAreNoted() {
        Outcome outcome = compare(
                "frozen", 9, Measure.MOTION, Measure.FLICKER, Measure.TURN, Measure.SMOOTHNESS, Measure.DYNAMIC);
        assertThat(find(outcome, "motion_smoothness_lin_bm").value()).isEqualTo(1);
        assertThat(find(outcome, "turn_bm").value()).isZero();
        assertThat(find(outcome, "turn_bm_distance").value()).isPositive();
        assertThat(find(outcome, "dynamic_degree_bm").value()).isZero();
        assertThat(find(outcome, "dynamic_degree_bm").reference()).isPositive();
        assertThat(find(outcome, "flicker").value()).isEqualTo(1);
        assertThat(find(outcome, "speed_bm").value()).isZero();
        assertThat(find(outcome, "speed_bm_distance").value()).isPositive();
        assertThat(outcome.notes()).anyMatch(note -> note.contains("static"));
    }

    @Test
    void copiesAreNoted() {
        Outcome outcome = compare("real", 9, Measure.FLICKER, Measure.PSNR);
        assertThat(outcome.notes()).anyMatch(note -> note.contains("byte for byte"));
        assertThat(find(outcome, "psnr_frame_mean").value()).isEqualTo(100);
    }

    @Test
    void pairs() {
        Outcome outcome = compare("noisy", 9, Measure.PSNR, Measure.SSIM);
        double expected = 10 * Math.log10(1 / 0.01);
        // Clipping at black takes some of the noise away.
        assertThat(find(outcome, "psnr_pooled").value()).isCloseTo(expected, within(2.0));
        assertThat(find(outcome, "psnr_frame_mean").value())
                .isGreaterThanOrEqualTo(find(outcome, "psnr_pooled").value());
        assertThat(find(outcome, "ssim").value()).isBetween(0.0, 0.9);
    }

    @Test
    void pairsOfDifferentLengthsAreRefused() {
        assertThatThrownBy(() -> compare("fake", 9, Measure.PSNR))
                .isInstanceOf(ZoetropeException.class)
                .hasMessageContaining("different numbers of frames");
    }

    @Test
    void shortGeneratedVideosAreRefused() {
        assertThatThrownBy(() -> compare("fake", 12, Measure.FLICKER))
                .hasMessageContaining("clip0.apng has 10 frames")
                .hasMessageContaining("needs 12");
    }

    @Test
    void shortRealVideosAreLeftOutAndTooFewRefused() {
        assertThatThrownBy(() -> VideoSetComparison.run(
                        VideoSetOptions.builder(folder.resolve("fake"), folder.resolve("real"))
                                .measures(Set.of(Measure.FLICKER))
                                .frames(12)
                                .build(),
                        (done, total) -> {}))
                .hasMessageContaining("at least 2 are needed");
    }

    @Test
    void mixedSizesAreRefusedUnlessResized() {
        Path mixed = folder.resolve("mixed");
        TestVideos.write(mixed.resolve("a.apng"), Orbit.clip(1, 10, 1));
        TestVideos.write(
                mixed.resolve("b.apng"),
                Orbit.clip(1, 10, 1).stream()
                        .map(frame -> dev.zoetrope.media.Resize.repeat(frame, 2))
                        .toList());
        VideoSetOptions.Builder builder = VideoSetOptions.builder(folder.resolve("real"), mixed)
                .measures(Set.of(Measure.FLICKER))
                .frames(9);
        assertThatThrownBy(() -> VideoSetComparison.run(builder.build(), (done, total) -> {}))
                .hasMessageContaining("b.apng has 64x64 pixels")
                .hasMessageContaining("set a size");
        assertThat(VideoSetComparison.run(builder.size(16).build(), (done, total) -> {})
                        .results())
                .hasSize(1);
    }

    @Test
    void damagedVideosAreNamed() throws IOException {
        Path broken = Files.createDirectories(folder.resolve("broken"));
        Files.writeString(broken.resolve("a.mp4"), "no video");
        Files.writeString(broken.resolve("b.mp4"), "no video");
        assertThatThrownBy(() -> compare("broken", 9, Measure.FLICKER)).hasMessageContaining("a.mp4");
    }

    @Test
    void optionsAreChecked() {
        VideoSetOptions.Builder builder = VideoSetOptions.builder(folder.resolve("real"), folder.resolve("fake"));
        assertThatThrownBy(() -> builder.frames(1).build()).hasMessage("frames is 1, expected 2 to 1024");
        builder.frames(16);
        assertThatThrownBy(() -> builder.measures(Set.of()).build()).hasMessageContaining("at least one");
        assertThatThrownBy(() -> builder.measures(Set.of(Measure.FVD)).build())
                .hasMessageContaining("fvd is unavailable: needs the I3D weights")
                .satisfies(e -> assertThat(((ZoetropeException) e).code()).isEqualTo(ErrorCode.CHECKPOINT_MISMATCH));
        assertThatThrownBy(() -> builder.i3d(folder.resolve("missing.pt")).build())
                .hasMessageContaining("there is no such file");
        assertThatThrownBy(() -> VideoSetOptions.builder(folder.resolve("nowhere"), folder)
                        .build())
                .hasMessageContaining("is not a folder");
    }

    @Test
    void emptyFoldersAreRefused() throws IOException {
        Files.createDirectories(folder.resolve("empty"));
        assertThatThrownBy(() -> compare("empty", 9, Measure.FLICKER)).hasMessageContaining("has 0 videos");
    }

    /** Check M19. */
    @Test
    void protocolsThatDifferDoNotShareAColumn() {
        MetricResult first = find(compare("fake", 9, Measure.FLICKER), "flicker");
        MetricResult other = find(compare("fake", 10, Measure.FLICKER), "flicker");
        assertThat(first.protocolId()).isNotEqualTo(other.protocolId());
        for (String field : first.protocol().keySet()) {
            TreeMap<String, String> changed = new TreeMap<>(first.protocol());
            changed.merge(field, " changed", String::concat);
            assertThat(new MetricResult("flicker", 1, 0, 1, "per_video_mean", "real", changed).protocolId())
                    .isNotEqualTo(first.protocolId());
        }
        assertThat(ComparisonFiles.sideBySide(Map.of("a", List.of(first)))).startsWith("run,flicker\n\"a\",");
        Map<String, List<MetricResult>> mixed = new TreeMap<>(Map.of("a", List.of(first), "b", List.of(other)));
        assertThatThrownBy(() -> ComparisonFiles.sideBySide(mixed)).hasMessageContaining("another protocol");
    }
}
