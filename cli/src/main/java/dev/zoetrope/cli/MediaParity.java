package dev.zoetrope.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.zoetrope.media.Frame;
import dev.zoetrope.media.VideoReader;
import dev.zoetrope.tensor.JsonFiles;
import dev.zoetrope.tensor.ZoetropeException;
import dev.zoetrope.tensor.parity.ParityCheck;
import dev.zoetrope.tensor.parity.ParityReport;
import dev.zoetrope.tensor.parity.Tolerance;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Video files with an {@code expected.json}: for each file the size, presentation times and mean colours that an
 * independent decoder saw, or that it must be refused.
 */
final class MediaParity implements ParityCheck {
    private static final Tolerance TIMES = new Tolerance(1e-3, 0, false);
    private static final Tolerance COLOURS = new Tolerance(2.0, 0, false);
    private static final Tolerance EXACT = new Tolerance(0, 0, false);

    @Override
    public boolean supports(Path folder) {
        Path file = folder.resolve("expected.json");
        if (!Files.isRegularFile(file)) {
            return false;
        }
        for (JsonNode entry : JsonFiles.read(file)) {
            return entry.has("probe_ok");
        }
        return false;
    }

    @Override
    public void run(Path folder, ParityReport report) {
        for (Map.Entry<String, JsonNode> entry :
                JsonFiles.read(folder.resolve("expected.json")).properties()) {
            Path video = inside(folder, entry.getKey());
            if (entry.getValue().path("probe_ok").asBoolean()) {
                readable(entry.getKey(), video, entry.getValue(), report);
            } else {
                refused(entry.getKey(), video, report);
            }
        }
    }

    private static Path inside(Path folder, String name) {
        Path path = folder.resolve(name).normalize();
        if (!path.startsWith(folder.normalize())) {
            throw ZoetropeException.badInput("%s: the name %s leads out of the folder", folder, name);
        }
        return path;
    }

    private static void readable(String name, Path video, JsonNode expected, ParityReport report) {
        List<Float> times = new ArrayList<>();
        List<Float> means = new ArrayList<>();
        try (VideoReader reader = VideoReader.open(video)) {
            float[] size = {reader.info().width(), reader.info().height()};
            float[] wanted = {
                (float) expected.path("displayed_width").asDouble(),
                (float) expected.path("displayed_height").asDouble()
            };
            report.compare(name, "size", size, wanted, EXACT);
            for (Frame frame : reader) {
                times.add((float) frame.timeSeconds());
                addMeans(frame, means);
            }
        } catch (ZoetropeException e) {
            report.fail(name, "read", String.valueOf(e.getMessage()));
            return;
        }
        report.compare(name, "times", floats(times), flat(expected.path("times")), TIMES);
        report.compare(name, "mean_rgb", floats(means), flat(expected.path("mean_rgb")), COLOURS);
    }

    private static void refused(String name, Path video, ParityReport report) {
        try (VideoReader reader = VideoReader.open(video)) {
            report.fail(name, "refused", "was read as " + reader.info().codec());
        } catch (ZoetropeException e) {
            report.pass(name, "refused");
        }
    }

    private static void addMeans(Frame frame, List<Float> means) {
        double[] sums = new double[3];
        byte[] rgb = frame.rgb();
        for (int i = 0; i < rgb.length; i++) {
            sums[i % 3] += rgb[i] & 0xFF;
        }
        for (double sum : sums) {
            means.add((float) (sum * 3 / rgb.length));
        }
    }

    private static float[] flat(JsonNode numbers) {
        List<Float> values = new ArrayList<>();
        numbers.forEach(number -> {
            if (number.isArray()) {
                number.forEach(inner -> values.add((float) inner.asDouble()));
            } else {
                values.add((float) number.asDouble());
            }
        });
        return floats(values);
    }

    private static float[] floats(List<Float> values) {
        float[] array = new float[values.size()];
        for (int i = 0; i < array.length; i++) {
            array[i] = values.get(i);
        }
        return array;
    }
}
