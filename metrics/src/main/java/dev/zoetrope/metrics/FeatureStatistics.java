package dev.zoetrope.metrics;

import dev.zoetrope.tensor.SafetensorsWriter;
import dev.zoetrope.tensor.SafetensorsWriter.Content;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.WeightFiles;
import dev.zoetrope.tensor.WeightSource;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Count, mean and covariance of feature vectors, in float64, one vector at a time: memory is D² numbers, however many
 * vectors come. Statistics of parts {@link #merge} into those of the whole, and can be {@link #save saved}, so that a real
 * set is read once.
 *
 * <p>Deviations from the mean are summed, not squares of the values (Chan, Golub and LeVeque 1983): features far from 0
 * lose no digits. Vectors are taken in blocks of a fixed size, so the batch size of the network does not change a bit.
 */
public final class FeatureStatistics {
    /** Which count the sum of squared deviations is divided by. */
    public enum Normaliser {
        /** n: StyleGAN-V and CD-FVD. */
        COUNT,
        /** n - 1: pytorch-fid and the reference script of FVD. */
        COUNT_MINUS_ONE
    }

    private static final int BLOCK = 64;
    private static final String PROTOCOL = "zoetrope.protocol";

    private final int dimension;
    private final double[] mean;
    /** Σ (x - mean)(x - mean)^T, the upper triangle. */
    private final double[] scatter;

    private final double[] block;
    private int waiting;
    private long count;

    /** @param dimension length of the vectors, 1 to 16384 */
    public FeatureStatistics(int dimension) {
        if (dimension < 1 || dimension > 16384) {
            throw ZoetropeException.badInput("features have %d values, expected 1 to 16384", dimension);
        }
        this.dimension = dimension;
        this.mean = new double[dimension];
        this.scatter = new double[dimension * dimension];
        this.block = new double[BLOCK * dimension];
    }

    /**
     * Adds a vector.
     *
     * @throws ZoetropeException BAD_INPUT for another length, or a value that is not finite
     */
    public void add(double... features) {
        if (features.length != dimension) {
            throw ZoetropeException.badInput("a feature vector has %d values, expected %d", features.length, dimension);
        }
        for (double value : features) {
            if (!Double.isFinite(value)) {
                throw ZoetropeException.badInput(
                        "vector %d has the feature %s; the network or its weights are broken", count(), value);
            }
        }
        System.arraycopy(features, 0, block, waiting * dimension, dimension);
        if (++waiting == BLOCK) {
            flush();
        }
    }

    /** Adds all vectors of another set, which stays as it is. */
    public void merge(FeatureStatistics other) {
        if (other.dimension != dimension) {
            throw ZoetropeException.badInput(
                    "features of %d and of %d values cannot be merged", dimension, other.dimension);
        }
        flush();
        other.flush();
        combine(other.mean, other.scatter, other.count);
    }

    private void flush() {
        if (waiting == 0) {
            return;
        }
        double[] blockMean = new double[dimension];
        for (int row = 0; row < waiting; row++) {
            for (int i = 0; i < dimension; i++) {
                blockMean[i] += block[row * dimension + i] / waiting;
            }
        }
        double[] blockScatter = new double[scatter.length];
        double[] deviation = new double[dimension];
        for (int row = 0; row < waiting; row++) {
            for (int i = 0; i < dimension; i++) {
                deviation[i] = block[row * dimension + i] - blockMean[i];
            }
            addOuterProduct(blockScatter, deviation, 1);
        }
        int rows = waiting;
        waiting = 0;
        combine(blockMean, blockScatter, rows);
    }

    private void combine(double[] otherMean, double[] otherScatter, long otherCount) {
        if (otherCount == 0) {
            return;
        }
        long total = count + otherCount;
        double[] gap = new double[dimension];
        for (int i = 0; i < dimension; i++) {
            gap[i] = otherMean[i] - mean[i];
            mean[i] += gap[i] * otherCount / total;
        }
        for (int i = 0; i < scatter.length; i++) {
            scatter[i] += otherScatter[i];
        }
        addOuterProduct(scatter, gap, (double) count * otherCount / total);
        count = total;
    }

    private void addOuterProduct(double[] target, double[] vector, double factor) {
        for (int i = 0; i < dimension; i++) {
            double scaled = factor * vector[i];
            int row = i * dimension;
            for (int j = i; j < dimension; j++) {
                target[row + j] += scaled * vector[j];
            }
        }
    }

    /** Length of a vector. */
    public int dimension() {
        return dimension;
    }

    /** Vectors so far. */
    public long count() {
        return count + waiting;
    }

    /** The mean vector. */
    public double[] mean() {
        flush();
        return mean.clone();
    }

    /**
     * The covariance matrix, row-major.
     *
     * @throws ZoetropeException BAD_INPUT for fewer than two vectors
     */
    public double[] covariance(Normaliser normaliser) {
        flush();
        if (count < 2) {
            throw ZoetropeException.badInput("a covariance needs at least 2 samples, got %d; add videos", count);
        }
        long divisor = normaliser == Normaliser.COUNT ? count : count - 1;
        double[] covariance = new double[scatter.length];
        for (int i = 0; i < dimension; i++) {
            for (int j = i; j < dimension; j++) {
                double value = scatter[i * dimension + j] / divisor;
                covariance[i * dimension + j] = value;
                covariance[j * dimension + i] = value;
            }
        }
        return covariance;
    }

    /**
     * Writes the statistics as a safetensors file.
     *
     * @param protocol how the features were made; checked when the file is read again
     */
    public void save(Path file, String protocol) {
        SafetensorsWriter.write(file, contents(""), Map.of(PROTOCOL, protocol));
    }

    /** What {@link #read} needs, under names that begin with {@code prefix}; read once it is written. */
    public Map<String, Content> contents(String prefix) {
        flush();
        return Map.of(
                prefix + "count", Content.of(new double[] {count}, 1),
                prefix + "mean", Content.of(mean, dimension),
                prefix + "scatter", Content.of(scatter, dimension, dimension));
    }

    /**
     * Reads statistics that {@link #save} wrote.
     *
     * @throws ZoetropeException BAD_INPUT if they were made in another way than {@code protocol}
     */
    public static FeatureStatistics load(Path file, String protocol) {
        try (WeightSource source = WeightFiles.open(file)) {
            String stored = source.metadata().getOrDefault(PROTOCOL, "");
            if (!stored.equals(protocol)) {
                throw ZoetropeException.badInput(
                        "%s: its features were made as \"%s\", expected \"%s\"; compute the statistics again",
                        file, stored, protocol);
            }
            return read(source, "");
        }
    }

    /**
     * Reads what {@link #contents} gave.
     *
     * @throws ZoetropeException CHECKPOINT_MISMATCH if a part is missing, does not fit, or is not finite
     */
    public static FeatureStatistics read(WeightSource source, String prefix) {
        double[] mean = Tensors.readDoubles(source, prefix + "mean");
        double[] scatter = Tensors.readDoubles(source, prefix + "scatter");
        double[] count = Tensors.readDoubles(source, prefix + "count");
        FeatureStatistics statistics = new FeatureStatistics(mean.length);
        boolean fits = scatter.length == statistics.scatter.length && count.length == 1 && count[0] >= 0;
        boolean finite =
                Stream.of(mean, scatter, count).flatMapToDouble(Arrays::stream).allMatch(Double::isFinite);
        if (!fits || !finite) {
            throw ZoetropeException.checkpoint(
                    "%s: the statistics %s are damaged; compute them again", source.description(), prefix);
        }
        statistics.combine(mean, scatter, (long) count[0]);
        return statistics;
    }
}
