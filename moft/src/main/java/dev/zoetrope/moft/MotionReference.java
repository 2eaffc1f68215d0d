package dev.zoetrope.moft;

import dev.zoetrope.tensor.Dtype;
import dev.zoetrope.tensor.SafetensorsWriter;
import dev.zoetrope.tensor.SafetensorsWriter.Content;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.WeightFiles;
import dev.zoetrope.tensor.WeightSource;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * The motion of a clip, read once and used as a target: pooled over a region for all channels, [F,C], or on the feature
 * grid for chosen channels, [F,d,H,W]; content removed. Stored as {@code *.moftref}.
 *
 * @param channels which channels the values are of
 */
public record MotionReference(ProfileInfo info, long[] channels, float[] values, long[] shape) {
    private static final String KIND = "moftref";

    /** @throws ZoetropeException BAD_INPUT if they do not fit together */
    public MotionReference {
        if (shape[1] != channels.length || Tensors.elements(shape) != values.length) {
            throw ZoetropeException.badInput(
                    "a reference of %d channels cannot have the shape %s",
                    channels.length, java.util.Arrays.toString(shape));
        }
    }

    /**
     * Pooled over a region, all channels.
     *
     * @param features [1,F,C,H,W]
     * @param mask [F,H,W] or [1,H,W]
     */
    public static MotionReference pooled(ProfileInfo info, Tensor features, Tensor mask) {
        try (Scope scope = Scope.noGrad()) {
            Tensor trace = Moft.trace(features, mask).select(0, 0); // [F,C]
            long[] all = java.util.stream.LongStream.range(0, trace.size(1)).toArray();
            return new MotionReference(info, all, Tensors.toFloats(trace), Tensors.shape(trace));
        }
    }

    /**
     * On the feature grid.
     *
     * @param features [1,F,C,H,W]
     * @param channels [d]
     */
    public static MotionReference dense(ProfileInfo info, Tensor features, long... channels) {
        try (Scope scope = Scope.noGrad()) {
            Tensor chosen = Moft.choose(Moft.removeContent(features), Tensors.of(channels, channels.length))
                    .select(0, 0);
            return new MotionReference(info, channels, Tensors.toFloats(chosen), Tensors.shape(chosen));
        }
    }

    /**
     * A target for some of the channels.
     *
     * @throws ZoetropeException BAD_INPUT if a channel is not among those stored
     */
    public MotionTarget target(long... wanted) {
        try (Scope scope = Scope.noGrad()) {
            Map<Long, Long> places = new LinkedHashMap<>();
            for (int i = 0; i < channels.length; i++) {
                places.put(channels[i], (long) i);
            }
            long[] indices = new long[wanted.length];
            for (int i = 0; i < wanted.length; i++) {
                Long place = places.get(wanted[i]);
                if (place == null) {
                    throw ZoetropeException.badInput(
                            "channel %d is not in this reference of %d channels; make it again with that channel",
                            wanted[i], channels.length);
                }
                indices[i] = place;
            }
            Tensor chosen = Tensors.of(values, shape).index_select(1, Tensors.of(indices, indices.length));
            return new MotionTarget(wanted, Tensors.toFloats(chosen), Tensors.shape(chosen));
        }
    }

    /** Writes {@code *.moftref}, whole or not at all. */
    public void write(Path file) {
        try (Scope scope = Scope.noGrad()) {
            Map<String, Content> tensors = new LinkedHashMap<>();
            tensors.put("r", MotionProfile.content(Tensors.of(values, shape), Dtype.F32));
            tensors.put("channels", MotionProfile.content(Tensors.of(channels, channels.length), Dtype.I64));
            SafetensorsWriter.write(file, tensors, info.metadata(KIND));
        }
    }

    /**
     * Reads {@code *.moftref}.
     *
     * @throws ZoetropeException BAD_INPUT if it is another kind of file, CHECKPOINT_MISMATCH if it is damaged
     */
    public static MotionReference read(Path file) {
        try (Scope scope = Scope.noGrad();
                WeightSource source = WeightFiles.open(file)) {
            ProfileInfo info = ProfileInfo.of(source.metadata(), KIND, file.toString());
            Tensor r = Tensors.read(source, "r");
            if ((r.dim() != 2 && r.dim() != 4) || r.size(0) != info.frames()) {
                throw ZoetropeException.checkpoint(
                        "%s: r has shape %s, expected [%d,C] or [%d,d,H,W]",
                        file, java.util.Arrays.toString(Tensors.shape(r)), info.frames(), info.frames());
            }
            return new MotionReference(
                    info, Tensors.toLongs(Tensors.read(source, "channels")), Tensors.toFloats(r), Tensors.shape(r));
        }
    }
}
