package dev.zoetrope.media;

import dev.zoetrope.tensor.AtomicFiles;
import dev.zoetrope.tensor.ZoetropeException;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Line, point and bar charts as PNG files, whole or not at all. Needs no display. */
public final class Plots {
    private static final int WIDTH = 900;
    private static final int HEIGHT = 560;
    /** More points than this hide each other's markers. */
    private static final int MAX_MARKERS = 40;

    private Plots() {}

    /**
     * A named curve.
     *
     * @param name shown in the legend
     * @param x positions, as many as {@code y}, at least one
     * @param y values; values that are not finite are left out, and so are those not above 0 on a logarithmic axis
     */
    public record Series(String name, double[] x, double[] y) {
        public Series {
            if (x.length != y.length || x.length == 0) {
                throw ZoetropeException.badInput(
                        "the series \"%s\" has %d positions and %d values, expected equally many and at least one",
                        name, x.length, y.length);
            }
        }

        /** Values at 0, 1, 2, ... */
        public static Series of(String name, double... y) {
            double[] x = new double[y.length];
            Arrays.setAll(x, i -> i);
            return new Series(name, x, y);
        }
    }

    /**
     * Draws curves.
     *
     * @param png file to write
     * @param logY whether the vertical axis is logarithmic
     * @throws ZoetropeException BAD_INPUT if no point can be drawn
     */
    public static void lines(Path png, String title, String xLabel, String yLabel, boolean logY, List<Series> series) {
        XYChart chart = chart(title, xLabel, yLabel);
        chart.getStyler().setYAxisLogarithmic(logY);
        for (Series one : series) {
            double[][] points = drawable(one, logY);
            if (points[0].length > 0) {
                var drawn = chart.addSeries(one.name(), points[0], points[1]);
                drawn.setMarker(points[0].length > MAX_MARKERS ? SeriesMarkers.NONE : SeriesMarkers.CIRCLE);
            }
        }
        writeDrawn(png, title, chart);
    }

    /**
     * Draws bars, a group for each category.
     *
     * @param png file to write
     * @param categories names under the groups
     * @param values by series name, as many values as categories
     * @throws ZoetropeException BAD_INPUT if the counts differ or a value is not finite
     */
    public static void bars(
            Path png, String title, String yLabel, List<String> categories, Map<String, double[]> values) {
        CategoryChart chart = new CategoryChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(title)
                .yAxisTitle(yLabel)
                .theme(Styler.ChartTheme.Matlab)
                .build();
        chart.getStyler().setLegendPosition(Styler.LegendPosition.OutsideE);
        values.forEach((name, bars) -> {
            boolean finite = Arrays.stream(bars).allMatch(Double::isFinite);
            if (bars.length != categories.size() || bars.length == 0 || !finite) {
                throw ZoetropeException.badInput(
                        "the bars \"%s\" need %d finite values, got %s",
                        name, categories.size(), Arrays.toString(bars));
            }
            chart.addSeries(name, categories, Arrays.stream(bars).boxed().toList());
        });
        write(png, chart);
    }

    /**
     * Draws points without lines, a colour for each series.
     *
     * @param png file to write
     * @throws ZoetropeException BAD_INPUT if no point can be drawn
     */
    public static void scatter(Path png, String title, String xLabel, String yLabel, List<Series> series) {
        XYChart chart = chart(title, xLabel, yLabel);
        chart.getStyler().setDefaultSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Scatter);
        for (Series one : series) {
            double[][] points = drawable(one, false);
            if (points[0].length > 0) {
                chart.addSeries(one.name(), points[0], points[1]).setMarker(SeriesMarkers.CIRCLE);
            }
        }
        writeDrawn(png, title, chart);
    }

    /**
     * Draws curves with a bar of plus and minus {@code deviation} at every point.
     *
     * @param png file to write
     * @param deviations for each curve as many values as it has points, finite and at least 0
     * @throws ZoetropeException BAD_INPUT if counts differ or no point can be drawn
     */
    public static void bands(
            Path png, String title, String xLabel, String yLabel, List<Series> series, List<double[]> deviations) {
        XYChart chart = chart(title, xLabel, yLabel);
        for (int i = 0; i < series.size(); i++) {
            Series one = series.get(i);
            if (deviations.size() != series.size() || deviations.get(i).length != one.y().length) {
                throw ZoetropeException.badInput(
                        "the curve \"%s\" needs a deviation for each of its %d points", one.name(), one.y().length);
            }
            if (Arrays.stream(one.y()).allMatch(Double::isFinite)) {
                chart.addSeries(one.name(), one.x(), one.y(), deviations.get(i)).setMarker(SeriesMarkers.CIRCLE);
            }
        }
        writeDrawn(png, title, chart);
    }

    private static XYChart chart(String title, String xLabel, String yLabel) {
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(title)
                .xAxisTitle(xLabel)
                .yAxisTitle(yLabel)
                .theme(Styler.ChartTheme.Matlab)
                .build();
        chart.getStyler().setLegendPosition(Styler.LegendPosition.OutsideE);
        return chart;
    }

    private static void writeDrawn(Path png, String title, XYChart chart) {
        if (chart.getSeriesMap().isEmpty()) {
            throw ZoetropeException.badInput("the plot \"%s\" has no finite point to draw; give other values", title);
        }
        write(png, chart);
    }

    private static double[][] drawable(Series series, boolean logY) {
        int[] kept = IntStream.range(0, series.x().length)
                .filter(i -> Double.isFinite(series.x()[i]) && Double.isFinite(series.y()[i]))
                .filter(i -> !logY || series.y()[i] > 0)
                .toArray();
        return new double[][] {
            Arrays.stream(kept).mapToDouble(i -> series.x()[i]).toArray(),
            Arrays.stream(kept).mapToDouble(i -> series.y()[i]).toArray()
        };
    }

    private static void write(Path png, Chart<?, ?> chart) {
        BufferedImage image = BitmapEncoder.getBufferedImage(chart);
        byte[] bytes = Images.png(Images.fromImage(image), Map.of());
        AtomicFiles.write(png, out -> out.write(bytes));
    }
}
