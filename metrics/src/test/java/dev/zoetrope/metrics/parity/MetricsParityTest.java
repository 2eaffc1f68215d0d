package dev.zoetrope.metrics.parity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.zoetrope.tensor.parity.ParityCheck;
import dev.zoetrope.tensor.parity.ParityReport;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MetricsParityTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "metrics-image",
                "metrics-bdrate",
                "metrics-frechet",
                "metrics-is",
                "metrics-lpips",
                "metrics-lpips-vgg",
                "metrics-lpips-squeeze",
                "metrics-lpips-full"
            })
    void measuresEqualTheReference(String name) {
        Path folder = Path.of("src/test/resources/golden", name);
        List<ParityCheck> checks = MetricsParity.all().stream()
                .filter(check -> check.supports(folder))
                .toList();
        assertThat(checks).hasSize(1);
        ParityReport report = new ParityReport(name);
        checks.get(0).run(folder, report);
        List<ParityReport.Line> misses =
                report.lines().stream().filter(line -> !line.ok()).toList();
        assertThat(misses).isEmpty();
        assertThat(report.passed()).isTrue();
    }
}
