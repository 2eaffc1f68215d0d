package dev.zoetrope.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Sha256Test {
    @Test
    void hashesTheContent(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("a"), "abc");
        String abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assertThat(Sha256.of(file)).isEqualTo(abc).isEqualTo(Sha256.of(file));
        Files.writeString(file, "abcd");
        assertThat(Sha256.of(file)).isNotEqualTo(abc);
        assertThatThrownBy(() -> Sha256.of(folder.resolve("none"))).isInstanceOf(ZoetropeException.class);
    }

    @Test
    void doublesKeepTheirDigits() {
        double[] values = {1.0 / 3, -1e-300, 1e300};
        try (Scope scope = Scope.noGrad()) {
            assertThat(Tensors.toDoubles(Tensors.of(values, 3))).containsExactly(values);
        }
    }
}
