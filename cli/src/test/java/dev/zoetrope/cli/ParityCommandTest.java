package dev.zoetrope.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.zoetrope.media.Frame;
import dev.zoetrope.media.VideoOptions;
import dev.zoetrope.media.VideoWriter;
import dev.zoetrope.tensor.JsonFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ParityCommandTest {
    @TempDir
    Path folder = Path.of("");

    private Path fixture = Path.of("");

    /** A lossless two-frame video of one colour, and what a decoder should see. */
    @BeforeEach
    void makeFixture() throws IOException {
        fixture = Files.createDirectory(folder.resolve("videos"));
        byte[] rgb = new byte[16 * 16 * 3];
        Arrays.fill(rgb, (byte) 100);
        try (VideoWriter writer = VideoWriter.open(fixture.resolve("gray.png"), VideoOptions.of(4))) {
            writer.write(new Frame(16, 16, rgb, 0));
            writer.write(new Frame(16, 16, rgb, 0.25));
            writer.finish();
        }
        Files.writeString(fixture.resolve("text.mp4"), "not a video");
        writeExpected(100);
    }

    private void writeExpected(double mean) {
        ObjectNode expected = (ObjectNode) JsonFiles.read(writeEmpty(fixture.resolve("expected.json")));
        ObjectNode gray = expected.putObject("gray.png");
        gray.put("probe_ok", true).put("displayed_width", 16).put("displayed_height", 16);
        ArrayNode times = gray.putArray("times");
        times.add(0).add(0.25);
        ArrayNode means = gray.putArray("mean_rgb");
        means.addArray().add(mean).add(mean).add(mean);
        means.addArray().add(mean).add(mean).add(mean);
        expected.putObject("text.mp4").put("probe_ok", false);
        JsonFiles.write(fixture.resolve("expected.json"), expected);
    }

    private static Path writeEmpty(Path file) {
        JsonFiles.write(file, java.util.Map.of());
        return file;
    }

    @Test
    void agreesAndSaysSo() {
        Run run = Run.of("parity", fixture, "--json", folder.resolve("report.json"));
        assertThat(run.status()).as(run.out() + run.err()).isZero();
        assertThat(run.out()).contains("mean_rgb", "4 agree, 0 miss");
        JsonNode report = JsonFiles.read(folder.resolve("report.json"));
        assertThat(report.path("passed").asBoolean()).isTrue();
        assertThat(report.path("lines")).hasSize(4);
    }

    @Test
    void aWrongReferenceIsAMiss() {
        writeExpected(120);
        Run run = Run.of("parity", fixture);
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.out()).contains("MISS", "max abs 20", "3 agree, 1 miss");
    }

    @Test
    void aFolderOfFixturesStandsForAllAndAnUnknownOneFails() throws IOException {
        Path other = Files.createDirectory(folder.resolve("other"));
        Files.writeString(other.resolve("golden.json"), "{\"module\": \"SomethingElse\"}");
        Run run = Run.of("parity", folder);
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.out()).contains("other: no check", "4 agree, 0 miss; 1 folders of unknown kind");
    }

    @Test
    void anEmptyFolderIsNotASuccess() throws IOException {
        assertThat(Run.of("parity", Files.createDirectory(folder.resolve("empty")))
                        .status())
                .isEqualTo(1);
        Run missing = Run.of("parity", folder.resolve("nowhere"));
        assertThat(missing.status()).isEqualTo(2);
        assertThat(missing.err()).contains("nowhere does not exist");
    }
}
