package dev.zoetrope.tensor.parity;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class RngParityTest {
    @Test
    void seededNumbersEqualTheReferenceBitForBit() {
        Path folder = Path.of("src/test/resources/golden/torch-rng");
        ParityReport report = new ParityReport("torch-rng");
        RngParity check = new RngParity();
        assertThat(check.supports(folder)).isTrue();
        check.run(folder, report);
        assertThat(report.lines()).hasSizeGreaterThan(30).allMatch(ParityReport.Line::ok);
    }
}
