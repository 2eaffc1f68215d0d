package dev.zoetrope.data.compose;

import dev.zoetrope.data.ClipSpec;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a training set is made of.
 *
 * @param folders of each kind, at least one
 * @param weights shares of the kinds, from 0, at least one above 0; a kind without one has its number of sources
 * @param spec form of the clips; videos are read at its frame rate
 * @param clips how many, 1 to 1000000; 0, the default, is one a source
 * @param moves of pseudo-videos; default all, equally often
 * @param ease whether pseudo-videos start and stop gently; default false
 * @param segmenter of long videos
 * @param captioner of clips without a caption; default the sentence "a video of {label}"
 * @param mostSkipped share of files, and of clips, that may fail, 0 to 1; default 0.1
 * @param format ending of the clips' names: png (animated, without loss), mp4, webm, webp or gif; default png
 * @param seed of windows, moves and order; default 0
 */
public record CompositionOptions(
        Map<SourceKind, Path> folders,
        Map<SourceKind, Double> weights,
        ClipSpec spec,
        int clips,
        List<PseudoVideo.Move> moves,
        boolean ease,
        ShotSegmenter segmenter,
        Captioner captioner,
        double mostSkipped,
        String format,
        long seed) {
    private static final int MOST_CLIPS = 1_000_000;
    private static final Set<String> FORMATS = Set.of("png", "mp4", "webm", "webp", "gif");

    /** @throws ZoetropeException BAD_INPUT naming the option that cannot be */
    public CompositionOptions {
        folders = ordered(folders);
        weights = ordered(weights);
        moves = List.copyOf(moves);
        if (folders.isEmpty()) {
            throw ZoetropeException.badInput("nothing to compose from: give a folder of at least one kind");
        }
        for (Map.Entry<SourceKind, Double> weight : weights.entrySet()) {
            if (!(weight.getValue() >= 0 && weight.getValue() <= 1e9)) {
                throw ZoetropeException.badInput(
                        "weight of %s: %s, expected 0 to 1e9", weight.getKey().word(), weight.getValue());
            }
            if (!folders.containsKey(weight.getKey())) {
                throw ZoetropeException.badInput(
                        "weight of %s: there is no folder of that kind",
                        weight.getKey().word());
            }
        }
        if (clips < 0 || clips > MOST_CLIPS) {
            throw ZoetropeException.badInput("clips: %d, expected 1 to %d, or 0 for one a source", clips, MOST_CLIPS);
        }
        if (moves.isEmpty()) {
            throw ZoetropeException.badInput("pseudo-videos need at least one move: zoom, pan or both");
        }
        if (!(mostSkipped >= 0 && mostSkipped <= 1)) {
            throw ZoetropeException.badInput("share that may be skipped: %s, expected 0 to 1", mostSkipped);
        }
        if (!FORMATS.contains(format)) {
            throw ZoetropeException.badInput("format \"%s\": expected one of %s", format, FORMATS);
        }
    }

    private static <V> Map<SourceKind, V> ordered(Map<SourceKind, V> map) {
        EnumMap<SourceKind, V> copy = new EnumMap<>(SourceKind.class);
        copy.putAll(map);
        return Collections.unmodifiableMap(copy);
    }

    /** Starts with the defaults. */
    public static Builder of(ClipSpec spec) {
        return new Builder(spec);
    }

    /** Seconds that a clip covers. */
    double clipSeconds() {
        return spec.frames() / spec.fps();
    }

    /** Collects options; {@link #build} checks them. */
    public static final class Builder {
        private final ClipSpec spec;
        private final Map<SourceKind, Path> folders = new EnumMap<>(SourceKind.class);
        private final Map<SourceKind, Double> weights = new EnumMap<>(SourceKind.class);
        private int clips;
        private List<PseudoVideo.Move> moves = List.of(PseudoVideo.Move.values());
        private boolean ease;
        private ShotSegmenter segmenter = ShotSegmenter.DEFAULT;
        private Captioner captioner = LabelTemplate.DEFAULT;
        private double mostSkipped = 0.1;
        private String format = "png";
        private long seed;

        private Builder(ClipSpec spec) {
            this.spec = spec;
        }

        /** Takes the files of a folder, and those of the folders in it, whose names are their labels. */
        public Builder folder(SourceKind kind, Path folder) {
            folders.put(kind, folder);
            return this;
        }

        public Builder weight(SourceKind kind, double value) {
            weights.put(kind, value);
            return this;
        }

        public Builder clips(int value) {
            clips = value;
            return this;
        }

        public Builder moves(List<PseudoVideo.Move> value) {
            moves = List.copyOf(value);
            return this;
        }

        public Builder ease(boolean value) {
            ease = value;
            return this;
        }

        public Builder segmenter(ShotSegmenter value) {
            segmenter = value;
            return this;
        }

        public Builder captioner(Captioner value) {
            captioner = value;
            return this;
        }

        public Builder mostSkipped(double value) {
            mostSkipped = value;
            return this;
        }

        public Builder format(String value) {
            format = value;
            return this;
        }

        public Builder seed(long value) {
            seed = value;
            return this;
        }

        public CompositionOptions build() {
            return new CompositionOptions(
                    folders, weights, spec, clips, moves, ease, segmenter, captioner, mostSkipped, format, seed);
        }
    }
}
