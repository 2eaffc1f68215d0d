package dev.zoetrope.moft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.zoetrope.tensor.ZoetropeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DirectionTest {
    private static final MotionAxis AXIS = new MotionAxis(
            new long[] {2, 0}, new double[] {-3, -1}, new double[] {3, 1}, new int[] {-1, 1}, new double[] {1, 0, 1});

    @Test
    void wordsAnglesVelocitiesAndSequences() {
        assertThat(Direction.parse("left").mean()).containsExactly(-1, 0);
        assertThat(Direction.parse(" UP ").mean()).containsExactly(0, -1);
        double[] diagonal = Direction.parse("45").mean();
        assertThat(diagonal[0]).isCloseTo(Math.sqrt(0.5), within(1e-12));
        assertThat(diagonal[1]).isCloseTo(-Math.sqrt(0.5), within(1e-12));
        assertThat(Direction.parse("180").moves(Axis.VERTICAL)).isFalse();
        assertThat(Direction.parse("0.5,-0.25").mean()).containsExactly(0.5, -0.25);
        assertThat(Direction.parse("1,0; 0,1").pieces()).hasSize(2);
        assertThat(Direction.parse("right*7,left*8").layout(16).borders()).containsExactly(0, 7, 15);
        assertThat(Direction.parse("right*7,left*8").layout(8).borders()).containsExactly(0, 3, 7);
        assertThat(Direction.parse("right,left").ofCamera().pieces().get(0).vx())
                .isEqualTo(-1);
        assertThat(Direction.parse("still").isStill()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "north", "right*0", "right*", "1,", ",", "1,2,3", "nan", "right;left", "*3", "1;2"})
    void otherTextsAreRefusedWithTheForms(String text) {
        assertThatThrownBy(() -> Direction.parse(text))
                .isInstanceOf(ZoetropeException.class)
                .hasMessageContaining("expected left, right, up, down or still");
    }

    @Test
    void tooFastAndTooManyPiecesAreRefused() {
        assertThatThrownBy(() -> Direction.parse("1,1")).hasMessageContaining("faster than 1");
        assertThatThrownBy(() -> Direction.parse("1,0;0,1").layout(8))
                .hasMessageContaining("2 velocities for 8 frames");
        assertThatThrownBy(() -> Direction.parse("left,right,left").layout(3)).hasMessageContaining("2 intervals");
    }

    @Test
    void theReleasesCurveAlternatesBetweenTheExtremes() {
        double[][] curve = MotionCurves.piecewise(AXIS.low(), AXIS.high(), AXIS.sign(), 16, 0, 7, 15);
        assertThat(new double[] {curve[0][0], curve[7][0], curve[15][0]})
                .containsExactly(new double[] {3, -3, 3}, within(1e-9));
        assertThat(new double[] {curve[0][1], curve[7][1], curve[15][1]})
                .containsExactly(new double[] {-1, 1, -1}, within(1e-9));
        assertThatThrownBy(() -> MotionCurves.piecewise(AXIS.low(), AXIS.high(), AXIS.sign(), 16, 0, 7))
                .isInstanceOf(ZoetropeException.class);
    }

    @Test
    void synthesisedCurvesAreTheReleasesOnesWithZeroMean() {
        double[][] ours = MotionCurves.linear(Direction.parse("right*7,left*8"), Axis.HORIZONTAL, AXIS, 16);
        double[][] release =
                MotionCurves.centred(MotionCurves.piecewise(AXIS.low(), AXIS.high(), AXIS.sign(), 16, 0, 7, 15));
        double[][] left = MotionCurves.linear(Direction.parse("left*7,right*8"), Axis.HORIZONTAL, AXIS, 16);
        for (int c = 0; c < 2; c++) {
            double mean = 0;
            for (int f = 0; f < 16; f++) {
                assertThat(ours[f][c]).isCloseTo(release[f][c], within(1e-9));
                assertThat(ours[f][c] + left[f][c]).isCloseTo(0, within(1e-9));
                mean += ours[f][c];
            }
            assertThat(mean).isCloseTo(0, within(1e-9));
        }
    }

    @Test
    void velocitiesAddUpAndFullSpeedIsTheWord() {
        double[] full = {1, 1, 1, 1};
        double[][] listed = MotionCurves.linear(Direction.ofVelocities(full, new double[4]), Axis.HORIZONTAL, AXIS, 5);
        assertThat(listed).isDeepEqualTo(MotionCurves.linear(Direction.of(Heading.RIGHT), Axis.HORIZONTAL, AXIS, 5));
        assertThat(listed[0][0] - listed[4][0]).isCloseTo(6, within(1e-9));
        double[][] half = MotionCurves.linear(Direction.parse("0.5,0"), Axis.HORIZONTAL, AXIS, 5);
        assertThat(half[0][0] - half[1][0]).isCloseTo(6 * 0.5 / 4, within(1e-9));
        double[][] still = MotionCurves.linear(Direction.of(Heading.STILL), Axis.HORIZONTAL, AXIS, 5);
        assertThat(still[3]).containsOnly(0);
    }

    @Test
    void theEmpiricalCurveOfTheFittedLengthIsTheTrace() {
        double[][] trace = {{-2}, {-1}, {0}, {3}};
        double[][] back = {{2}, {1}, {0}, {-3}};
        double[][] curve = MotionCurves.empirical(Direction.of(Heading.RIGHT), Axis.HORIZONTAL, trace, back, 4);
        assertThat(curve).isDeepEqualTo(trace);
        double[][] turn = MotionCurves.empirical(Direction.parse("right,left"), Axis.HORIZONTAL, trace, back, 7);
        assertThat(turn[3][0] - turn[0][0]).isCloseTo(5, within(1e-9));
        assertThat(turn[6][0]).isCloseTo(turn[0][0], within(1e-9));
    }

    @Test
    void everyPieceRunsThroughTheWholeMapAndBackwardsIsItsNegative() {
        MotionTarget map = new MotionTarget(new long[] {0}, new float[] {-3, 0, 3}, new long[] {3, 1, 1, 1});
        assertThat(MotionCurves.map(Direction.of(Heading.RIGHT), Axis.HORIZONTAL, map, 3)
                        .values())
                .containsExactly(-3, 0, 3);
        assertThat(MotionCurves.map(Direction.parse("0"), Axis.HORIZONTAL, map, 5)
                        .values())
                .containsExactly(-3, -1.5f, 0, 1.5f, 3);
        // Where one piece ends the next one goes on from: 3 to the right is the place where -(-3) to the left begins.
        assertThat(MotionCurves.map(Direction.parse("right*4,left*2"), Axis.HORIZONTAL, map, 7)
                        .values())
                .usingComparatorWithPrecision(1e-6f)
                .containsExactly(centred(-3, -1.5f, 0, 1.5f, 3, 0, -3));
    }

    private static float[] centred(float... values) {
        float mean = 0;
        for (float value : values) {
            mean += value / values.length;
        }
        for (int i = 0; i < values.length; i++) {
            values[i] -= mean;
        }
        return values;
    }
}
