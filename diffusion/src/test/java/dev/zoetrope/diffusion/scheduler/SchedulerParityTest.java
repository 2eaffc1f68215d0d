package dev.zoetrope.diffusion.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.zoetrope.tensor.parity.ParityReport;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class SchedulerParityTest {
    @Test
    void everyTrajectoryAgreesWithTheReference() {
        Path folder = Path.of("src/test/resources/golden/schedulers");
        SchedulerParity check = new SchedulerParity();
        ParityReport report = new ParityReport("schedulers");
        assertThat(check.supports(folder)).isTrue();
        check.run(folder, report);
        report.lines().forEach(System.out::println);
        assertThat(report.lines()).hasSizeGreaterThan(14 * 4).allMatch(ParityReport.Line::ok);
    }
}
