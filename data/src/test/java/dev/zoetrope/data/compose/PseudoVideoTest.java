package dev.zoetrope.data.compose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.zoetrope.data.ClipSpec;
import dev.zoetrope.data.compose.PseudoVideo.Move;
import dev.zoetrope.data.compose.PseudoVideo.Window;
import dev.zoetrope.media.Frame;
import dev.zoetrope.media.Resize;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PseudoVideoTest {
    private static final ClipSpec SPEC = ClipSpec.of(32, 16, 7, 8);
    private static final List<Move> ALL = List.of(Move.values());

    /** Red grows to the right, green downwards. */
    private static Frame picture(int width, int height) {
        byte[] rgb = new byte[3 * width * height];
        for (int p = 0; p < width * height; p++) {
            rgb[3 * p] = (byte) (p % width);
            rgb[3 * p + 1] = (byte) (p / width);
            rgb[3 * p + 2] = (byte) (p % 7 * 30);
        }
        return new Frame(width, height, rgb, 0);
    }

    private static Frame resampled(Frame picture, Window window) {
        return Resize.part(picture, window.left(), window.top(), window.width(), window.height(), 32, 16);
    }

    @Test
    void theFirstAndLastFrameAreTheWindowsResampled() {
        Frame picture = picture(120, 100);
        for (int i = 0; i < 20; i++) {
            PseudoVideo moving = PseudoVideo.draw(120, 100, SPEC, ALL, "picture " + i, 3);
            List<Frame> frames = moving.frames(picture, SPEC, i % 2 == 0);
            assertThat(frames).hasSize(7);
            assertThat(frames.get(0).rgb())
                    .isEqualTo(resampled(picture, moving.start()).rgb());
            assertThat(frames.get(6).rgb())
                    .isEqualTo(resampled(picture, moving.end()).rgb());
            assertThat(frames.get(0).rgb()).isNotEqualTo(frames.get(6).rgb());
        }
    }

    @Test
    void equalWindowsGiveEqualFramesAndOneFrameIsTheFirst() {
        Frame picture = picture(80, 50);
        Window window = new Window(40.3, 25.1, 60, 30);
        List<Frame> still = new PseudoVideo(window, window).frames(picture, SPEC, false);
        assertThat(still)
                .allSatisfy(
                        frame -> assertThat(frame.rgb()).isEqualTo(still.get(0).rgb()));
        PseudoVideo moving = new PseudoVideo(window, new Window(30, 20, 40, 20));
        ClipSpec single = ClipSpec.of(32, 16, 1, 8);
        assertThat(moving.frames(picture, single, false))
                .singleElement()
                .satisfies(
                        frame -> assertThat(frame.rgb()).isEqualTo(still.get(0).rgb()));
    }

    @Test
    void windowsFollowTheDistributionAndStayInside() {
        Set<Double> sizes = new HashSet<>();
        Set<Move> seen = EnumSet.noneOf(Move.class);
        for (int i = 0; i < 300; i++) {
            PseudoVideo moving = PseudoVideo.draw(100, 90, SPEC, ALL, "a" + i, 0);
            for (int f = 0; f <= 10; f++) {
                Window window = moving.at(f / 10.0);
                assertThat(window.left()).isGreaterThan(-1e-9);
                assertThat(window.top()).isGreaterThan(-1e-9);
                assertThat(window.left() + window.width()).isLessThan(100 + 1e-9);
                assertThat(window.top() + window.height()).isLessThan(90 + 1e-9);
                assertThat(window.width() / window.height()).isBetween(2 - 1e-9, 2 + 1e-9);
                assertThat(window.width()).isBetween(60 - 1e-9, 100 + 1e-9);
            }
            double middle = Math.sqrt(moving.start().width() * moving.end().width());
            assertThat(moving.at(0.5).width()).isBetween(middle - 1e-9, middle + 1e-9);
            sizes.add(moving.start().width());
            seen.add(move(moving));
        }
        assertThat(seen).containsExactlyInAnyOrder(Move.values());
        assertThat(sizes).anyMatch(size -> size < 63).anyMatch(size -> size > 97);
    }

    private static Move move(PseudoVideo moving) {
        boolean sameSize = moving.start().width() == moving.end().width();
        boolean sameCentre = moving.start().centreX() == moving.end().centreX()
                && moving.start().centreY() == moving.end().centreY();
        assertThat(sameSize && sameCentre).isFalse();
        return sameSize ? Move.PAN : sameCentre ? Move.ZOOM : Move.BOTH;
    }

    @Test
    void theSameIdAndSeedGiveTheSameWindows() {
        PseudoVideo first = PseudoVideo.draw(100, 90, SPEC, ALL, "x", 1);
        assertThat(PseudoVideo.draw(100, 90, SPEC, ALL, "x", 1)).isEqualTo(first);
        assertThat(PseudoVideo.draw(100, 90, SPEC, ALL, "y", 1)).isNotEqualTo(first);
        assertThat(PseudoVideo.draw(100, 90, SPEC, ALL, "x", 2)).isNotEqualTo(first);
        for (Move move : Move.values()) {
            assertThat(move(PseudoVideo.draw(100, 90, SPEC, List.of(move), "x", 1)))
                    .isEqualTo(move);
        }
    }

    @Test
    void refusesSmallPictures() {
        assertThat(PseudoVideo.draw(200, 10, SPEC, ALL, "x", 0).start().height())
                .isLessThanOrEqualTo(10);
        assertThatThrownBy(() -> PseudoVideo.draw(200, 9, SPEC, ALL, "x", 0))
                .hasMessageContaining("200x9")
                .hasMessageContaining("at least 10");
    }
}
