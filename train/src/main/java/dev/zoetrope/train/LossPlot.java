package dev.zoetrope.train;

import dev.zoetrope.media.Plots;
import java.nio.file.Path;
import java.util.List;

/** The loss over the steps, as logged and smoothed. */
final class LossPlot {
    /** More points than pixels only cost time. */
    private static final int MAX_POINTS = 4000;

    private LossPlot() {}

    /** Draws nothing before the second row of the log. */
    static void write(Path png, TrainingLog log) {
        List<LogRow> rows = log.rows();
        if (rows.size() < 2) {
            return;
        }
        double[] smooth = log.smoothedLoss();
        int stride = (rows.size() + MAX_POINTS - 1) / MAX_POINTS;
        int count = (rows.size() + stride - 1) / stride;
        double[] steps = new double[count];
        double[] raw = new double[count];
        double[] smoothed = new double[count];
        boolean positive = true;
        for (int i = 0; i < count; i++) {
            LogRow row = rows.get(i * stride);
            steps[i] = row.step();
            raw[i] = row.loss();
            smoothed[i] = smooth[i * stride];
            positive &= row.loss() > 0;
        }
        List<Plots.Series> series =
                List.of(new Plots.Series("loss", steps, raw), new Plots.Series("smoothed", steps, smoothed));
        Plots.lines(png, "Training loss", "step", "loss", positive, series);
    }
}
