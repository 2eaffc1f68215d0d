package dev.zoetrope.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.zoetrope.data.Labels.Part;
import dev.zoetrope.media.Frame;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

class AttributeDetectorTest {
    private static final ClipSpec SPEC = ClipSpec.of(64, 64, 16, 8);
    private static final AttributeDetector DETECTOR = AttributeDetector.create(Grammar.tiny());

    private static AttributeScores score(Split split, BiFunction<List<Frame>, Integer, List<Frame>> spoil) {
        var maker = CaptionedClips.create(SPEC, Grammar.tiny(), split, 21);
        List<Labels> expected = new ArrayList<>();
        List<Labels> detected = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            CaptionedClip clip = maker.clip(i);
            expected.add(Labels.of(clip.attributes()));
            detected.add(DETECTOR.detect(spoil.apply(clip.pictures(), i)).labels());
        }
        return AttributeScores.of(expected, detected);
    }

    private static void assertGood(String name, AttributeScores scores) {
        System.out.printf("detector, %s:%n%s", name, scores.toTable(1));
        for (Part part : Part.values()) {
            assertThat(scores.accuracy(part)).as("%s %s", name, part).isGreaterThanOrEqualTo(0.98);
        }
    }

    @Test
    void readsRenderedClips() {
        assertGood("training combinations", score(Split.TRAIN, (frames, i) -> frames));
        assertGood("held-out combinations", score(Split.HELD_OUT, (frames, i) -> frames));
    }

    @Test
    void readsBlurredAndNoisyClips() {
        assertGood(
                "training, blur 1 pixel, noise 8/255",
                score(Split.TRAIN, (frames, i) -> Spoiler.blurAndNoise(frames, 8, 0, i)));
        assertGood(
                "held out, blur 1 pixel, noise 8/255, flicker 8/255",
                score(Split.HELD_OUT, (frames, i) -> Spoiler.blurAndNoise(frames, 8, 8, i)));
    }

    private static List<Frame> same(int frames, byte[] rgb) {
        return new ArrayList<>(java.util.Collections.nCopies(frames, new Frame(64, 64, rgb, 0)));
    }

    @Test
    void nothingIsSeenWhereNothingIs() {
        var gray = new byte[64 * 64 * 3];
        Arrays.fill(gray, (byte) 122);
        Detection empty = DETECTOR.detect(same(16, gray));
        assertThat(empty.labels()).isEqualTo(new Labels(Labels.UNKNOWN, Labels.UNKNOWN, Labels.UNKNOWN, "gray"));
        assertThat(empty.framesWithObject()).isZero();

        var dot = gray.clone();
        dot[3 * 2000] = (byte) 255;
        assertThat(DETECTOR.detect(same(3, dot)).labels().shape()).isEqualTo(Labels.UNKNOWN);

        var noise = new byte[64 * 64 * 3];
        new Random(1).nextBytes(noise);
        assertThat(DETECTOR.detect(same(16, noise)).labels().shape()).isEqualTo(Labels.UNKNOWN);
    }

    @Test
    void singleFramesStandStill() {
        var maker = CaptionedClips.create(ClipSpec.of(64, 64, 1, 8), Grammar.tiny(), Split.TRAIN, 3);
        CaptionedClip clip = maker.clip(0);
        assertThat(DETECTOR.detect(clip.pictures()).labels())
                .isEqualTo(new Labels(
                        clip.attributes().colour().word(),
                        clip.attributes().shape().word(),
                        "still",
                        clip.attributes().background().word()));
    }

    @Test
    void refusesFramesThatAreNoClip() {
        assertThatThrownBy(() -> DETECTOR.detect(List.of()))
                .isInstanceOf(ZoetropeException.class)
                .hasMessageContaining("no frames");
        List<Frame> mixed = List.of(new Frame(2, 1, new byte[6], 0), new Frame(1, 2, new byte[6], 0));
        assertThatThrownBy(() -> DETECTOR.detect(mixed)).hasMessageContaining("differ in size");
        assertThat(DETECTOR.detect(List.of(new Frame(1, 1, new byte[3], 0))).framesWithObject())
                .isZero();
    }
}
