package dev.zoetrope.diffusion.parity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.zoetrope.tensor.parity.ParityCheck;
import dev.zoetrope.tensor.parity.ParityReport;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NetworkParityTest {
    @ParameterizedTest
    @ValueSource(strings = {"unet2d-sd15", "unet2d-sd21", "unet3d", "unet-motion", "unet-motion-adapter", "unet-svd"})
    void unetsEqualTheReference(String name) {
        check(new UNetParity(), name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"autoencoder-kl", "autoencoder-kl-temporal-decoder"})
    void autoencodersEqualTheReference(String name) {
        check(new AutoencoderParity(), name);
    }

    static void check(ParityCheck check, String name) {
        Path folder = Path.of("src/test/resources/golden", name);
        ParityReport report = new ParityReport(name);
        assertThat(check.supports(folder)).isTrue();
        check.run(folder, report);
        assertThat(report.passed()).describedAs("%s", report.lines()).isTrue();
    }
}
