package dev.zoetrope.moft;

import dev.zoetrope.tensor.ZoetropeException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a point is to be over a clip: way points, with straight and steady motion between them.
 *
 * <p>As text: points {@code X,Y} in pixels joined by {@code =}, each with the frame it is reached in if that matters, as in
 * {@code 20,32=48,32} or {@code 20,32=48,32:7=48,50}. Without a frame the first point is where the clip begins, the last
 * where it ends, and others are spread evenly between their neighbours. Before the first frame that is given and after the
 * last the point rests.
 *
 * @param text as it was given
 * @param points in order of time, at least 2
 */
public record Trajectory(String text, List<WayPoint> points) {
    private static final String NUMBER = "(\\d{1,5}(?:\\.\\d{1,6})?)";
    private static final Pattern POINT = Pattern.compile(NUMBER + "," + NUMBER + "(?::(\\d{1,5}))?");

    /**
     * A point on the way.
     *
     * @param x pixels from the left
     * @param y pixels from the top
     * @param frame it is reached in, from 0
     */
    public record WayPoint(double x, double y, OptionalInt frame) {}

    /** @throws ZoetropeException BAD_INPUT if there are fewer than two points */
    public Trajectory {
        points = List.copyOf(points);
        if (points.size() < 2) {
            throw refused(text);
        }
    }

    /**
     * Reads a text.
     *
     * @throws ZoetropeException BAD_INPUT with the accepted form
     */
    public static Trajectory parse(String text) {
        List<WayPoint> points = new ArrayList<>();
        for (String part : text.split("=", -1)) {
            Matcher point = POINT.matcher(part.strip());
            if (!point.matches()) {
                throw refused(text);
            }
            String frame = point.group(3);
            points.add(new WayPoint(
                    Double.parseDouble(point.group(1)),
                    Double.parseDouble(point.group(2)),
                    frame == null ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(frame))));
        }
        return new Trajectory(text, points);
    }

    private static ZoetropeException refused(String text) {
        return ZoetropeException.badInput(
                "trajectory \"%s\": expected at least two points X,Y in pixels joined by '=', each with :FRAME if that"
                        + " matters, such as 20,32=48,32 or 20,32=48,32:7=48,50",
                text);
    }

    /**
     * The point in each frame.
     *
     * @param frames F of the clip
     * @return (x, y) in pixels, F of them
     * @throws ZoetropeException BAD_INPUT if a point is outside the picture, or frames are outside the clip or not in order
     */
    public double[][] positions(int frames, int width, int height) {
        for (WayPoint point : points) {
            if (point.x() > width - 1 || point.y() > height - 1) {
                throw ZoetropeException.badInput(
                        "trajectory \"%s\": point %s,%s is outside the %dx%d picture; the last pixel is %d,%d",
                        text, point.x(), point.y(), width, height, width - 1, height - 1);
            }
        }
        double[] times = times(frames);
        double[][] positions = new double[frames][];
        for (int f = 0; f < frames; f++) {
            positions[f] = at(f, times);
        }
        return positions;
    }

    /** When each point is reached, in frames. */
    private double[] times(int frames) {
        int last = points.size() - 1;
        double[] times = new double[points.size()];
        times[0] = points.get(0).frame().orElse(0);
        int known = 0;
        for (int i = 1; i <= last; i++) {
            if (points.get(i).frame().isEmpty() && i < last) {
                continue;
            }
            times[i] = points.get(i).frame().orElse(frames - 1);
            if (times[i] <= times[known] || times[i] > frames - 1) {
                throw ZoetropeException.badInput(
                        "trajectory \"%s\": frames must rise from point to point, from 0 to %d", text, frames - 1);
            }
            for (int j = known + 1; j < i; j++) {
                times[j] = times[known] + (times[i] - times[known]) * (j - known) / (i - known);
            }
            known = i;
        }
        return times;
    }

    private double[] at(int frame, double[] times) {
        int last = points.size() - 1;
        int next = 0;
        while (next < last && times[next] < frame) {
            next++;
        }
        WayPoint end = points.get(next);
        if (next == 0) {
            return new double[] {end.x(), end.y()};
        }
        WayPoint start = points.get(next - 1);
        double part = Math.min(1, (frame - times[next - 1]) / (times[next] - times[next - 1]));
        return new double[] {start.x() + part * (end.x() - start.x()), start.y() + part * (end.y() - start.y())};
    }
}
