package dev.zoetrope.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ControlCommandTest {
    @TempDir
    static Path folder = Path.of("");

    private static Path model = Path.of("");

    @BeforeAll
    static void fit() throws IOException {
        model = TinyModel.write(folder.resolve("model"));
        Run run = Run.of(
                "motion",
                "fit",
                "-m",
                model,
                "--per-direction",
                1,
                "--clip-frames",
                4,
                "--reference-step",
                1,
                "-o",
                folder.resolve("model.moft"));
        assertThat(run.status()).as(run.err()).isZero();
    }

    private static Run control(Object... arguments) {
        Object[] fixed = {
            "control", "a red circle", "-m", model, "--frames", 4, "--steps", 4, "--repeats", 1, "--no-source"
        };
        return Run.of(Stream.concat(Stream.of(fixed), Stream.of(arguments)).toArray());
    }

    @Test
    void movesRegionsWithWeightsOfTheirOwn() {
        Run run = control("--move", "8x16+0+0=left", "--move", "8x16+8+0=right", "--weight", "2,0", "-o", out("moved"));
        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.out()).contains("box 0,0,8,16", "box 8,0,8,16", "guided.mp4");
    }

    @Test
    void dragsAPointAndTellsWhatCameOut() {
        Run run = control("--drag", "4,8=12,8", "--drag-radius", 2, "--drag-loss", "ENERGY", "-o", out("dragged"));
        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.out()).contains("dragged point: right", "sheet.png");
    }

    @Test
    void stepsMayBeTheGradientItself() {
        Run run = control("--move", "left", "--step-kind", "RAW", "--weight", 8, "-o", out("raw"));
        assertThat(run.status()).as(run.err()).isZero();
        assertThat(folder.resolve("raw/guided.mp4")).isNotEmptyFile();
    }

    @Test
    void mapsAreAskedForAtEveryPlace() {
        Run run = control("--move", "left", "--curve", "MAP", "--loss", "COSINE", "-o", out("mapped"));
        assertThat(run.status()).as(run.err()).isZero();
        assertThat(folder.resolve("mapped/guided.mp4")).isNotEmptyFile();
    }

    private static Path out(String name) {
        return folder.resolve(name);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--seed 1 | one of them is required",
                "--move left --drag 1,1=2,2 | do not go together",
                "--move left --move right --weight 1 | 1 values for 2 motions",
                "--move left --weight -1 | expected at least 0",
                "--move left --strength -1 | strength: -1.0",
                "--drag 1,1=2,2 --weight 1,2 | 2 values for 1 motions",
                "--drag 1,1=2,2 --camera | --camera",
                "--drag 1,1=2,2 --loss COSINE | loss COSINE",
                "--drag 1,1=2,2 --drag-radius 0 | above 0",
                "--drag 1,1=2,2 --recompute | recomputation",
                "--drag 1,1=16,2 | outside the 16x16 picture",
                "--drag 1,1=2,2:4 | from 0 to 3",
                "--drag 1,1 | expected at least two points",
                "--move left --step-kind LARGE | expected one of",
                "--move left --curve MAP | use --loss DENSE_L2 or COSINE",
            })
    void whatCannotBeIsRefused(String options, String message) {
        Run run = control(Stream.concat(Stream.of(options.split(" ")), Stream.of("-o", out("refused")))
                .toArray());
        assertThat(run.err()).contains(message).doesNotContain("\tat ");
        assertThat(run.status()).isEqualTo(2);
        assertThat(out("refused")).doesNotExist();
    }
}
