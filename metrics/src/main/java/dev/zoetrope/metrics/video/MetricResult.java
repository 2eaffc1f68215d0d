package dev.zoetrope.metrics.video;

import dev.zoetrope.metrics.Bootstrap;
import dev.zoetrope.tensor.Sha256;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
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
 * @param interval of the value by re-sampling videos, if asked for; says nothing of how the value was made, so it is no part
 *     of the protocol
 */
public record MetricResult(
        String metric,
        double value,
        double spread,
        double reference,
        String aggregation,
        String better,
        SortedMap<String, String> protocol,
        Optional<Bootstrap.Interval> interval) {
    private static final int ID_DIGITS = 12;

    public MetricResult {
        protocol = Collections.unmodifiableSortedMap(new TreeMap<>(protocol));
    }

    /** A number without an interval. */
    public MetricResult(
            String metric,
            double value,
            double spread,
            double reference,
            String aggregation,
            String better,
            SortedMap<String, String> protocol) {
        this(metric, value, spread, reference, aggregation, better, protocol, Optional.empty());
    }

    /** The same number with an interval. */
    MetricResult with(Bootstrap.Interval found) {
        return new MetricResult(metric, value, spread, reference, aggregation, better, protocol, Optional.of(found));
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
