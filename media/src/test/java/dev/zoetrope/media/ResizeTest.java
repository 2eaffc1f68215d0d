package dev.zoetrope.media;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ResizeTest {
    /** A grey picture whose rows are all alike. */
    private static Frame rows(int height, int... greys) {
        byte[] rgb = new byte[3 * greys.length * height];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) greys[i / 3 % greys.length];
        }
        return new Frame(greys.length, height, rgb, 0);
    }

    private static int[] row(Frame frame, int y) {
        int[] greys = new int[frame.width()];
        Arrays.setAll(greys, x -> frame.rgb()[3 * (y * frame.width() + x) + 1] & 0xFF);
        return greys;
    }

    /** Weights .43359, .11328, -.03516, -.01172 by Keys' kernel, widened to twice the size. */
    @Test
    void bicubicHalvesThroughAWidenedKernel() {
        int[] greys = new int[16];
        Arrays.fill(greys, 100);
        greys[7] = 200;
        Frame half = Resize.bicubic(rows(6, greys), 8, 3);
        assertThat(half.height()).isEqualTo(3);
        for (int y = 0; y < 3; y++) {
            assertThat(row(half, y)).containsExactly(100, 100, 96, 143, 111, 99, 100, 100);
        }
    }

    @Test
    void bicubicOvershootStaysInRange() {
        int[] greys = new int[16];
        Arrays.fill(greys, 8, 16, 255);
        int[] large = row(Resize.bicubic(rows(4, greys), 64, 16), 5);
        assertThat(large[24]).isZero();
        assertThat(large[39]).isEqualTo(255);
        // Rises over four pixels, and not through a value that has wrapped around.
        assertThat(Arrays.copyOfRange(large, 28, 36)).isSorted();
        assertThat(Arrays.stream(large).filter(grey -> grey > 0 && grey < 255).count())
                .isBetween(2L, 8L);
    }

    @Test
    void bicubicOfTheSameSizeChangesNothing() {
        Frame frame = TestClips.disc(20, 12, 1).get(0);
        assertThat(Resize.bicubic(frame, 20, 12).rgb()).isEqualTo(frame.rgb());
    }
}
