package dev.zoetrope.moft;

import dev.zoetrope.tensor.Dtype;
import dev.zoetrope.tensor.SafetensorsWriter;
import dev.zoetrope.tensor.SafetensorsWriter.Content;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.WeightFiles;
import dev.zoetrope.tensor.WeightSource;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * Where a backbone keeps motion: channels, their range and sign for each axis, the mean traces of the pan clips they come
 * from, and what their motion looks like at each place. Fitted once a backbone; stored as {@code *.moft}.
 */
public final class MotionProfile {
    private static final String KIND = "moft";

    private final ProfileInfo info;
    private final Map<Axis, MotionAxis> axes;
    private final Map<Heading, double[][]> traces;
    private final Map<Axis, MotionTarget> maps;

    /**
     * @param info what it was fitted with
     * @param axes one or both
     * @param traces mean trace [F][C] of the clips of each heading
     * @param maps for each axis the motion channels at each place, [F,d,H,W], while content moves along it (right, or down):
     *     half the difference of the mean features of the clips of its two headings; none in files of earlier versions
     */
    public MotionProfile(
            ProfileInfo info,
            Map<Axis, MotionAxis> axes,
            Map<Heading, double[][]> traces,
            Map<Axis, MotionTarget> maps) {
        if (axes.isEmpty()) {
            throw ZoetropeException.badInput(
                    "a motion profile needs at least one axis: pan clips of two opposite directions");
        }
        this.info = info;
        this.axes = Collections.unmodifiableMap(new EnumMap<>(axes));
        this.traces = Collections.unmodifiableMap(new EnumMap<>(traces));
        Map<Axis, MotionTarget> copy = new EnumMap<>(Axis.class);
        copy.putAll(maps);
        this.maps = Collections.unmodifiableMap(copy);
    }

    public ProfileInfo info() {
        return info;
    }

    public Map<Axis, MotionAxis> axes() {
        return axes;
    }

    /** Mean trace [F][C] of the pan clips, by heading. */
    public Map<Heading, double[][]> traces() {
        return traces;
    }

    /** @throws ZoetropeException BAD_INPUT if the profile was fitted without clips along this axis */
    public MotionAxis axis(Axis axis) {
        return Optional.ofNullable(axes.get(axis))
                .orElseThrow(() -> ZoetropeException.badInput(
                        "this profile has no %s axis; fit one with pan clips going %s and %s",
                        axis.name().toLowerCase(java.util.Locale.ROOT),
                        axis.positive().word(),
                        axis.negative().word()));
    }

    /**
     * Targets that ask for a direction: one for each axis it moves along; a direction at rest asks for zero along every axis
     * the profile has.
     *
     * @param kind straight or empirical traces [F,d], or maps [F,d,H,W]
     * @param frames of the clip to steer
     * @param scale strength, 1 as fitted
     * @throws ZoetropeException BAD_INPUT if the profile was fitted without what this needs
     */
    public List<MotionTarget> synthesise(Direction direction, MotionCurves.Kind kind, int frames, double scale) {
        List<MotionTarget> targets = new ArrayList<>();
        for (Axis axis : Axis.values()) {
            if (direction.isStill() ? axes.containsKey(axis) : direction.moves(axis)) {
                targets.add(target(direction, axis, kind, frames).times(scale));
            }
        }
        return targets;
    }

    private MotionTarget target(Direction direction, Axis axis, MotionCurves.Kind kind, int frames) {
        MotionAxis fitted = axis(axis);
        if (kind == MotionCurves.Kind.LINEAR || direction.isStill()) {
            return MotionTarget.of(fitted.channels(), MotionCurves.linear(direction, axis, fitted, frames));
        }
        if (kind == MotionCurves.Kind.MAP) {
            return MotionCurves.map(direction, axis, map(axis), frames);
        }
        double[][] forward = trace(axis.positive(), fitted);
        double[][] backward = trace(axis.negative(), fitted);
        return MotionTarget.of(fitted.channels(), MotionCurves.empirical(direction, axis, forward, backward, frames));
    }

    private MotionTarget map(Axis axis) {
        MotionTarget map = maps.get(axis);
        if (map == null) {
            throw ZoetropeException.badInput(
                    "this profile has no map of motion at each place; fit it again (zoetrope motion fit), or use another"
                            + " curve");
        }
        return map;
    }

    private double[][] trace(Heading heading, MotionAxis fitted) {
        double[][] all = traces.get(heading);
        if (all == null) {
            throw ZoetropeException.badInput(
                    "this profile has no trace of clips going %s; use the linear curve", heading.word());
        }
        double[][] chosen = new double[all.length][fitted.size()];
        for (int f = 0; f < all.length; f++) {
            for (int c = 0; c < fitted.size(); c++) {
                chosen[f][c] = all[f][Math.toIntExact(fitted.channels()[c])];
            }
        }
        return chosen;
    }

    /**
     * Content velocity along an axis that a trace shows: the least-squares slope of its motion channels against frames, each
     * weighed by its range and sign; 1 is about the speed of the pan clips.
     *
     * @param trace [F][C] with content removed
     */
    public double velocity(Axis axis, double[][] trace) {
        MotionAxis fitted = axis(axis);
        double along = 0;
        double norm = 0;
        for (int c = 0; c < fitted.size(); c++) {
            double range = fitted.high()[c] - fitted.low()[c];
            along +=
                    fitted.sign()[c] * range * slope(trace, Math.toIntExact(fitted.channels()[c])) * (trace.length - 1);
            norm += range * range;
        }
        return norm == 0 ? 0 : along / norm;
    }

