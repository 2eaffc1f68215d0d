package dev.zoetrope.data.compose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.zoetrope.data.ClipRandom;
import dev.zoetrope.data.compose.ShotSegmenter.Shot;
import dev.zoetrope.media.Frame;
import dev.zoetrope.media.Resize;
import dev.zoetrope.media.VideoOptions;
import dev.zoetrope.media.VideoReader;
import dev.zoetrope.media.VideoWriter;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShotSegmenterTest {
    @TempDir
    Path folder;

    /** Shots of these lengths, each of another grey, with noise; 8 frames a second. */
    private Path video(int... lengths) {
        Path file = folder.resolve("video.apng");
        ClipRandom random = new ClipRandom(1, 1);
        try (VideoWriter writer = VideoWriter.open(file, VideoOptions.of(8))) {
            for (int shot = 0; shot < lengths.length; shot++) {
                for (int f = 0; f < lengths[shot]; f++) {
                    byte[] rgb = new byte[3 * 40 * 36];
                    for (int i = 0; i < rgb.length; i++) {
                        rgb[i] = (byte) (30 + 60 * shot + random.below(20));
                    }
                    writer.write(new Frame(40, 36, rgb, 0));
                }
            }
            writer.finish();
        }
        return file;
    }

    @Test
    void cutsAtChangesAndDropsShortShots() {
        Path video = video(24, 8, 40);
        List<Shot> shots = ShotSegmenter.DEFAULT.segment(video);
        assertThat(shots).extracting(Shot::frames).containsExactly(24, 40);
        assertThat(shots.get(0).end()).isCloseTo(3, within(1e-9));
        assertThat(shots.get(1).start()).isCloseTo(4, within(1e-9));
        assertThat(shots.get(1).end()).isCloseTo(9, within(1e-9));
        assertThat(new ShotSegmenter(3, 0).segment(video)).hasSize(3);
        assertThat(new ShotSegmenter(100, 0).segment(video))
                .singleElement()
                .satisfies(shot -> assertThat(shot.frames()).isEqualTo(72));
        assertThat(new ShotSegmenter(3, 6).segment(video)).isEmpty();
    }

    @Test
    void anUnchangingVideoIsOneShot() {
        assertThat(ShotSegmenter.DEFAULT.segment(video(17)))
                .singleElement()
                .satisfies(shot -> assertThat(shot.duration()).isCloseTo(17 / 8.0, within(1e-9)));
    }

    @Test
    void refusesBadValues() {
        assertThatThrownBy(() -> new ShotSegmenter(0, 2)).hasMessageContaining("deviations");
        assertThatThrownBy(() -> new ShotSegmenter(3, -1)).hasMessageContaining("shortest");
        assertThatThrownBy(() -> ShotSegmenter.DEFAULT.segment(folder.resolve("none.mp4")))
                .hasMessageContaining("does not exist");
    }

    @Test
    void findsTheCutBetweenTwoRealVideos() {
        Path joined = folder.resolve("joined.mp4");
        try (VideoWriter writer = VideoWriter.open(joined, VideoOptions.of(10))) {
            for (String name : List.of("vtest.avi", "tree.avi")) {
                for (Frame frame : VideoReader.readAll(RealVideo.file(name), 35)) {
                    writer.write(Resize.area(frame, 160, 120));
                }
            }
            writer.finish();
        }
        List<Shot> shots = ShotSegmenter.DEFAULT.segment(joined);
        assertThat(shots).hasSize(2);
        assertThat(shots.get(0).frames()).isEqualTo(35);
        assertThat(shots.get(1).start()).isBetween(3.49, 3.51);
    }
}
