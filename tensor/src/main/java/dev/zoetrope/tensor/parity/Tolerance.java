package dev.zoetrope.tensor.parity;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * A value agrees when |ours - theirs| &lt;= atol + rtol * |theirs|.
 *
 * @param relativeToMax the tolerance is atol + rtol * max|theirs| instead, as gradients need
 */
public record Tolerance(double atol, double rtol, boolean relativeToMax) {
    /**
     * Reads {@code {"atol": .., "rtol": ..}}; {@code {"exact": true}} means equal bits. Beside the two {@code
     * grad_relative_to_max} is the rule for gradients only; alone it is for everything.
     */
    static Tolerance parse(JsonNode json, Tolerance fallback, boolean gradient) {
        if (!json.isObject()) {
            return fallback;
        }
        if (json.path("exact").asBoolean(false)) {
            return new Tolerance(0, 0, false);
        }
        if (json.has("grad_relative_to_max") && (gradient || !json.has("atol"))) {
            return new Tolerance(0, json.get("grad_relative_to_max").asDouble(), true);
        }
        return new Tolerance(
                json.path("atol").asDouble(fallback.atol),
                json.path("rtol").asDouble(fallback.rtol),
                fallback.relativeToMax);
    }

    double allowed(double theirs, double maxTheirs) {
        return atol + rtol * (relativeToMax ? maxTheirs : Math.abs(theirs));
    }
}
