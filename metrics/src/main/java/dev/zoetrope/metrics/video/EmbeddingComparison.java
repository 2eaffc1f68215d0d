package dev.zoetrope.metrics.video;

import dev.zoetrope.media.Frame;
import dev.zoetrope.media.VideoReader;
import dev.zoetrope.metrics.Bootstrap;
import dev.zoetrope.metrics.EmbeddingScores;
import dev.zoetrope.metrics.FrameEmbedder;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;

/**
 * Text alignment and frame consistency of each video (sheet sections 6 and 7), over all of its frames as decoded; one frame
 * is held at a time. The reference of a text alignment is that of the same frames with the next other prompt of the folder,
 * the reference of a consistency the mean of the real videos.
 */
final class EmbeddingComparison {
    private final Set<Measure> measures;
    private final FrameEmbedder model;
    private final Map<Path, String> prompts;
    private final Optional<Bootstrap> resampling;
    private final Map<String, String> otherPrompts = new HashMap<>();
    private final Map<Measure, List<Double>> values = new EnumMap<>(Measure.class);
    private final Map<Measure, List<Double>> references = new EnumMap<>(Measure.class);
    private final SortedSet<String> realCodecs = new TreeSet<>();
    private final SortedSet<String> fakeCodecs = new TreeSet<>();
    private long realVideos;
    private long fakeVideos;
    private long frames;

    /** A prompt in the form of one measure, and what the frames of one video score with it. */
    private record Alignment(Measure measure, EmbeddingScores own, Optional<EmbeddingScores> other) {
        void add(double... picture) {
            own.add(picture);
            other.ifPresent(scores -> scores.add(picture));
        }
    }

    /**
     * Checks all prompts, so that a long run does not end at its last one.
     *
     * @param fakes the videos that will be added
     * @throws ZoetropeException BAD_INPUT naming the videos without a prompt, or the one whose prompt the model refuses
     */
    EmbeddingComparison(VideoSetOptions options, Embeddings embeddings, List<Path> fakes) {
        this.measures = options.measures();
        this.resampling = options.resampling();
        this.model = embeddings.model();
        this.prompts = embeddings.prompts();
        if (measures.stream().noneMatch(Measure::prompted)) {
            return;
        }
        fakes.forEach(this::checkPrompt);
        List<String> distinct = fakes.stream().map(this::prompt).distinct().toList();
        for (int i = 0; distinct.size() > 1 && i < distinct.size(); i++) {
            otherPrompts.put(distinct.get(i), distinct.get((i + 1) % distinct.size()));
        }
    }

    private void checkPrompt(Path file) {
        try {
            measures.stream()
                    .filter(Measure::prompted)
                    .forEach(measure -> model.checkText(text(measure, prompt(file))));
        } catch (ZoetropeException e) {
            throw VideoSet.naming(file, e);
        }
    }

    private String prompt(Path file) {
        String prompt = prompts.get(file);
        if (prompt == null) {
            throw ZoetropeException.badInput("%s has no prompt; give it a caption", file);
        }
        return prompt;
    }

    /** The prompt as a measure wants it. */
    private static String text(Measure measure, String prompt) {
        return measure == Measure.CLIP_SCORE ? EmbeddingScores.SCORE_PREFIX + prompt : prompt;
    }

    /** Whether the real videos are looked at: as the reference of a consistency. */
    boolean measuresReal() {
        return measures.stream().anyMatch(measure -> measure.embeds() && !measure.prompted());
    }

    /** Adds a real video. */
    void addReal(Path file) {
        EmbeddingScores scores = watch(file, List.of(), realCodecs);
        addConsistency(file, scores, references);
        realVideos++;
    }

    /** Adds a generated video. */
    void addFake(Path file) {
        List<Alignment> alignments = measures.stream()
                .filter(Measure::prompted)
                .map(measure -> alignment(measure, prompt(file)))
                .toList();
        EmbeddingScores scores = watch(file, alignments, fakeCodecs);
        addConsistency(file, scores, values);
        for (Alignment alignment : alignments) {
            ToDoubleFunction<EmbeddingScores> read = alignment.measure() == Measure.CLIP_SCORE
                    ? EmbeddingScores::clipScore
                    : EmbeddingScores::textAlignment;
            put(values, alignment.measure(), read.applyAsDouble(alignment.own()));
            alignment.other().ifPresent(other -> put(references, alignment.measure(), read.applyAsDouble(other)));
        }
        fakeVideos++;
    }

