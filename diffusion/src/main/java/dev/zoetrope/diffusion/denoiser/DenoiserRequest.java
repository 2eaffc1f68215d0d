package dev.zoetrope.diffusion.denoiser;

import java.util.Optional;
import java.util.Set;

/**
 * What a caller wants of one evaluation beside the prediction.
 *
 * @param taps module paths whose output is wanted, such as {@code up_blocks.1}, {@code mid_block}, or the keys of an
 *     attention, {@code up_blocks.1.attentions.0.transformer_blocks.0.attn1.to_k}
 * @param keyValues sees, and may replace, the keys and values of every attention
 * @param stopAfter a tap name after which the evaluation ends; there is no prediction then
 */
public record DenoiserRequest(Set<String> taps, KeyValuePolicy keyValues, Optional<String> stopAfter) {
    /** The prediction and nothing else. */
    public static final DenoiserRequest NONE = new DenoiserRequest(Set.of(), KeyValuePolicy.NONE, Optional.empty());

    public DenoiserRequest {
        taps = Set.copyOf(taps);
    }

    /** The outputs of these modules beside the prediction. */
    public static DenoiserRequest tapping(String... names) {
        return new DenoiserRequest(Set.of(names), KeyValuePolicy.NONE, Optional.empty());
    }

    /** The same request, ended after {@code name}, which is tapped too. */
    public DenoiserRequest stoppingAfter(String name) {
        Set<String> all = new java.util.HashSet<>(taps);
        all.add(name);
        return new DenoiserRequest(all, keyValues, Optional.of(name));
    }

    /** The same request with another policy for keys and values. */
    public DenoiserRequest withKeyValues(KeyValuePolicy policy) {
        return new DenoiserRequest(taps, policy, stopAfter);
    }
}
