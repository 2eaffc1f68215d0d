package dev.zoetrope.moft;

import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.WeightEntry;
import dev.zoetrope.tensor.WeightFiles;
import dev.zoetrope.tensor.WeightSource;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Tensor;

/**
 * The files of the MOFT release (sheet section 5): a channel list, an int64 tensor [d]; a feature, float32 [F,C,H,W];
 * initial noise, float32 [1,4,F,h,w]. Each is a {@code .pt} file of one tensor.
 */
public final class MotionFiles {
    private static final String ALONE = "tensor";

    private MotionFiles() {}

    /**
     * Reads a channel list.
     *
     * @param channels C of the tap they index
     * @param notices told of duplicates, which are removed
     * @throws ZoetropeException BAD_INPUT if it is empty or names a channel that is not there
     */
    public static long[] channels(Path file, int channels, Consumer<String> notices) {
        try (Scope scope = Scope.noGrad()) {
            Tensor list = alone(file);
            if (list.dim() != 1) {
                throw ZoetropeException.badInput(
                        "%s: a channel list is one row of whole numbers, found shape %s",
                        file, Arrays.toString(Tensors.shape(list)));
            }
            return checkChannels(file.toString(), Tensors.toLongs(list), channels, notices);
        }
    }

    /** Channel indices without duplicates, in order; see {@link #channels}. */
    static long[] checkChannels(String source, long[] given, int channels, Consumer<String> notices) {
        if (given.length == 0) {
            throw ZoetropeException.badInput("%s: the channel list is empty, expected at least one channel", source);
        }
        Set<Long> seen = new LinkedHashSet<>();
        for (long channel : given) {
            if (channel < 0 || channel >= channels) {
                throw ZoetropeException.badInput(
                        "%s: channel %d, but the tap has %d channels, 0 to %d",
                        source, channel, channels, channels - 1);
            }
            seen.add(channel);
        }
        if (seen.size() < given.length) {
            notices.accept(String.format(
                    "%s: %d channels are named twice and taken once", source, given.length - seen.size()));
        }
        return seen.stream().mapToLong(Long::longValue).toArray();
    }

    /**
     * Reads a stored feature, which is vanilla: content is not removed yet.
     *
     * @return [1,F,C,H,W], in the caller's scope
     */
    public static Tensor feature(Path file) {
        try (Scope scope = Scope.noGrad()) {
            Tensor feature = alone(file);
            if (feature.dim() != 4) {
                throw ZoetropeException.badInput(
                        "%s: a feature is [frames, channels, rows, columns], found shape %s",
                        file, Arrays.toString(Tensors.shape(feature)));
            }
            return scope.keep(feature.unsqueeze(0));
        }
    }

    /**
     * Reads or checks initial noise.
     *
     * @param shape [1,C,F,h,w] of the run
     * @param notices told if the numbers do not look like standard normal ones
     * @return in the caller's scope
     * @throws ZoetropeException BAD_INPUT if the shape differs
     */
    public static Tensor noise(Path file, long[] shape, Consumer<String> notices) {
        try (Scope scope = Scope.noGrad()) {
            Tensor noise = alone(file);
            if (!Arrays.equals(Tensors.shape(noise), shape)) {
                throw ZoetropeException.badInput(
                        "%s: initial noise of shape %s, this run needs %s (samples, channels, frames, rows, columns)",
                        file, Arrays.toString(Tensors.shape(noise)), Arrays.toString(shape));
            }
            double mean = Tensors.item(noise.mean());
            double std = Tensors.item(noise.std());
            if (Math.abs(mean) > 0.2 || std < 0.8 || std > 1.2) {
                notices.accept(String.format(
                        "%s: mean %.2f and deviation %.2f, expected about 0 and 1; is it noise?", file, mean, std));
            }
            return scope.keep(noise);
        }
    }

    /** The only tensor of a file. */
    private static Tensor alone(Path file) {
        try (WeightSource source = WeightFiles.open(file)) {
            List<String> names = new ArrayList<>(source.entries().keySet());
            if (names.size() != 1) {
                throw ZoetropeException.badInput(
                        "%s: expected a single tensor, found %d: %s",
                        file, names.size(), names.stream().limit(5).toList());
            }
            return Tensors.read(source, names.contains(ALONE) ? ALONE : names.get(0));
        }
    }

    static void checkShape(WeightSource source, String name, long... shape) {
        WeightEntry entry = source.entry(name);
        if (!entry.shape().equals(Arrays.stream(shape).boxed().toList())) {
            throw ZoetropeException.checkpoint(
                    "%s: %s has shape %s, expected %s; make the file again",
                    source.description(), name, entry.shape(), Arrays.toString(shape));
        }
    }
}
