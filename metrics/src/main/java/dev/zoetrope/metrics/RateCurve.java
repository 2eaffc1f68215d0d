package dev.zoetrope.metrics;

import dev.zoetrope.tensor.ZoetropeException;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * A rate-distortion curve, sorted by rate when it is made.
 *
 * @param rates in any unit, such as bits per pixel or kbit/s; above 0, all different
 * @param qualities such as PSNR in dB; they grow with the rate
 */
public record RateCurve(double[] rates, double[] qualities) {
    /** @throws ZoetropeException BAD_INPUT for fewer than two points, duplicates, or a quality that does not grow */
    public RateCurve {
        if (rates.length != qualities.length || rates.length < 2) {
            throw ZoetropeException.badInput(
                    "a rate-distortion curve needs at least 2 points, got %d rates and %d qualities",
                    rates.length, qualities.length);
        }
        double[] unsorted = rates;
        int[] order = IntStream.range(0, rates.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> unsorted[i]))
                .mapToInt(Integer::intValue)
                .toArray();
        rates = pick(rates, order);
        qualities = pick(qualities, order);
        for (int i = 0; i < rates.length; i++) {
            boolean finite = Double.isFinite(rates[i]) && Double.isFinite(qualities[i]) && rates[i] > 0;
            boolean grows = i == 0 || rates[i] > rates[i - 1] && qualities[i] > qualities[i - 1];
            if (!finite || !grows) {
                throw ZoetropeException.badInput(
                        "point %d of a rate-distortion curve is (rate %s, quality %s); expected finite values, rates above "
                                + "0, no duplicates, and a quality that grows with the rate",
                        i, rates[i], qualities[i]);
            }
        }
    }

    private static double[] pick(double[] values, int[] order) {
        return IntStream.of(order).mapToDouble(i -> values[i]).toArray();
    }

    int points() {
        return rates.length;
    }

    double[] logRates() {
        return java.util.Arrays.stream(rates).map(Math::log10).toArray();
    }
}
