package dev.zoetrope.metrics.video;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.zoetrope.media.Frame;
import dev.zoetrope.metrics.EmbeddingScores;
import dev.zoetrope.metrics.FrameEmbedder;
import dev.zoetrope.metrics.video.VideoSetComparison.Outcome;
import dev.zoetrope.tensor.ErrorCode;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddingComparisonTest {
    private static final EnumSet<Measure> ALL = EnumSet.range(Measure.CLIP_TEXT, Measure.CLIP_SUBJECT_CONSISTENCY);

    @TempDir
    static Path folder;

    /** Colours: a picture is its first pixel, a text the colours it names. */
    private static final class Colours implements FrameEmbedder {
        private final List<String> texts = new ArrayList<>();

        @Override
        public String name() {
            return "colours";
        }

        @Override
        public double[] picture(Frame frame) {
            return new double[] {frame.rgb()[0] & 0xFF, frame.rgb()[1] & 0xFF, frame.rgb()[2] & 0xFF};
        }

        @Override
        public void checkText(String prompt) {
            if (prompt.contains("endless")) {
                throw ZoetropeException.badInput("a prompt is too long");
            }
        }

        @Override
        public double[] text(String prompt) {
            texts.add(prompt);
            return new double[] {prompt.contains("red") ? 1 : 0, prompt.contains("green") ? 1 : 0, 0};
        }
    }

    @BeforeAll
    static void write() {
        TestVideos.write(folder.resolve("fake/a.apng"), List.of(plain(200, 0), plain(200, 0), plain(200, 0)));
        TestVideos.write(folder.resolve("fake/b.apng"), List.of(plain(0, 150), plain(150, 150)));
        TestVideos.write(folder.resolve("real/a.apng"), List.of(plain(200, 0), plain(0, 200), plain(200, 0)));
        TestVideos.write(folder.resolve("real/b.apng"), List.of(plain(10, 10), plain(90, 90)));
    }

    private static Frame plain(int red, int green) {
        byte[] rgb = new byte[16 * 16 * 3];
        for (int p = 0; p < 16 * 16; p++) {
            rgb[3 * p] = (byte) red;
            rgb[3 * p + 1] = (byte) green;
        }
        return new Frame(16, 16, rgb, 0);
    }

    private static VideoSetOptions options(EnumSet<Measure> measures) {
        return VideoSetOptions.builder(folder.resolve("real"), folder.resolve("fake"))
                .measures(measures)
                .build();
    }

    private static Outcome run(FrameEmbedder model, EnumSet<Measure> measures, String a, String b) {
        Map<Path, String> prompts = Map.of(folder.resolve("fake/a.apng"), a, folder.resolve("fake/b.apng"), b);
        int[] last = new int[2];
        Outcome outcome = VideoSetComparison.run(options(measures), new Embeddings(model, prompts), (done, total) -> {
            last[0] = done;
            last[1] = total;
        });
        assertThat(last[0]).isEqualTo(last[1]).isPositive();
        return outcome;
    }

    private static MetricResult find(Outcome outcome, String metric) {
        return outcome.results().stream()
                .filter(result -> result.metric().equals(metric))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void valuesAndReferences() {
        Colours model = new Colours();
        Outcome outcome = run(model, ALL, "red", "green");
        double slanted = Math.sqrt(0.5);
        double b = (1 + slanted) / 2;
        MetricResult text = find(outcome, "clip_text");
        assertThat(text.value()).isCloseTo((1 + b) / 2, within(1e-12));
        assertThat(text.reference()).as("prompts swapped").isCloseTo((0 + slanted / 2) / 2, within(1e-12));
        assertThat(text.better()).isEqualTo("higher");
        assertThat(text.protocol()).containsEntry("network", "colours").containsEntry("frames_total", "10");
        MetricResult score = find(outcome, "clip_score");
        assertThat(score.value()).isCloseTo(2.5 * text.value(), within(1e-12));
        assertThat(score.protocolId()).isNotEqualTo(text.protocolId());
        assertThat(model.texts).contains("red", "green", "A photo depicts red", "A photo depicts green");
        MetricResult consistency = find(outcome, "clip_consistency");
        assertThat(consistency.value()).isCloseTo((1 + slanted) / 2, within(1e-12));
        assertThat(consistency.reference()).isCloseTo(0.5, within(1e-12));
        assertThat(find(outcome, "clip_subject_consistency").reference())
                .as("first frame again: (0 + 0) / 2 and (0 + 1) / 2")
                .isCloseTo((0.25 + 1) / 2, within(1e-12));
        assertThat(outcome.notes()).anyMatch(note -> note.contains("frozen"));
    }

    @Test
    void otherPromptsGiveOtherScores() {
        EnumSet<Measure> measures = EnumSet.of(Measure.CLIP_TEXT);
        MetricResult right = find(run(new Colours(), measures, "red", "green"), "clip_text");
        MetricResult swapped = find(run(new Colours(), measures, "green", "red"), "clip_text");
        assertThat(swapped.value()).isEqualTo(right.reference()).isLessThan(right.value());
        Outcome same = run(new Colours(), measures, "red", "red");
        assertThat(find(same, "clip_text").reference()).isNaN();
        assertThat(same.notes()).anyMatch(note -> note.contains("same prompt"));
    }

    @Test
    void scoresAreNeverBelowZero() {
        EmbeddingScores scores = new EmbeddingScores(1, 0);
        scores.add(-1, 0);
        scores.add(0.6, 0.8);
        assertThat(scores.textAlignment()).isCloseTo(-0.2, within(1e-12));
        assertThat(scores.clipScore()).isCloseTo(2.5 * 0.6 / 2, within(1e-12));
    }

    @Test
    void promptsAreCheckedBeforeAnyVideo() {
        Map<Path, String> one = Map.of(folder.resolve("fake/a.apng"), "red");
        VideoSetOptions options = options(ALL);
        Colours model = new Colours();
        assertThatThrownBy(() -> VideoSetComparison.run(options, new Embeddings(model, one), (done, total) -> {}))
                .hasMessageContaining("b.apng has no prompt");
        assertThatThrownBy(() -> run(model, ALL, "red", "endless")).hasMessageMatching(".*b.apng: .* too long");
        assertThat(model.texts).isEmpty();
        assertThatThrownBy(() -> VideoSetComparison.run(options, (done, total) -> {}))
                .hasMessageContaining("clip-text is unavailable: needs the folder of a CLIP model")
                .satisfies(e -> assertThat(((ZoetropeException) e).code()).isEqualTo(ErrorCode.CHECKPOINT_MISMATCH));
    }

    @Test
    void oneFrameHasNoConsistency() {
        TestVideos.write(folder.resolve("short/a.apng"), List.of(plain(1, 2)));
        TestVideos.write(folder.resolve("short/b.apng"), List.of(plain(1, 2)));
        VideoSetOptions options = VideoSetOptions.builder(folder.resolve("real"), folder.resolve("short"))
                .measures(EnumSet.of(Measure.CLIP_CONSISTENCY))
                .build();
        assertThatThrownBy(() ->
                        VideoSetComparison.run(options, new Embeddings(new Colours(), Map.of()), (done, total) -> {}))
                .hasMessageMatching(".*a.apng: .*at least 2 frames.*");
    }
}
