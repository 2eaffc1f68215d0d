package dev.zoetrope.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.zoetrope.metrics.FrechetDistance;
import dev.zoetrope.metrics.MsSsim;
import dev.zoetrope.metrics.Picture;
import dev.zoetrope.metrics.Ssim;
import dev.zoetrope.metrics.SsimOptions;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.DoubleSupplier;
import picocli.CommandLine.Command;

/**
 * Throughput of the measures, as one line of JSON, on pictures and covariances that a formula makes; bench/peer_metrics.py
 * measures the same in Python, and both print their values, which must agree.
 */
@Command(name = "bench-metrics", hidden = true, header = "Measure the measures; used by bench/run.")
final class BenchMetricsCommand implements Callable<Integer> {
    private static final int SIDE = 256;
    private static final int FEATURES = 2048;
    private static final int REPEATS = 40;
    private static final int WARM_UP = 10;

    private final Shell shell;

    BenchMetricsCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws JsonProcessingException {
        shell.startEngine();
        Picture reference = picture(0);
        Picture test = picture(1);
        SsimOptions options = SsimOptions.standard(255);
        Map<String, Object> line = new LinkedHashMap<>();
        measure(line, "ssim", () -> Ssim.of(reference, test, options));
        measure(line, "ms_ssim", () -> MsSsim.of(reference, test, options));
        double[] mean = new double[FEATURES];
        double[] first = covariance(1, 50);
        double[] second = covariance(1.5, 20);
        long start = System.nanoTime();
        line.put("frechet", FrechetDistance.of(mean, first, mean, second));
        line.put("frechet_s", (System.nanoTime() - start) / 1e9);
        shell.out().println(new ObjectMapper().writeValueAsString(line));
        return 0;
    }

    private static void measure(Map<String, Object> line, String name, DoubleSupplier measure) {
        double value = 0;
        long start = 0;
        for (int i = -WARM_UP; i < REPEATS; i++) {
            if (i == 0) {
                start = System.nanoTime();
            }
            value = measure.getAsDouble();
        }
        line.put(name, value);
        line.put(name + "_s", (System.nanoTime() - start) / 1e9 / REPEATS);
    }

    /** Stripes and a texture, and the same with a fault of up to {@code 16 noise}. */
    private static Picture picture(int noise) {
        double[] values = new double[3 * SIDE * SIDE];
        int i = 0;
        for (int c = 0; c < 3; c++) {
            for (int y = 0; y < SIDE; y++) {
                for (int x = 0; x < SIDE; x++) {
                    int clean = (7 * x + 13 * y + 5 * (x * y % 31) + 50 * c) % 240;
                    values[i++] = clean + noise * ((3 * x + 5 * y) % 17) % 16;
                }
            }
        }
        return new Picture(values, 3, SIDE, SIDE);
    }

    /** Correlations that fall with the distance of two features. */
    private static double[] covariance(double variance, double reach) {
        double[] values = new double[FEATURES * FEATURES];
        for (int i = 0; i < values.length; i++) {
            values[i] = variance * Math.exp(-Math.abs(i / FEATURES - i % FEATURES) / reach);
        }
        return values;
    }
}
