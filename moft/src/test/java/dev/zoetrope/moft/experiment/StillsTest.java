package dev.zoetrope.moft.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.zoetrope.media.Frame;
import dev.zoetrope.media.Images;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which pictures AE-13 takes. */
class StillsTest {
    @TempDir
    Path folder = Path.of("");

    private Path put(String name, int side) {
        Path file = folder.resolve(name);
        Images.writePng(file, new Frame(side, side, new byte[3 * side * side], 0));
        return file;
    }

    @Test
    void ofAFolderTheFirstThreeThatAreLargeEnough() throws IOException {
        Path b = put("b.png", 256);
        put("a.png", 255);
        Path c = put("c.PNG", 300);
        Files.writeString(folder.resolve("aa.txt"), "no picture");
        assertThatThrownBy(() -> StillsExperiment.ofFolder(folder)).hasMessageContaining("has 2 PNG or JPEG");
        Path d = put("d.png", 256);
        put("e.png", 256);
        assertThat(StillsExperiment.ofFolder(folder)).containsExactly(b, c, d);
    }

    @Test
    void ofTheInstalledExamplesOnlyPhotographs() {
        put("bw_text.png", 300);
        put("page.png", 300);
        Path brick = put("brick.png", 300);
        Path coffee = put("coffee.png", 300);
        assertThatThrownBy(() -> StillsExperiment.ofInstalled(folder))
                .hasMessageContaining("has 2 of the photographs astronaut.png")
                .hasMessageContaining("--stills");
        Path cat = put("chelsea.png", 300);
        assertThat(StillsExperiment.ofInstalled(folder)).containsExactly(coffee, cat, brick);
    }
}
