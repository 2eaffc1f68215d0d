package dev.zoetrope.moft;

import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;

/** Fits a {@link MotionProfile} to the features of pan clips, or to one reference clip (sheet 2.2, 2.4). */
public final class ProfileFitter implements AutoCloseable {
    private final ProfileInfo info;
    private final int channels;
    private final Map<Heading, List<Tensor>> traces = new EnumMap<>(Heading.class);
    private final Map<Heading, List<Tensor>> rows = new EnumMap<>(Heading.class);
    /** Sum of the motion features of the clips of a heading, [F,C,H,W]. */
    private final Map<Heading, Tensor> sums = new EnumMap<>(Heading.class);

    /**
     * @param channels d, 1 to C
     * @throws ZoetropeException BAD_INPUT if it is outside
     */
    public ProfileFitter(ProfileInfo info, int channels) {
        if (channels < 1 || channels > info.channels()) {
            throw ZoetropeException.badInput(
                    "motion channels: %d, expected 1 to %d, the channels of %s", channels, info.channels(), info.tap());
        }
        this.info = info;
        this.channels = channels;
    }

    /** A share of the channels of a tap, at least 6 and never more than there are. */
    public static int share(double share, int channels) {
        if (!(share > 0 && share <= 1)) {
            throw ZoetropeException.badInput("share of channels: %s, expected above 0 up to 1", share);
        }
        return Math.min(channels, Math.max(6, (int) Math.ceil(share * channels)));
    }

    /**
     * Adds a clip whose content moves one way.
     *
     * @param features [1,F,C,H,W]
     */
    public void add(Heading heading, Tensor features) {
        try (Scope scope = Scope.noGrad()) {
            int height = Math.toIntExact(features.size(3));
            int width = Math.toIntExact(features.size(4));
            Tensor trace =
                    Moft.trace(features, info.extent().mask(height, width)).select(0, 0);
            Tensor motion = Moft.removeContent(features);
            Tensor first = MotionChannels.rows(motion, 0, Moft.centre(height, width));
            addMap(heading, motion.select(0, 0));
            traces.computeIfAbsent(heading, key -> new ArrayList<>()).add(Scope.own(trace.clone()));
            rows.computeIfAbsent(heading, key -> new ArrayList<>()).add(Scope.own(first));
        }
    }

    private void addMap(Heading heading, Tensor motion) {
        Tensor sum = sums.get(heading);
        if (sum == null) {
            sums.put(heading, Scope.own(motion.clone()));
        } else {
            sum.add_(motion);
        }
    }

    /** Principal components of the clips of these headings, frame 0, content removed. */
    public MotionChannels components(Heading... headings) {
        try (Scope scope = Scope.noGrad()) {
            List<Tensor> all = new ArrayList<>();
            for (Heading heading : headings) {
                all.addAll(rows.getOrDefault(heading, List.of()));
            }
            return MotionChannels.fit(Ops.cat(0, all), true);
        }
    }

    /**
     * The profile of the clips so far.
     *
     * @throws ZoetropeException BAD_INPUT if there are no two opposite directions
     */
    public MotionProfile fit() {
        Map<Axis, MotionAxis> axes = new EnumMap<>(Axis.class);
        for (Axis axis : Axis.values()) {
            if (traces.containsKey(axis.positive()) && traces.containsKey(axis.negative())) {
                axes.put(axis, axis(axis));
            }
        }
        Map<Heading, double[][]> means = new EnumMap<>(Heading.class);
        traces.keySet().forEach(heading -> means.put(heading, meanTrace(heading)));
        Map<Axis, MotionTarget> maps = new EnumMap<>(Axis.class);
        axes.forEach((axis, fitted) -> maps.put(axis, map(axis, fitted.channels())));
        return new MotionProfile(info, axes, means, maps);
    }

    /** Half the difference of the two headings: what they share is no motion along the axis. */
    private MotionTarget map(Axis axis, long[] chosen) {
        try (Scope scope = Scope.noGrad()) {
            Tensor difference = Ops.mul(meanMap(axis.positive()).sub(meanMap(axis.negative())), 0.5);
            Tensor map = difference.index_select(1, Tensors.of(chosen, chosen.length));
            return new MotionTarget(chosen, Tensors.toFloats(map), Tensors.shape(map));
        }
    }

    private Tensor meanMap(Heading heading) {
        int clips = traces.getOrDefault(heading, List.of()).size();
        return Ops.mul(Objects.requireNonNull(sums.get(heading)), 1.0 / clips);
    }

    private MotionAxis axis(Axis axis) {
        MotionChannels components = components(axis.positive(), axis.negative());
        return describe(components, meanTrace(axis.positive()), meanTrace(axis.negative()));
    }

    private MotionAxis describe(MotionChannels components, double[][] forward, double[][] backward) {
        long[] chosen = components.top(channels);
        double[] low = new double[channels];
        double[] high = new double[channels];
        int[] sign = new int[channels];
        for (int i = 0; i < channels; i++) {
            int c = Math.toIntExact(chosen[i]);
            low[i] = (extreme(forward, c, false) + extreme(backward, c, false)) / 2;
            high[i] = (extreme(forward, c, true) + extreme(backward, c, true)) / 2;
            sign[i] = MotionProfile.slope(forward, c) - MotionProfile.slope(backward, c) < 0 ? -1 : 1;
        }
        return new MotionAxis(chosen, low, high, sign, components.first());
    }

    private static double extreme(double[][] trace, int c, boolean greatest) {
        double value = trace[0][c];
        for (double[] frame : trace) {
            value = greatest ? Math.max(value, frame[c]) : Math.min(value, frame[c]);
        }
        return value;
    }

    /** Mean over the clips of a heading, [F][C]. */
    private double[][] meanTrace(Heading heading) {
        try (Scope scope = Scope.noGrad()) {
            List<Tensor> all = traces.getOrDefault(heading, List.of());
            return Moft.rows(Ops.stack(0, all).mean(0L));
        }
    }

    /** The traces of the clips of a heading, each [F][C]. */
    public List<double[][]> traces(Heading heading) {
        return traces.getOrDefault(heading, List.of()).stream().map(Moft::rows).toList();
    }

    /**
     * The channels that carry the motion of one clip: first component of all its frames and places, not centred further (as
     * the transformer peer of the paper does).
     *
     * @param features [1,F,C,H,W]
     */
    public static MotionChannels ofReference(Tensor features) {
        try (Scope scope = Scope.noGrad()) {
            Tensor motion = Moft.removeContent(features).select(0, 0); // [F,C,H,W]
            Tensor all = motion.permute(0, 2, 3, 1).flatten(0, 2); // [(F H W),C]
            return MotionChannels.fit(all, false);
        }
    }

    /** The profile metadata of a backbone's features, averaged over the centre. */
    static ProfileInfo info(
            MotionBackbone backbone, String tap, Tensor features, int referenceStep, int steps, String size) {
        return new ProfileInfo(
                backbone.sha256(),
                tap,
                Math.toIntExact(features.size(2)),
                referenceStep,
                steps,
                Math.toIntExact(features.size(1)),
                backbone.betas(),
                size,
                Extent.CENTRE);
    }

    @Override
    public void close() {
        traces.values().forEach(list -> list.forEach(Tensor::close));
        rows.values().forEach(list -> list.forEach(Tensor::close));
        sums.values().forEach(Tensor::close);
        sums.clear();
        traces.clear();
        rows.clear();
    }
}