    private Alignment alignment(Measure measure, String prompt) {
        return new Alignment(
                measure,
                scores(measure, prompt),
                Optional.ofNullable(otherPrompts.get(prompt)).map(other -> scores(measure, other)));
    }

    private EmbeddingScores scores(Measure measure, String prompt) {
        return new EmbeddingScores(model.text(text(measure, prompt)));
    }

    /** Shows all frames to the alignments; returns the scores that need no text. */
    private EmbeddingScores watch(Path file, List<Alignment> alignments, Set<String> codecs) {
        EmbeddingScores scores = new EmbeddingScores();
        try (VideoReader reader = VideoReader.open(file)) {
            codecs.add(reader.info().codec() + "/" + reader.info().pixelFormat());
            long before = frames;
            for (Frame frame : reader) {
                double[] picture = model.picture(frame);
                scores.add(picture);
                alignments.forEach(alignment -> alignment.add(picture));
                frames++;
            }
            if (frames == before) {
                throw ZoetropeException.badInput("%s has no frames", file);
            }
        } catch (ZoetropeException e) {
            throw VideoSet.naming(file, e);
        }
        return scores;
    }

    private void addConsistency(Path file, EmbeddingScores scores, Map<Measure, List<Double>> target) {
        try {
            if (measures.contains(Measure.CLIP_CONSISTENCY)) {
                put(target, Measure.CLIP_CONSISTENCY, scores.consistency());
            }
            if (measures.contains(Measure.CLIP_SUBJECT_CONSISTENCY)) {
                put(target, Measure.CLIP_SUBJECT_CONSISTENCY, scores.subjectConsistency());
            }
        } catch (ZoetropeException e) {
            throw VideoSet.naming(file, e);
        }
    }

    private static void put(Map<Measure, List<Double>> target, Measure measure, double value) {
        target.computeIfAbsent(measure, key -> new ArrayList<>()).add(value);
    }

    /** What the reader should know. */
    List<String> notes() {
        List<String> notes = new ArrayList<>();
        if (measures.stream().anyMatch(Measure::prompted) && otherPrompts.isEmpty()) {
            notes.add("all videos have the same prompt: their text alignment has no reference");
        }
        if (measuresReal() && !measures.contains(Measure.MOTION)) {
            notes.add("consistency is 1 for a frozen video and rewards slow ones: add the measure motion");
        }
        return notes;
    }

    List<MetricResult> results() {
        List<MetricResult> results = new ArrayList<>();
        measures.stream().filter(Measure::embeds).forEach(measure -> {
            List<Double> own = values.getOrDefault(measure, List.of());
            results.add(new MetricResult(
                    measure.label().replace('-', '_'),
                    PerVideoMeasure.mean(own),
                    PerVideoMeasure.deviation(own),
                    PerVideoMeasure.mean(references.getOrDefault(measure, List.of())),
                    "per_video_mean",
                    measure.prompted() ? "higher" : "real",
                    protocol(measure),
                    resampling.map(bootstrap -> bootstrap.ofMean(own))));
        });
        return results;
    }

    private SortedMap<String, String> protocol(Measure measure) {
        SortedMap<String, String> protocol = new TreeMap<>();
        protocol.put("n_fake", String.valueOf(fakeVideos));
        protocol.put("n_real", String.valueOf(realVideos));
        protocol.put("frames_total", String.valueOf(frames));
        protocol.put("codec_fake", String.join("+", fakeCodecs));
        protocol.put("codec_real", String.join("+", realCodecs));
        protocol.put("quantise", "8-bit frames as decoded, all frames, mean over frames, then videos");
        protocol.put("network", model.name());
        protocol.put(
                "convention",
                switch (measure) {
                    case CLIP_TEXT -> "cosine of prompt and frame, raw";
                    case CLIP_SCORE ->
                        "2.5 max(cosine, 0), prompt behind \"" + EmbeddingScores.SCORE_PREFIX.strip() + "\"";
                    case CLIP_CONSISTENCY -> "cosine of consecutive frames";
                    default -> "half of max(cosine to the frame before, 0) and max(cosine to the first frame, 0)";
                });
        return protocol;
    }
}
