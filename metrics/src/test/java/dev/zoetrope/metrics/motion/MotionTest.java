package dev.zoetrope.metrics.motion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.zoetrope.media.Frame;
import dev.zoetrope.metrics.Orbit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class MotionTest {
    private static final int SIDE = 64;

    /** A smooth texture without period, shifted by dx, dy pixels a frame. */
    static List<Frame> pan(double dx, double dy, int frames) {
        List<Frame> video = new ArrayList<>();
        for (int t = 0; t < frames; t++) {
            byte[] rgb = new byte[3 * SIDE * SIDE];
            for (int p = 0; p < SIDE * SIDE; p++) {
                int row = p / SIDE;
                double x = p % SIDE - dx * t;
                double y = row - dy * t;
                for (int c = 0; c < 3; c++) {
                    double value = Math.sin(.61 * x + .23 * y + c)
                            + Math.sin(.17 * x - .52 * y)
                            + Math.sin(.031 * x * x / 10 + .4 * y);
                    rgb[3 * p + c] = (byte) Math.round(127 + 40 * value);
                }
            }
            video.add(new Frame(SIDE, SIDE, rgb, t));
        }
        return video;
    }

    private static List<Frame> mirrored(List<Frame> video) {
        List<Frame> result = new ArrayList<>();
        for (Frame frame : video) {
            byte[] rgb = new byte[frame.rgb().length];
            for (int p = 0; p < SIDE * SIDE; p++) {
                int from = p - p % SIDE + SIDE - 1 - p % SIDE;
                System.arraycopy(frame.rgb(), 3 * from, rgb, 3 * p, 3);
            }
            result.add(new Frame(SIDE, SIDE, rgb, 0));
        }
        return result;
    }

    /** A provider that knows the answer. */
    private record Known(double dx, double dy, Frame first) implements FlowProvider {
        @Override
        public Flow flow(Frame from, Frame to) {
            double sign = from.timeSeconds() < to.timeSeconds() ? 1 : -1;
            return Flow.uniform(SIDE, SIDE, sign * dx, sign * dy);
        }

        @Override
        public String name() {
            return "known";
        }
    }

    @Test
    void referenceOfTheSheet() {
        Tracks source = Tracks.of(line(0, 0, 1, 0), line(0, 0, 0, 1));
        Tracks output = Tracks.of(line(5, 5, 1, 0), line(0, 0, 1, 1), line(0, 0, -1, 0));
        MotionFidelity fidelity = MotionFidelity.of(source, output);
        assertThat(fidelity.oneWay()).isCloseTo(.569036, within(1e-6));
        assertThat(fidelity.balanced()).isCloseTo(.711294, within(1e-6));
        assertThat(fidelity.pooled()).isCloseTo(.682843, within(1e-6));
        assertThat(MotionFidelity.of(source, source).pooled()).isCloseTo(1, within(1e-12));
    }

    private static double[][] line(double x, double y, double dx, double dy) {
        double[][] points = new double[4][];
        for (int t = 0; t < 4; t++) {
            points[t] = new double[] {x + t * dx, y + t * dy};
        }
        return points;
    }

    @Test
    void staticTracksMatchStaticTracksOnly() {
        Tracks still = Tracks.of(line(3, 3, 0, 0));
        Tracks moving = Tracks.of(line(3, 3, 1, 0));
        assertThat(MotionFidelity.of(still, still).pooled()).isEqualTo(1);
        assertThat(MotionFidelity.of(still, still).staticFraction()).isEqualTo(1);
        assertThat(MotionFidelity.of(still, moving).pooled()).isZero();
        assertThat(MotionFidelity.of(moving, Tracks.of(line(0, 0, 2, 0))).speedRatio())
                .isEqualTo(2);
    }

    /** Check M13 with the built-in tracker. */
    @Test
    void fidelityOfPannedTextures() {
        BlockMatching flows = new BlockMatching();
        List<Frame> pan = pan(2, 0, 6);
        Tracks source = Tracks.follow(pan, flows, 12);
        assertThat(MotionFidelity.of(source, source).pooled()).isCloseTo(1, within(1e-9));
        Tracks flipped = Tracks.follow(mirrored(pan), flows, 12);
        assertThat(MotionFidelity.of(source, flipped).pooled()).isLessThanOrEqualTo(-0.9);
        List<Frame> backwards = new ArrayList<>(pan);
        Collections.reverse(backwards);
        assertThat(MotionFidelity.of(source, Tracks.follow(backwards, flows, 12))
                        .pooled())
                .isLessThanOrEqualTo(-0.9);
        assertThat(MotionFidelity.of(source, Tracks.follow(pan(0, 2, 6), flows, 12))
                        .pooled())
                .isLessThanOrEqualTo(0.5);
    }

    private static List<Frame> springing(int frames) {
        List<Frame> pan = pan(2, 0, 2);
        List<Frame> video = new ArrayList<>();
        for (int t = 0; t < frames; t++) {
            video.add(pan.get(t % 2));
        }
        return video;
    }

    @Test
    void turningOfMotion() {
        BlockMatching flows = new BlockMatching();
        assertThat(Temporal.turn(pan(2, 1, 5), flows)).isLessThan(0.1);
        assertThat(Temporal.turn(springing(5), flows)).isGreaterThan(2.8);
        assertThat(Temporal.turn(Collections.nCopies(4, pan(0, 0, 1).get(0)), flows))
                .isZero();
        assertThatThrownBy(() -> Temporal.turn(pan(1, 0, 2), flows)).hasMessageContaining("at least 3 frames, got 2");
    }

    /** A known pan comes back but for what enters at the border; a frame out of its place does not. */
    @Test
    void smoothnessOfAPan() {
        FlowProvider known = new FlowProvider() {
            @Override
            public Flow flow(Frame from, Frame to) {
                double step = to.timeSeconds() - from.timeSeconds();
                return Flow.uniform(SIDE, SIDE, 2 * step, 0);
            }

            @Override
            public String name() {
                return "known";
            }
        };
        List<Frame> pan = pan(2, 0, 5);
        double smooth = Temporal.smoothness(pan, known);
        assertThat(smooth).isGreaterThan(0.99);
        assertThat(Temporal.smoothness(pan, new BlockMatching())).isGreaterThan(0.98);
        List<Frame> jumping = new ArrayList<>(pan);
        jumping.set(1, pan(2, 0, 9).get(8).at(1));
        assertThat(Temporal.smoothness(jumping, known)).isLessThan(smooth - 0.05);
        assertThat(Temporal.smoothness(Collections.nCopies(3, pan.get(0)), new BlockMatching()))
                .isEqualTo(1);
    }

    @Test
    void dynamicDegreeFollowsTimesAndSize() {
        BlockMatching flows = new BlockMatching();
        // 64 pixels: 1.5 a frame at 8 frames a second is the border.
        assertThat(Temporal.moves(timed(pan(2, 0, 8), 8), flows)).isTrue();
        assertThat(Temporal.moves(timed(pan(1, 0, 8), 8), flows)).isFalse();
        // At 24 frames a second every third frame is looked at.
        assertThat(Temporal.moves(timed(pan(1, 0, 9), 24), flows)).isTrue();
        assertThat(Temporal.moves(Collections.nCopies(8, pan(0, 0, 1).get(0)), flows))
                .isFalse();
    }

    private static List<Frame> timed(List<Frame> video, double framesPerSecond) {
        List<Frame> result = new ArrayList<>();
        for (int t = 0; t < video.size(); t++) {
            result.add(video.get(t).at(t / framesPerSecond));
        }
        return result;
    }

    @Test
    void otherFrameCountsAreRefused() {
        assertThatThrownBy(() ->
                        MotionFidelity.of(Tracks.of(line(0, 0, 1, 0)), Tracks.of(new double[][] {{0, 0}, {1, 0}})))
                .hasMessageContaining("4 frames and the output 2");
    }

    /** Check M14 with known flow. */
    @Test
    void warpingErrorOfAnIntegerPanIsZeroAndNoiseAddsTwiceItsVariance() {
        List<Frame> pan = pan(2, 1, 4);
        FlowProvider known = new Known(2, 1, pan.get(0));
        assertThat(WarpingError.of(pan, pan, known)).isCloseTo(0, within(1e-6));
        double sigma = 0.04;
        List<Frame> noisy = new ArrayList<>();
        for (int t = 0; t < pan.size(); t++) {
            Frame frame = Orbit.noisy(List.of(pan.get(t)), sigma, 100 + t).get(0);
            noisy.add(frame.at(t));
        }
        assertThat(WarpingError.of(noisy, noisy, known)).isCloseTo(2 * sigma * sigma, within(0.2 * sigma * sigma));
    }

    @Test
    void jitterRaisesTheWarpingErrorFivefold() {
        List<Frame> pan = pan(1, 0, 6);
        List<Frame> jittered = new ArrayList<>();
        for (int t = 0; t < pan.size(); t++) {
            // Every second frame one pixel too far.
            jittered.add(pan(1, 0, t % 2 == 0 ? t + 1 : t + 2)
                    .get(t % 2 == 0 ? t : t + 1)
                    .at(t));
        }
        BlockMatching flows = new BlockMatching();
        double clean = WarpingError.of(pan, pan, flows);
        double shaken = WarpingError.of(jittered, pan, flows);
        assertThat(shaken).isGreaterThan(5 * Math.max(clean, 1e-4));
    }

    @Test
    void blockMatchingFindsPans() {
        for (double[] speed : new double[][] {{3, 0}, {-2, 1}, {0.5, 0}, {6, -5}, {0, 0}}) {
            List<Frame> pan = pan(speed[0], speed[1], 2);
            Flow flow = new BlockMatching().flow(pan.get(0), pan.get(1));
            int middle = SIDE * SIDE / 2 + SIDE / 2;
            assertThat((double) flow.dx()[middle]).isCloseTo(speed[0], within(0.2));
            assertThat((double) flow.dy()[middle]).isCloseTo(speed[1], within(0.2));
        }
    }

    /** Check M15: a frozen clip looks perfect to what sees no motion. */
    @Test
    void frozenClips() {
        List<Frame> frozen = Collections.nCopies(5, pan(0, 0, 1).get(0));
        BlockMatching flows = new BlockMatching();
        assertThat(Temporal.flicker(frozen)).isEqualTo(1);
        assertThat(Temporal.luminanceFlicker(frozen)).isZero();
        assertThat(Temporal.speed(frozen, flows)).isZero();
        assertThat(WarpingError.of(frozen, frozen, flows)).isZero();
        assertThat(Temporal.flicker(pan(2, 0, 5))).isLessThan(1);
    }

    @Test
    void wassersteinDistance() {
        assertThat(Temporal.wasserstein(new double[] {0, 1, 3}, new double[] {5, 6, 8}))
                .isCloseTo(5, within(1e-12));
        assertThat(Temporal.wasserstein(new double[] {0, 1}, new double[] {0, 0, 1, 1}))
                .isCloseTo(0, within(1e-12));
        assertThat(Temporal.wasserstein(new double[] {0}, new double[] {1, 3})).isCloseTo(2, within(1e-12));
    }
}
