package dev.zoetrope.moft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrajectoryTest {
    private static double[][] positions(String text, int frames) {
        return Trajectory.parse(text).positions(frames, 64, 48);
    }

    @Test
    void twoPointsAreJoinedAtEvenSpeed() {
        assertThat(positions("20,32=26,29", 4)).isDeepEqualTo(new double[][] {{20, 32}, {22, 31}, {24, 30}, {26, 29}});
    }

    @Test
    void aPointBetweenIsReachedHalfWay() {
        assertThat(positions("0,0 = 8,0 = 8,4.5", 3)).isDeepEqualTo(new double[][] {{0, 0}, {8, 0}, {8, 4.5}});
        assertThat(positions("0,0=8,0=8,8", 4)[1]).containsExactly(16.0 / 3, 0);
    }

    @Test
    void framesSayWhenAndThePointRestsBeforeAndAfter() {
        assertThat(positions("4,4:1=8,4:3", 6))
                .isDeepEqualTo(new double[][] {{4, 4}, {4, 4}, {6, 4}, {8, 4}, {8, 4}, {8, 4}});
        assertThat(positions("4,4=8,4:1=8,8", 4)).isDeepEqualTo(new double[][] {{4, 4}, {8, 4}, {8, 6}, {8, 8}});
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "20,32", "20,32=", "20=32", "20,32=left", "-1,3=4,4", "1,2=3,4:x", "1,2=3,4:-1", "1e9,2=3,4"
            })
    void otherTextsAreRefusedWithTheForm(String text) {
        assertThatThrownBy(() -> Trajectory.parse(text)).hasMessageContaining("20,32=48,32");
    }

    @Test
    void pointsOutsideThePictureAndFramesOutOfOrderAreRefused() {
        assertThatThrownBy(() -> positions("63,47=64,47", 4))
                .hasMessageContaining("outside the 64x48 picture")
                .hasMessageContaining("63,47");
        assertThat(positions("63,47=0,0", 2)).hasDimensions(2, 2);
        assertThatThrownBy(() -> positions("1,1=2,2:4", 4)).hasMessageContaining("from 0 to 3");
        assertThatThrownBy(() -> positions("1,1=2,2:0", 4)).hasMessageContaining("must rise");
        assertThatThrownBy(() -> positions("1,1=2,2:3=3,3", 4)).hasMessageContaining("must rise");
    }
}
