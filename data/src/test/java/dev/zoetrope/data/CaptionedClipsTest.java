package dev.zoetrope.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.zoetrope.tensor.ZoetropeException;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

class CaptionedClipsTest {
    private static final ClipSpec SPEC = ClipSpec.of(64, 64, 16, 8);

    private static long checksum(Grammar grammar, long seed) {
        var maker = CaptionedClips.create(SPEC, grammar, Split.TRAIN, seed);
        var crc = new CRC32();
        for (int i = 0; i < 50; i++) {
            for (byte[] frame : maker.clip(i).frames()) {
                crc.update(frame);
            }
        }
        return crc.getValue();
    }

    /** The clips of a seed are part of the recipes of shipped models: changing these numbers invalidates them. */
    @Test
    void bytesAreTheSameEverywhere() {
        assertThat(checksum(Grammar.tiny(), 42)).isEqualTo(TINY_CHECKSUM);
        assertThat(checksum(Grammar.full(), 42)).isEqualTo(FULL_CHECKSUM);
        assertThat(checksum(Grammar.tiny(), 43)).isNotEqualTo(TINY_CHECKSUM);
    }

    private static final long TINY_CHECKSUM = 27368743L;
    private static final long FULL_CHECKSUM = 451913063L;

    @Test
    void anyOrderGivesTheSameClips() {
        var maker = CaptionedClips.create(SPEC, Grammar.full(), Split.TRAIN, 1);
        CaptionedClip late = maker.clip(17);
        maker.clip(3);
        assertThat(maker.clip(17).frames()).isDeepEqualTo(late.frames());
        assertThat(maker.clip(17).caption()).isEqualTo(late.caption());
    }

    @Test
    void objectsStayInsideTheFrame() {
        for (ClipSpec spec : List.of(SPEC, ClipSpec.of(96, 48, 9, 8))) {
            var maker = CaptionedClips.create(spec, Grammar.full(), Split.TRAIN, 5);
            for (int i = 0; i < 300; i++) {
                for (float[] mask : maker.clip(i).masks()) {
                    float edge = 0;
                    for (int x = 0; x < spec.width(); x++) {
                        edge = Math.max(edge, Math.max(mask[x], mask[mask.length - 1 - x]));
                    }
                    for (int y = 0; y < spec.height(); y++) {
                        edge = Math.max(edge, Math.max(mask[y * spec.width()], mask[(y + 1) * spec.width() - 1]));
                    }
                    assertThat(edge).isLessThan(0.51f);
                }
            }
        }
    }

    @Test
    void displacementsAreTheWayOfTheCentreWhereTheObjectIs() {
        var maker = CaptionedClips.create(SPEC, Grammar.tiny(), Split.TRAIN, 7);
        for (int i = 0; i < 50; i++) {
            CaptionedClip clip = maker.clip(i);
            float[][] displacements = clip.displacements();
            double[][] track = clip.track();
            for (int f = 0; f < SPEC.frames(); f++) {
                float[] mask = clip.masks()[f];
                for (int axis = 0; axis < 2; axis++) {
                    double way = track[f][axis] - track[0][axis];
                    for (int p = 0; p < mask.length; p++) {
                        assertThat((double) displacements[f][axis * mask.length + p])
                                .isCloseTo(mask[p] * way, within(1e-4));
                    }
                }
            }
        }
    }

    @Test
    void masksHaveTheAreaAndCentreOfTheShape() {
        var maker = CaptionedClips.create(SPEC, Grammar.full(), Split.TRAIN, 6);
        for (int i = 0; i < 200; i++) {
            CaptionedClip clip = maker.clip(i);
            float[] mask = clip.masks()[7];
            double area = 0;
            double sx = 0;
            double sy = 0;
            for (int p = 0; p < mask.length; p++) {
                area += mask[p];
                sx += mask[p] * (p % 64 + 0.5);
                int row = p / 64;
                sy += mask[p] * (row + 0.5);
            }
            double radius = clip.scene().poses().get(7).radius();
            double expected = clip.attributes().shape().area() * radius * radius;
            assertThat(area).isCloseTo(expected, within(0.06 * expected));
            assertThat(sx / area).isCloseTo(clip.track()[7][0], within(0.25));
            assertThat(sy / area).isCloseTo(clip.track()[7][1], within(0.25));
        }
    }

