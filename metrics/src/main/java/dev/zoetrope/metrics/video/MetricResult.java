package dev.zoetrope.metrics.video;

import dev.zoetrope.tensor.Sha256;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A number with all that it depends on. Only values with the same {@link #protocolId} may stand in one column.
 *
 * @param metric name
 * @param value the number; may be infinite (PSNR of identical videos)
 * @param spread standard deviation over what {@code aggregation} names, or NaN
 * @param reference what to read it against: the distance of two halves of the real set, the alignment with other prompts, or the real
 *     set's own value; else NaN
 * @param aggregation {@code dataset}, {@code per_video_mean} or {@code per_frame_mean}
 * @param better {@code lower}, {@code higher} or {@code real}: closest to the reference
 * @param protocol everything that the number depends on beside the videos: frames, stride, network, weights, seed, ...
 */
public record MetricResult(
        String metric,
        double value,
        double spread,
        double reference,
        String aggregation,
        String better,
        SortedMap<String, String> protocol) {
    private static final int ID_DIGITS = 12;

    public MetricResult {
        protocol = Collections.unmodifiableSortedMap(new TreeMap<>(protocol));
    }

    /** The first digits of the SHA-256 of metric, aggregation and protocol. */
    public String protocolId() {
        StringBuilder text = new StringBuilder(metric + "\n" + aggregation + "\n");
        for (Map.Entry<String, String> entry : protocol.entrySet()) {
            text.append(entry.getKey()).append('=').append(entry.getValue()).append('\n');
        }
        return Sha256.of(text.toString()).substring(0, ID_DIGITS);
    }
}
