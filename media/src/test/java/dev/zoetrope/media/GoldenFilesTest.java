package dev.zoetrope.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.zoetrope.tensor.ErrorCode;
import dev.zoetrope.tensor.ZoetropeException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What an independent decoder saw in videos as users have them. */
class GoldenFilesTest {
    private static final double MEAN_TOLERANCE = 2.0;
    private static final double TIME_TOLERANCE_SECONDS = 1e-3;

    private static JsonNode expected() throws IOException {
        return new ObjectMapper().readTree(TestFiles.media("expected.json").toFile());
    }

    static Stream<String> readable() throws IOException {
        return names(true);
    }

    static Stream<String> refused() throws IOException {
        return names(false);
    }

    private static Stream<String> names(boolean readable) throws IOException {
        List<String> names = new ArrayList<>();
        expected().properties().forEach(file -> {
            if (file.getValue().get("probe_ok").asBoolean() == readable) {
                names.add(file.getKey());
            }
        });
        return names.stream();
    }

    @ParameterizedTest
    @MethodSource("readable")
    void agreesWithTheReference(String name) throws IOException {
        JsonNode file = expected().get(name);
        try (VideoReader reader = VideoReader.open(TestFiles.media(name))) {
            VideoInfo info = reader.info();
            assertThat(info.codec()).isEqualTo(file.at("/stream/codec_name").asText());
            assertThat(info.width()).isEqualTo(file.get("displayed_width").asInt());
            assertThat(info.height()).isEqualTo(file.get("displayed_height").asInt());
            int i = 0;
            for (Frame frame : reader) {
                assertThat(i)
                        .as("more frames than expected")
                        .isLessThan(file.get("frames").asInt());
                assertThat(frame.width()).isEqualTo(info.width());
                assertThat(frame.height()).isEqualTo(info.height());
                double time = file.get("times").get(i).asDouble();
                assertThat(frame.timeSeconds())
                        .as("time of frame %d", i)
                        .isEqualTo(time, within(TIME_TOLERANCE_SECONDS));
                double[] mean = mean(frame);
                for (int channel = 0; channel < 3; channel++) {
                    double want = file.get("mean_rgb").get(i).get(channel).asDouble();
                    assertThat(mean[channel])
                            .as("frame %d channel %d", i, channel)
                            .isEqualTo(want, within(MEAN_TOLERANCE));
                }
                i++;
            }
            assertThat(i).isEqualTo(file.get("frames").asInt());
            boolean whole = !name.startsWith("truncated");
            assertThat(reader.warnings().isEmpty())
                    .as("warnings %s", reader.warnings())
                    .isEqualTo(whole);
        }
    }

    @ParameterizedTest
    @MethodSource("refused")
    void refusesWhatHoldsNoPictures(String name) {
        assertThatThrownBy(() -> VideoReader.open(TestFiles.media(name)))
                .isInstanceOfSatisfying(
                        ZoetropeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.BAD_INPUT))
                .hasMessageContaining(name)
                .hasMessageContaining(";");
    }

    @Test
    void saysWhatAFileIs() {
        try (VideoReader reader = VideoReader.open(TestFiles.media("rotated90.mp4"))) {
            assertThat(reader.info().rotationDegrees()).isEqualTo(270);
            assertThat(reader.info().framesPerSecond()).isEqualTo(12);
            assertThat(reader.info().durationSeconds()).isEqualTo(1);
        }
        try (VideoReader reader = VideoReader.open(TestFiles.media("h264_with_audio.mp4"))) {
            assertThat(reader.info().hasAudio()).isTrue();
        }
        try (VideoReader reader = VideoReader.open(TestFiles.media("alpha_png.mov"))) {
            assertThat(reader.info().hasAlpha()).isTrue();
        }
    }

    static double[] mean(Frame frame) {
        double[] sum = new double[3];
        for (int i = 0; i < frame.rgb().length; i++) {
            sum[i % 3] += frame.rgb()[i] & 0xFF;
        }
        int pixels = frame.width() * frame.height();
        return new double[] {sum[0] / pixels, sum[1] / pixels, sum[2] / pixels};
    }
}
