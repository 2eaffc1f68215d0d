package dev.zoetrope.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.zoetrope.tensor.ZoetropeException;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;

class ClipBatchesTest {
    private static final ClipSpec SPEC = ClipSpec.of(32, 32, 4, 8);

    private static CaptionedClips maker() {
        return CaptionedClips.create(SPEC, Grammar.tiny(), Split.TRAIN, 5);
    }

    private static List<ClipBatch<CaptionedClip>> take(long start, int count, int threads) {
        List<ClipBatch<CaptionedClip>> taken = new ArrayList<>();
        try (var batches = ClipBatches.open(maker(), 3, start, threads, 4)) {
            while (taken.size() < count && batches.hasNext()) {
                taken.add(batches.next());
            }
        }
        return taken;
    }

    @Test
    void resumedRunsSeeTheSameBatches() {
        List<ClipBatch<CaptionedClip>> whole = take(0, 12, 1);
        List<ClipBatch<CaptionedClip>> resumed = take(7, 5, 3);
        for (int i = 0; i < 5; i++) {
            assertThat(resumed.get(i).step()).isEqualTo(7 + i);
            assertThat(resumed.get(i).captions()).isEqualTo(whole.get(7 + i).captions());
            assertThat(resumed.get(i).pixels()).isEqualTo(whole.get(7 + i).pixels());
        }
        assertThat(whole.get(2).clips().get(1).index()).isEqualTo(7);
        assertThat(whole.get(0).pixels()).hasSize(3 * SPEC.floats());
    }

    @Test
    void closedBatchesEnd() {
        var batches = ClipBatches.open(maker(), 2, 0);
        batches.next();
        batches.close();
        batches.close();
        assertThat(batches.hasNext()).isFalse();
        assertThatThrownBy(batches::next).isInstanceOf(NoSuchElementException.class);
    }

    @Test
    void failuresOfTheSourceArrive() {
        ClipSource<CaptionedClip> broken = new ClipSource<>() {
            @Override
            public ClipSpec spec() {
                return SPEC;
            }

            @Override
            public CaptionedClip clip(long index) {
                if (index == 4) {
                    throw ZoetropeException.badInput("clip 4 is damaged");
                }
                return maker().clip(index);
            }
        };
        try (var batches = ClipBatches.open(broken, 2, 0)) {
            assertThat(batches.next().step()).isZero();
            assertThat(batches.next().step()).isEqualTo(1);
            assertThatThrownBy(batches::next)
                    .isInstanceOf(ZoetropeException.class)
                    .hasMessageContaining("damaged");
            assertThat(batches.hasNext()).isFalse();
        }
    }

    @Test
    void refusesBadSizes() {
        assertThatThrownBy(() -> ClipBatches.open(maker(), 0, 0)).hasMessageContaining("batches of 0");
        assertThatThrownBy(() -> ClipBatches.open(maker(), 1, -1)).hasMessageContaining("step -1");
    }
}
