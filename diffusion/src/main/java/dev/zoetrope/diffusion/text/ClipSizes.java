package dev.zoetrope.diffusion.text;

import dev.zoetrope.tensor.ZoetropeException;

/** Checks that the towers of CLIP share. */
final class ClipSizes {
    private static final int MAX = 1 << 24;

    private ClipSizes() {}

    static void check(String field, int value) {
        if (value < 1 || value > MAX) {
            throw ZoetropeException.badInput("%s is %d, expected 1 to %d", field, value, MAX);
        }
    }

    static void checkTransformer(int width, int hidden, int layers, int heads) {
        check("hidden_size", width);
        check("intermediate_size", hidden);
        check("num_hidden_layers", layers);
        check("num_attention_heads", heads);
        if (width % heads != 0) {
            throw ZoetropeException.badInput("hidden_size %d cannot be split into %d heads", width, heads);
        }
    }
}