    @Test
    void leftIsSmallerXAndUpIsSmallerY() {
        var maker = CaptionedClips.create(SPEC, Grammar.plain(), Split.TRAIN, 7);
        for (Motion motion : Motion.values()) {
            if (!motion.isTranslation()) {
                continue;
            }
            var attributes = Attributes.plain(Colour.RED, Shape.CIRCLE, motion, Background.BLUE);
            for (int i = 0; i < 50; i++) {
                double[][] track = maker.clip(attributes, i).track();
                double dx = track[15][0] - track[0][0];
                double dy = track[15][1] - track[0][1];
                assertThat(Math.signum(dx)).isEqualTo(motion.dx());
                assertThat(Math.signum(dy)).isEqualTo(motion.dy());
                assertThat(Math.hypot(dx, dy)).isGreaterThan(16);
            }
        }
    }

    /** Following the flow from one frame to the next shows the same colours, away from edges and what is uncovered. */
    @Test
    void flowLeadsToTheSameColours() {
        var maker = CaptionedClips.create(SPEC, Grammar.full(), Split.TRAIN, 8);
        for (int i = 0; i < 60; i++) {
            CaptionedClip clip = maker.clip(i);
            float[][] flow = clip.flow();
            float[][] masks = clip.masks();
            assertThat(flow.length).isEqualTo(15);
            List<Double> errors = new ArrayList<>();
            for (int p = 0; p < 4096; p++) {
                double x = p % 64 + flow[7][p];
                int row = p / 64;
                double y = row + flow[7][4096 + p];
                if (x < 0 || y < 0 || x > 63 || y > 63) {
                    continue;
                }
                int q = (int) Math.round(y) * 64 + (int) Math.round(x);
                boolean sameLayer = masks[7][p] == masks[8][q] && (masks[7][p] == 0 || masks[7][p] == 1);
                if (sameLayer) {
                    errors.add((double) Math.abs((clip.frames()[7][3 * p] & 0xFF) - (clip.frames()[8][3 * q] & 0xFF)));
                }
            }
            double mean = errors.stream().mapToDouble(e -> e).average().orElseThrow();
            assertThat(mean).as(clip.caption()).isLessThan(9);
        }
    }

    @Test
    void fillsChannelPlanes() {
        CaptionedClip clip =
                CaptionedClips.create(SPEC, Grammar.tiny(), Split.TRAIN, 9).clip(0);
        var target = new float[SPEC.floats() + 5];
        clip.fillChw(target, 5);
        int frame = 3;
        int pixel = 777;
        for (int c = 0; c < 3; c++) {
            float expected = (clip.frames()[frame][3 * pixel + c] & 0xFF) / 127.5f - 1;
            assertThat(target[5 + (frame * 3 + c) * 4096 + pixel]).isEqualTo(expected);
        }
        assertThat(target[target.length - 1]).isBetween(-1f, 1f);
        assertThatThrownBy(() -> clip.fillChw(target, 6)).isInstanceOf(ZoetropeException.class);
    }

    @Test
    void refusesWhatCannotBeMade() {
        assertThatThrownBy(() -> ClipSpec.of(8, 64, 16, 8)).hasMessageContaining("16 to 2048");
        assertThatThrownBy(() -> ClipSpec.of(2048, 2048, 4096, 8)).hasMessageContaining("2^28");
        assertThatThrownBy(() -> ClipSpec.of(64, 64, 16, Double.NaN)).hasMessageContaining("frame rate");
        assertThatThrownBy(() -> Attributes.plain(Colour.BLUE, Shape.CROSS, Motion.UP, Background.BLUE))
                .hasMessageContaining("cannot be told");
        assertThat(CaptionedClips.create(ClipSpec.of(16, 16, 1, 1), Grammar.full(), Split.HELD_OUT, 0)
                        .clip(0)
                        .frames())
                .hasDimensions(1, 768);
    }

    @Test
    void everyPairOfColoursThatMayMeetIsWellApart() {
        for (Colour colour : Colour.values()) {
            for (Background background : Background.values()) {
                if (background.suits(colour)) {
                    assertThat(colour.rgb().distance(background.rgb()))
                            .as("%s on %s", colour, background)
                            .isGreaterThan(90);
                }
            }
        }
    }
}
