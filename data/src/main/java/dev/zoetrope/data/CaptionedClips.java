package dev.zoetrope.data;

import dev.zoetrope.tensor.ZoetropeException;

/**
 * Makes captioned clips to order. A clip is a function of (grammar, split, form, seed, index): the same bytes on every
 * machine. Immutable and safe for use by many threads.
 */
public final class CaptionedClips implements ClipSource<CaptionedClip> {
    private final ClipSpec spec;
    private final Grammar grammar;
    private final Split split;
    private final long seed;

    private CaptionedClips(ClipSpec spec, Grammar grammar, Split split, long seed) {
        this.spec = spec;
        this.grammar = grammar;
        this.split = split;
        this.seed = seed;
        if (grammar.combinations(split).isEmpty()) {
            throw ZoetropeException.badInput("the grammar has no %s combination", split);
        }
    }

    /** A maker of clips drawn from one split of a grammar. */
    public static CaptionedClips create(ClipSpec spec, Grammar grammar, Split split, long seed) {
        return new CaptionedClips(spec, grammar, split, seed);
    }

    @Override
    public ClipSpec spec() {
        return spec;
    }

    /** The clip at an index. */
    @Override
    public CaptionedClip clip(long index) {
        var random = new ClipRandom(seed, index);
        return render(grammar.draw(random, split), index, random);
    }

    /** A clip of given attributes; size, speed and place are drawn by the index. */
    public CaptionedClip clip(Attributes attributes, long index) {
        return render(attributes, index, new ClipRandom(~seed, index));
    }

    private CaptionedClip render(Attributes attributes, long index, ClipRandom random) {
        Scene scene = SceneBuilder.build(spec, grammar, attributes, random);
        String caption = Captions.draw(attributes, random);
        return new CaptionedClip(spec, seed, index, scene, caption, new SceneRenderer(spec, scene).frames());
    }
}
