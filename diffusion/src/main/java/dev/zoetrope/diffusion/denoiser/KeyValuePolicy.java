package dev.zoetrope.diffusion.denoiser;

import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.bytedeco.pytorch.Tensor;

/** Sees the keys and values of each attention before they are used, and gives back those to use. */
@FunctionalInterface
public interface KeyValuePolicy {
    /** Leaves everything as it is. */
    KeyValuePolicy NONE = (path, own) -> own;

    /**
     * @param path the attention's module path, such as {@code up_blocks.1.attentions.0.transformer_blocks.0.attn1}
     * @param own what the attention computed itself
     */
    KeyValue apply(String path, KeyValue own);

    /** Keys and values [N,L,C], heads concatenated. */
    record KeyValue(Tensor key, Tensor value) {}

    /** Keeps the keys and values of the attentions whose path matches. Close it to free them. */
    final class Recording implements KeyValuePolicy, AutoCloseable {
        private final Predicate<String> wanted;
        private final Map<String, KeyValue> recorded = new LinkedHashMap<>();

        public Recording(Predicate<String> wanted) {
            this.wanted = wanted;
        }

        @Override
        public KeyValue apply(String path, KeyValue own) {
            if (wanted.test(path)) {
                KeyValue old = recorded.put(path, new KeyValue(Scope.own(own.key()), Scope.own(own.value())));
                if (old != null) {
                    release(old);
                }
            }
            return own;
        }

        /** Paths in the order of their evaluation. */
        public Map<String, KeyValue> recorded() {
            return Map.copyOf(recorded);
        }

        /** A policy that gives these keys and values to the same attentions of another evaluation. */
        public KeyValuePolicy replay() {
            return (path, own) -> {
                KeyValue other = recorded.get(path);
                if (other == null) {
                    return own;
                }
                if (own.key().size(0) != other.key().size(0)) {
                    throw ZoetropeException.badInput(
                            "%s: %d recorded sequences cannot replace %d; use the same batch, frames and size",
                            path, other.key().size(0), own.key().size(0));
                }
                return other;
            };
        }

        private static void release(KeyValue pair) {
            pair.key().close();
            pair.value().close();
        }

        @Override
        public void close() {
            recorded.values().forEach(Recording::release);
            recorded.clear();
        }
    }
}
