package dev.zoetrope.moft;

import dev.zoetrope.tensor.ZoetropeException;
import java.util.Arrays;

/**
 * What a profile knows of one axis.
 *
 * @param channels the motion channels, most telling first, [d]
 * @param low least value of each channel's trace, [d]
 * @param high greatest value, [d]
 * @param sign +1 where the trace rises while content moves along the axis (right, or down), else -1, [d]
 * @param component first principal component over all channels, [C]; its sign means nothing
 */
public record MotionAxis(long[] channels, double[] low, double[] high, int[] sign, double[] component) {
    /** @throws ZoetropeException CHECKPOINT_MISMATCH if lengths differ or a channel is not there */
    public MotionAxis {
        int d = channels.length;
        if (d == 0 || low.length != d || high.length != d || sign.length != d) {
            throw ZoetropeException.checkpoint(
                    "a motion axis has %d channels, %d and %d extremes and %d signs; expected equally many, at least one",
                    d, low.length, high.length, sign.length);
        }
        for (long channel : channels) {
            if (channel < 0 || channel >= component.length) {
                throw ZoetropeException.checkpoint(
                        "motion channel %d of a tap of %d channels, expected 0 to %d",
                        channel, component.length, component.length - 1);
            }
        }
        if (Arrays.stream(channels).distinct().count() != d) {
            throw ZoetropeException.checkpoint("a motion axis names a channel twice: %s", Arrays.toString(channels));
        }
    }

    /** Number d of channels. */
    public int size() {
        return channels.length;
    }
}
