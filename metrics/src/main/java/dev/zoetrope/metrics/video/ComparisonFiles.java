package dev.zoetrope.metrics.video;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.zoetrope.media.Plots;
import dev.zoetrope.metrics.Bootstrap;
import dev.zoetrope.tensor.AtomicFiles;
import dev.zoetrope.tensor.JsonFiles;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Writes a comparison as table.txt, metrics.csv, metrics.json and metrics.png. */
public final class ComparisonFiles {
    private static final ObjectMapper JSON = new ObjectMapper();

    private ComparisonFiles() {}

    /** Writes all four files into {@code folder}; the plot only if a measure has a reference. */
    public static void write(VideoSetComparison.Outcome outcome, Path folder) {
        AtomicFiles.writeString(folder.resolve("table.txt"), table(outcome));
        AtomicFiles.writeString(folder.resolve("metrics.csv"), csv(outcome.results()));
        JsonFiles.write(folder.resolve("metrics.json"), json(outcome));
        List<MetricResult> drawable = outcome.results().stream()
                .filter(result -> result.reference() > 0 && Double.isFinite(result.value() / result.reference()))
                .toList();
        if (!drawable.isEmpty()) {
            plot(folder.resolve("metrics.png"), drawable);
        }
    }

    /** A table for people. */
    public static String table(VideoSetComparison.Outcome outcome) {
        boolean intervals =
                outcome.results().stream().anyMatch(result -> result.interval().isPresent());
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "%-26s %14s %12s %14s  %-14s %s%s%n",
                "metric",
                "value",
                "+-",
                "reference",
                "better",
                "protocol    ",
                intervals ? "  interval" : ""));
        for (MetricResult result : outcome.results()) {
            text.append(String.format(
                    Locale.ROOT,
                    "%-26s %14s %12s %14s  %-14s %s%s%n",
                    result.metric(),
                    number(result.value()),
                    number(result.spread()),
                    number(result.reference()),
                    result.better(),
                    result.protocolId(),
                    result.interval()
                            .map(interval -> "  " + number(interval.low()) + " to " + number(interval.high()))
                            .orElse("")));
        }
        text.append(
                "\nreference: of a distance, that of two halves of the real set; of a text alignment, that with the prompts of"
                        + " other videos; else the value of the real set\n");
        if (intervals) {
            text.append("interval: the middle %d %% of the values of re-sampled videos\n".formatted(Bootstrap.PERCENT));
        }
        outcome.notes().forEach(note -> text.append("note: ").append(note).append('\n'));
        return text.toString();
    }

    /**
     * The values of several runs side by side, one row a run.
     *
     * @param runs results by the name of the run
     * @throws ZoetropeException BAD_INPUT if a metric has different protocols in two runs
     */
    public static String sideBySide(Map<String, List<MetricResult>> runs) {
        Map<String, MetricResult> columns = new LinkedHashMap<>();
        runs.forEach((run, results) -> results.forEach(result -> {
            MetricResult first = columns.putIfAbsent(result.metric(), result);
            if (first != null && !first.protocolId().equals(result.protocolId())) {
                throw ZoetropeException.badInput(
                        "%s of %s was measured by another protocol (%s) than before (%s): such values do not compare; "
                                + "measure both alike",
                        result.metric(), run, result.protocolId(), first.protocolId());
            }
        }));
        StringBuilder text = new StringBuilder("run");
        columns.keySet().forEach(metric -> text.append(',').append(metric));
        runs.forEach((run, results) -> {
            text.append('\n').append(quoted(run));
            for (String metric : columns.keySet()) {
                String value = results.stream()
                        .filter(result -> result.metric().equals(metric))
                        .map(result -> number(result.value()))
                        .findFirst()
                        .orElse("");
                text.append(',').append(value);
            }
        });
        return text.append('\n').toString();
    }

    private static String csv(List<MetricResult> results) {
        StringBuilder text = new StringBuilder(
                "metric,value,spread,interval_low,interval_high,reference,aggregation,better,protocol_id,protocol\n");
        for (MetricResult result : results) {
            text.append(String.join(
                            ",",
                            result.metric(),
                            number(result.value()),
                            number(result.spread()),
                            result.interval()
                                    .map(interval -> number(interval.low()))
                                    .orElse(""),
                            result.interval()
                                    .map(interval -> number(interval.high()))
                                    .orElse(""),
                            number(result.reference()),
                            result.aggregation(),
                            result.better(),
                            result.protocolId(),
                            quoted(string(result.protocol()))))
                    .append('\n');
        }
        return text.toString();
    }

    private static String string(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a map of strings is always valid JSON", e);
        }
    }

    private static String quoted(String text) {
        return '"' + text.replace("\"", "\"\"") + '"';
    }

    private static Map<String, Object> json(VideoSetComparison.Outcome outcome) {
        List<Map<String, Object>> results = new ArrayList<>();
        for (MetricResult result : outcome.results()) {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("metric", result.metric());
            fields.put("value", jsonNumber(result.value()));
            fields.put("spread", jsonNumber(result.spread()));
            result.interval().ifPresent(interval -> {
                fields.put("interval_low", jsonNumber(interval.low()));
                fields.put("interval_high", jsonNumber(interval.high()));
                fields.put("interval_percent", Bootstrap.PERCENT);
            });
            fields.put("reference", jsonNumber(result.reference()));
            fields.put("aggregation", result.aggregation());
            fields.put("better", result.better());
            fields.put("protocol_id", result.protocolId());
            fields.put("protocol", result.protocol());
            results.add(fields);
        }
        Map<String, Object> content = new LinkedHashMap<>();
        content.put("results", results);
        content.put("notes", outcome.notes());
        return content;
    }

    /** JSON has no infinite numbers: they become texts, and missing ones are empty. */
    private static Object jsonNumber(double value) {
        return Double.isFinite(value) ? value : number(value);
    }

    private static String number(double value) {
        if (Double.isNaN(value)) {
            return "";
        }
        return Double.isInfinite(value) ? (value > 0 ? "inf" : "-inf") : String.format(Locale.ROOT, "%.8g", value);
    }

    private static void plot(Path png, List<MetricResult> results) {
        double[] ratios = results.stream()
                .mapToDouble(result -> result.value() / result.reference())
                .toArray();
        double[] ones = new double[ratios.length];
        java.util.Arrays.fill(ones, 1);
        Map<String, double[]> bars = new LinkedHashMap<>();
        bars.put("measured", ratios);
        bars.put("reference", ones);
        Plots.bars(
                png,
                "Measured values over their references",
                "multiples of the reference",
                results.stream().map(MetricResult::metric).toList(),
                bars);
    }
}
