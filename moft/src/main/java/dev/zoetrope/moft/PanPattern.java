package dev.zoetrope.moft;

import com.fasterxml.jackson.databind.JsonNode;
import dev.zoetrope.tensor.JsonFiles;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * How a crop window pans over a still, told by the content: displacement of the content from frame to frame, pixels, (right,
 * down), the first (0, 0).
 *
 * @param name such as {@code right}
 * @param steps [F][2]
 */
public record PanPattern(String name, int[][] steps) {
    private static final int MOST_FRAMES = 4096;
    private static final int MOST_PIXELS = 1 << 14;

    /** The seven patterns of the release: the five headings, and the turns {@code right-left}, {@code right-left-right}. */
    public static List<PanPattern> all(int frames, int speed) {
        List<PanPattern> all = new ArrayList<>();
        for (Heading heading : Heading.values()) {
            all.add(of(heading, frames, speed));
        }
        all.add(turning("right-left", frames, speed, 2));
        all.add(turning("right-left-right", frames, speed, 3));
        return all;
    }

    /** One direction all the way. */
    public static PanPattern of(Heading heading, int frames, int speed) {
        int[][] steps = new int[frames][2];
        for (int f = 1; f < frames; f++) {
            steps[f] = new int[] {heading.vx() * speed, heading.vy() * speed};
        }
        return new PanPattern(heading.word(), steps);
    }

    private static PanPattern turning(String name, int frames, int speed, int pieces) {
        int[][] steps = new int[frames][2];
        for (int f = 1; f < frames; f++) {
            steps[f][0] = (f - 1) * pieces / (frames - 1) % 2 == 0 ? speed : -speed;
        }
        return new PanPattern(name, steps);
    }

    /**
     * Reads the release's JSON, {@code {"name": [[dx, dy], ...]}}, which gives the displacement of the crop window: the signs
     * are turned.
     *
     * @throws ZoetropeException BAD_INPUT if it is something else
     */
    public static List<PanPattern> readRelease(Path file) {
        List<PanPattern> patterns = new ArrayList<>();
        for (Map.Entry<String, JsonNode> field : JsonFiles.read(file).properties()) {
            JsonNode rows = field.getValue();
            if (!rows.isArray() || rows.size() < 2 || rows.size() > MOST_FRAMES) {
                throw ZoetropeException.badInput("%s: \"%s\" is no list of at least 2 pairs", file, field.getKey());
            }
            int[][] steps = new int[rows.size()][];
            for (int f = 0; f < steps.length; f++) {
                steps[f] = new int[] {-pixel(file, rows.get(f), 0), -pixel(file, rows.get(f), 1)};
            }
            patterns.add(new PanPattern(field.getKey(), steps));
        }
        return patterns;
    }

    private static int pixel(Path file, JsonNode pair, int index) {
        JsonNode value = pair.path(index);
        if (pair.size() != 2 || !value.isInt() || Math.abs(value.asInt()) > MOST_PIXELS) {
            throw ZoetropeException.badInput("%s: %s is no pair of whole pixels", file, pair);
        }
        return value.asInt();
    }

    /** Where the content is in each frame against the first, [F][2]. */
    int[][] path() {
        int[][] path = new int[steps.length][2];
        for (int f = 1; f < path.length; f++) {
            path[f][0] = path[f - 1][0] + steps[f][0];
            path[f][1] = path[f - 1][1] + steps[f][1];
        }
        return path;
    }
}
