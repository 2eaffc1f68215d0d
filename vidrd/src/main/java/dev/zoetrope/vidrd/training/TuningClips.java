package dev.zoetrope.vidrd.training;

import dev.zoetrope.data.CaptionedClips;
import dev.zoetrope.data.ClipSource;
import dev.zoetrope.data.ClipSpec;
import dev.zoetrope.data.Grammar;
import dev.zoetrope.data.Split;
import dev.zoetrope.data.VideoFolder;
import dev.zoetrope.data.compose.ComposedSet;
import dev.zoetrope.diffusion.model.VideoModel;
import java.util.Optional;

/**
 * The clips that layers are trained on.
 *
 * @param source endless
 * @param size how many clips it has before it begins again; empty for clips made to order, which do not end
 */
record TuningClips(ClipSource<?> source, Optional<Integer> size) {
    /**
     * Opens the set that the options name, or makes clips of the training split to order.
     *
     * @throws dev.zoetrope.tensor.ZoetropeException BAD_INPUT if the set does not fit the model
     */
    static TuningClips open(VideoModel model, TuningOptions options) {
        ClipSpec spec = spec(model, options);
        if (options.data().isEmpty()) {
            return new TuningClips(made(model, options, Split.TRAIN), Optional.empty());
        }
        VideoFolder set = ComposedSet.open(options.data().get(), spec, options.seed());
        return new TuningClips(set, Optional.of(set.size()));
    }

    /** Clips made to order. */
    static CaptionedClips made(VideoModel model, TuningOptions options, Split split) {
        return CaptionedClips.create(spec(model, options), Grammar.tiny(), split, options.seed());
    }

    private static ClipSpec spec(VideoModel model, TuningOptions options) {
        return ClipSpec.of(model.nativeWidth(), model.nativeHeight(), options.frames(), 8);
    }
}