    /** Least-squares slope of a column against the row number. */
    static double slope(double[][] trace, int column) {
        double middle = (trace.length - 1) / 2.0;
        double product = 0;
        double square = 0;
        for (int f = 0; f < trace.length; f++) {
            product += (f - middle) * trace[f][column];
            square += (f - middle) * (f - middle);
        }
        return square == 0 ? 0 : product / square;
    }

    /** How many of the channels of this profile's axis another set has too. */
    public static int overlap(long[] channels, long[] others) {
        java.util.Set<Long> set = new java.util.HashSet<>();
        for (long channel : channels) {
            set.add(channel);
        }
        int count = 0;
        for (long channel : others) {
            count += set.contains(channel) ? 1 : 0;
        }
        return count;
    }

    /** Writes {@code *.moft}, whole or not at all. */
    public void write(Path file) {
        try (Scope scope = Scope.noGrad()) {
            Map<String, Content> tensors = new LinkedHashMap<>();
            axes.forEach((axis, fitted) -> {
                String suffix = "_" + axis.suffix();
                tensors.put("channels" + suffix, content(Tensors.of(fitted.channels(), fitted.size()), Dtype.I64));
                tensors.put("dmin" + suffix, vector(fitted.low()));
                tensors.put("dmax" + suffix, vector(fitted.high()));
                tensors.put(
                        "sig" + suffix,
                        vector(java.util.Arrays.stream(fitted.sign())
                                .asDoubleStream()
                                .toArray()));
                tensors.put("p1" + suffix, vector(fitted.component()));
            });
            traces.forEach(
                    (heading, trace) -> tensors.put("trace_" + heading.word(), content(Moft.tensor(trace), Dtype.F32)));
            maps.forEach((axis, map) -> tensors.put("map_" + axis.suffix(), content(map.tensor(), Dtype.F32)));
            SafetensorsWriter.write(file, tensors, info.metadata(KIND));
        }
    }

    private static Content vector(double[] values) {
        return content(Moft.tensor(new double[][] {values}).squeeze(0), Dtype.F32);
    }

    static Content content(Tensor tensor, Dtype dtype) {
        byte[] bytes = Tensors.bytes(tensor, dtype);
        return new Content(dtype, Tensors.shape(tensor), () -> ByteBuffer.wrap(bytes));
    }

    /**
     * Reads {@code *.moft}.
     *
     * @throws ZoetropeException BAD_INPUT if it is another kind of file, CHECKPOINT_MISMATCH if it is damaged
     */
    public static MotionProfile read(Path file) {
        try (Scope scope = Scope.noGrad();
                WeightSource source = WeightFiles.open(file)) {
            ProfileInfo info = ProfileInfo.of(source.metadata(), KIND, file.toString());
            Map<Axis, MotionAxis> axes = new EnumMap<>(Axis.class);
            for (Axis axis : Axis.values()) {
                if (source.entries().containsKey("channels_" + axis.suffix())) {
                    axes.put(axis, readAxis(source, axis, info));
                }
            }
            Map<Heading, double[][]> traces = new EnumMap<>(Heading.class);
            for (Heading heading : Heading.values()) {
                String name = "trace_" + heading.word();
                if (source.entries().containsKey(name)) {
                    MotionFiles.checkShape(source, name, info.frames(), info.channels());
                    traces.put(heading, Moft.rows(Tensors.read(source, name)));
                }
            }
            Map<Axis, MotionTarget> maps = new EnumMap<>(Axis.class);
            for (Axis axis : axes.keySet()) {
                if (source.entries().containsKey("map_" + axis.suffix())) {
                    maps.put(axis, readMap(source, "map_" + axis.suffix(), info, axes.get(axis)));
                }
            }
            return new MotionProfile(info, axes, traces, maps);
        }
    }

    private static MotionTarget readMap(WeightSource source, String name, ProfileInfo info, MotionAxis fitted) {
        Tensor map = Tensors.read(source, name);
        if (map.dim() != 4 || map.size(0) != info.frames() || map.size(1) != fitted.size() || map.numel() == 0) {
            throw ZoetropeException.checkpoint(
                    "%s: %s has shape %s, expected [%d,%d,H,W]; make the file again",
                    source.description(),
                    name,
                    java.util.Arrays.toString(Tensors.shape(map)),
                    info.frames(),
                    fitted.size());
        }
        return new MotionTarget(fitted.channels(), Tensors.toFloats(map), Tensors.shape(map));
    }

    private static MotionAxis readAxis(WeightSource source, Axis axis, ProfileInfo info) {
        String suffix = "_" + axis.suffix();
        MotionFiles.checkShape(source, "p1" + suffix, info.channels());
        return new MotionAxis(
                Tensors.toLongs(Tensors.read(source, "channels" + suffix)),
                vector(source, "dmin" + suffix),
                vector(source, "dmax" + suffix),
                java.util.Arrays.stream(vector(source, "sig" + suffix))
                        .mapToInt(value -> value < 0 ? -1 : 1)
                        .toArray(),
                vector(source, "p1" + suffix));
    }

    private static double[] vector(WeightSource source, String name) {
        float[] values = Tensors.toFloats(Tensors.read(source, name));
        double[] doubles = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            doubles[i] = values[i];
        }
        return doubles;
    }
}
