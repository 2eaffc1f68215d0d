package dev.zoetrope.data.compose;

import dev.zoetrope.data.ClipSpec;
import dev.zoetrope.data.compose.ClipCutter.Window;
import dev.zoetrope.data.compose.Mixer.Pick;
import dev.zoetrope.media.Frame;
import dev.zoetrope.media.VideoOptions;
import dev.zoetrope.media.VideoWriter;
import dev.zoetrope.tensor.ErrorCode;
import dev.zoetrope.tensor.ZoetropeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Makes a training set: {@code clips/000000-stills.png}, ... and the manifest {@value Composition#MANIFEST}, which is
 * written last, so a folder without it is not whole. The same sources and options give the same set, stopped and continued
 * or not: finished clips are noted with their captions ({@link Journal}), and a run in the same folder makes the others.
 *
 * <p>Every video is read twice, a long one three times; memory does not grow with lengths, but for a few hundred bytes a
 * clip.
 */
public final class Composer {
    private static final String CLIPS = "clips";

    private final CompositionOptions options;
    private final Path folder;
    private final CompositionProgress progress;
    private final Survey survey;
    private final List<Pick> picks;
    private final Journal journal;
    private final Skips skips;
    private int done;

    private Composer(
            CompositionOptions options,
            Path folder,
            CompositionProgress progress,
            Survey survey,
            List<Pick> picks,
            Journal journal) {
        this.options = options;
        this.folder = folder;
        this.progress = progress;
        this.survey = survey;
        this.picks = picks;
        this.journal = journal;
        this.done = journal.finished().size();
        this.skips = new Skips(options.mostSkipped());
    }

    /**
     * Surveys the sources and writes the set, or what is missing of it.
     *
     * @param folder empty or new, or that of a stopped run with the same sources and options
     * @throws ZoetropeException BAD_INPUT if too much cannot be used, what {@code progress} throws, IO if it cannot be written
     */
    public static Composition run(CompositionOptions options, Path folder, CompositionProgress progress) {
        Survey survey = Survey.of(options, progress);
        List<Pick> picks = Mixer.mix(survey.sources(), options);
        try (Journal journal = Journal.open(folder, Journal.identity(options, picks))) {
            return new Composer(options, folder, progress, survey, picks, journal).compose();
        }
    }

    private Composition compose() {
        report();
        files(true).forEach(this::makeOfStill);
        files(false).forEach(this::cut);
        List<String> skipped = new ArrayList<>(survey.skipped());
        skipped.addAll(skips.reasons());
        List<ManifestEntry> whole = List.copyOf(journal.finished().values());
        if (whole.isEmpty()) {
            throw ZoetropeException.badInput(
                    "no clip could be made; the first reason: %s",
                    skips.reasons().get(0));
        }
        Composition composition = new Composition(whole, survey.sources().size(), skipped);
        composition.write(folder);
        journal.delete();
        return composition;
    }

    /** Indices of the clips that are to be made, by file, so that each is read once. */
    private Map<Path, List<Integer>> files(boolean stills) {
        Map<Path, List<Integer>> byFile = new LinkedHashMap<>();
        for (int i = 0; i < picks.size(); i++) {
            Source source = picks.get(i).source();
            if ((source.kind() == SourceKind.STILLS) == stills
                    && !journal.finished().containsKey(i)) {
                byFile.computeIfAbsent(source.file(), file -> new ArrayList<>()).add(i);
            }
        }
        return byFile;
    }

    private void report() {
        progress.progress(done, picks.size(), "clips");
    }

    private String name(int index) {
        return "%s/%06d-%s.%s"
                .formatted(CLIPS, index, picks.get(index).source().kind().word(), options.format());
    }

    private VideoOptions video() {
        return VideoOptions.of(options.spec().fps());
    }

    private void makeOfStill(Path file, List<Integer> indices) {
        Frame picture = Stills.read(file);
        ClipSpec spec = options.spec();
        for (int index : indices) {
            report();
            PseudoVideo moving = PseudoVideo.draw(
                    picture.width(),
                    picture.height(),
                    spec,
                    options.moves(),
                    picks.get(index).id(),
                    options.seed());
            Path target = folder.resolve(name(index));
            try (VideoWriter writer = VideoWriter.open(target, video())) {
                moving.frames(picture, spec, options.ease()).forEach(writer::write);
                writer.finish();
            }
            finish(index, 0, 0);
        }
    }

    private void cut(Path file, List<Integer> indices) {
        Map<Path, Integer> byTarget = new LinkedHashMap<>();
        List<Window> windows = new ArrayList<>();
        for (int index : indices) {
            Path target = folder.resolve(name(index));
            byTarget.put(target, index);
            windows.add(window(picks.get(index), target));
        }
        ClipCutter.cut(file, options.spec(), video(), windows, this::report, window -> {
            int index = Objects.requireNonNull(byTarget.get(window.target()));
            finish(index, window.start(), window.start() + options.spec().frames() * window.step());
        });
    }

    /** Anywhere inside of the source; a shorter source is taken whole. */
    private Window window(Pick pick, Path target) {
        Source source = pick.source();
        double room = source.duration() - options.clipSeconds();
        if (room < 0) {
            double step = Math.min(
                    1 / options.spec().fps(), source.duration() / options.spec().frames());
            return new Window(target, source.start(), step);
        }
        double at = PseudoVideo.random(pick.id(), options.seed()).nextDouble();
        return new Window(target, source.start() + at * room, 1 / options.spec().fps());
    }

    private void finish(int index, double start, double end) {
        Source source = picks.get(index).source();
        Path clip = folder.resolve(name(index));
        try {
            String caption = source.caption().isEmpty()
                    ? options.captioner().caption(clip, LabelTemplate.words(source.label()))
                    : source.caption();
            ManifestEntry entry = new ManifestEntry(
                    name(index),
                    source.file().toUri().toString(),
                    rounded(start),
                    rounded(end),
                    source.label(),
                    caption,
                    source.kind());
            journal.add(index, entry);
        } catch (ZoetropeException e) {
            if (e.code() == ErrorCode.CANCELLED) {
                throw e;
            }
            delete(clip);
            skips.add(source.id(), e);
            skips.check(picks.size(), "clips");
        }
        done++;
        report();
    }

    private static double rounded(double seconds) {
        return Math.round(seconds * 1e6) / 1e6;
    }

    private static void delete(Path clip) {
        try {
            Files.delete(clip);
        } catch (IOException e) {
            throw ZoetropeException.io(e, "cannot delete %s: %s", clip, e.getMessage());
        }
    }
}
