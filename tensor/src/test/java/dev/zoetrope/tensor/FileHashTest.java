package dev.zoetrope.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileHashTest {
    @Test
    void hashesTheContent(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("a"), "abc");
        String abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assertThat(FileHash.sha256(file)).isEqualTo(abc).isEqualTo(FileHash.sha256(file));
        Files.writeString(file, "abcd");
        assertThat(FileHash.sha256(file)).isNotEqualTo(abc);
        assertThatThrownBy(() -> FileHash.sha256(folder.resolve("none"))).isInstanceOf(ZoetropeException.class);
    }

    @Test
    void doublesKeepTheirDigits() {
        double[] values = {1.0 / 3, -1e-300, 1e300};
        try (Scope scope = Scope.noGrad()) {
            assertThat(Tensors.toDoubles(Tensors.of(values, 3))).containsExactly(values);
        }
    }
}
