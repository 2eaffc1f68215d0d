package dev.zoetrope.vidrd.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.zoetrope.diffusion.experiment.Outcome;
import dev.zoetrope.diffusion.model.VideoModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PseudoVideoExperimentTest {
    private static final Path PRESET = Path.of("..", "presets", "tiny-text-to-video");

    @TempDir
    Path work;

    /** Not trained enough to show anything: the sets, and that all parts run, are what is tested. */
    @Test
    void halfOfTheSecondSetAreStillsInMotion() throws IOException {
        Outcome outcome;
        try (VideoModel model = VideoModel.open(PRESET)) {
            outcome = PseudoVideoExperiment.run(model, PRESET, work, new PseudoVideoExperiment.Scale(2, 6, 2));
        }
        assertThat(outcome.lines()).hasSize(5).anyMatch(line -> line.contains("(control)"));
        assertThat(kinds("set-a")).containsExactly(6, 0);
        assertThat(kinds("set-b")).containsExactly(3, 3);
        assertThat(Files.readString(work.resolve("set-a/metadata.jsonl"))).doesNotContain("triangle");
        assertThat(work.resolve("samples.png")).isNotEmptyFile();
    }

    private int[] kinds(String set) throws IOException {
        String manifest = Files.readString(work.resolve(set).resolve("metadata.jsonl"));
        return new int[] {manifest.split("\"captioned\"", -1).length - 1, manifest.split("\"stills\"", -1).length - 1};
    }

    @Test
    void refusesTooLittle() {
        assertThatThrownBy(() -> new PseudoVideoExperiment.Scale(1, 6, 2)).hasMessageContaining("1 steps");
        assertThatThrownBy(() -> new VidRDExperiments.Setting(work, work, work, 1))
                .hasMessageContaining("steps");
    }
}
