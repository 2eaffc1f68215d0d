package dev.zoetrope.vidrd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.zoetrope.tensor.parity.ParityCheck;
import dev.zoetrope.tensor.parity.ParityReport;
import dev.zoetrope.vidrd.parity.IterationParity;
import dev.zoetrope.vidrd.parity.TemporalDecoderParity;
import dev.zoetrope.vidrd.parity.TemporalUNetParity;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class VidRDParityTest {
    @Test
    void iterationEqualsTheReleasedLoop() {
        check(new IterationParity(), "vidrd-sampling");
    }

    @Test
    void networkEqualsTheReference() {
        check(new TemporalUNetParity(), "vidrd-unet");
    }

    @Test
    void decoderEqualsTheReference() {
        check(new TemporalDecoderParity(), "vidrd-decoder");
    }

    private static void check(ParityCheck check, String name) {
        Path folder = Path.of("src/test/resources/golden", name);
        ParityReport report = new ParityReport(name);
        assertThat(check.supports(folder)).isTrue();
        check.run(folder, report);
        assertThat(report.passed()).describedAs("%s", report.lines()).isTrue();
    }
}
