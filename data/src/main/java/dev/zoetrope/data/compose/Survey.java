package dev.zoetrope.data.compose;

import dev.zoetrope.data.FolderIndex;
import dev.zoetrope.data.FolderIndex.Entry;
import dev.zoetrope.data.compose.ShotSegmenter.Shot;
import dev.zoetrope.media.Frame;
import dev.zoetrope.media.VideoFiles;
import dev.zoetrope.media.VideoReader;
import dev.zoetrope.tensor.ErrorCode;
import dev.zoetrope.tensor.ZoetropeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Looks at every file once: can it be read to its end, how long is it, where are its shots, what is its caption. Memory
 * does not grow with the length of videos.
 */
final class Survey {
    private static final int PERCENT = 100;
    /** A video that is a little slower than asked for repeats too few frames to be seen. */
    private static final double SLOWEST = 0.95;

    private final CompositionOptions options;
    private final CompositionProgress progress;
    private final Skips skips;
    private final List<Source> sources = new ArrayList<>();
    private int files;
    private int done;

    /** A file that was found. */
    private record Found(SourceKind kind, Entry entry, String id, String label) {}

    private Survey(CompositionOptions options, CompositionProgress progress) {
        this.options = options;
        this.progress = progress;
        this.skips = new Skips(options.mostSkipped());
    }

    /** @throws ZoetropeException BAD_INPUT if nothing, or too little, can be used */
    static Survey of(CompositionOptions options, CompositionProgress progress) {
        Survey survey = new Survey(options, progress);
        survey.look();
        return survey;
    }

    List<Source> sources() {
        return sources;
    }

    List<String> skipped() {
        return skips.reasons();
    }

    private void look() {
        List<Found> found = new ArrayList<>();
        for (Map.Entry<SourceKind, Path> folder : options.folders().entrySet()) {
            int before = found.size();
            list(folder.getKey(), folder.getValue(), found);
            if (found.size() == before) {
                throw ZoetropeException.badInput(
                        "%s holds no %s, neither directly nor in its folders",
                        folder.getValue(), folder.getKey() == SourceKind.STILLS ? "pictures" : "videos");
            }
        }
        files = found.size();
        for (Found file : found) {
            report(0);
            try {
                look(file);
            } catch (ZoetropeException e) {
                if (e.code() == ErrorCode.CANCELLED) {
                    throw e;
                }
                skips.add(file.entry().file(), e);
            }
            done++;
        }
        report(0);
        skips.check(files, "files");
        for (Map.Entry<SourceKind, Path> folder : options.folders().entrySet()) {
            if (sources.stream().noneMatch(source -> source.kind() == folder.getKey())) {
                throw ZoetropeException.badInput(
                        "none of the files in %s can be used; the first: %s",
                        folder.getValue(), skips.reasons().get(0));
            }
        }
    }

    private void report(double partOfFile) {
        progress.progress((int) (PERCENT * (done + Math.min(1, partOfFile)) / files), PERCENT, "reading sources, %");
    }

    private static void list(SourceKind kind, Path folder, List<Found> found) {
        Function<Path, List<Path>> lister = kind == SourceKind.STILLS ? VideoFiles::picturesIn : VideoFiles::in;
        list(kind, folder, folder, "", lister, found);
        for (Path child : folders(folder)) {
            list(kind, folder, child, String.valueOf(child.getFileName()), lister, found);
        }
    }

    private static void list(
            SourceKind kind,
            Path root,
            Path folder,
            String label,
            Function<Path, List<Path>> lister,
            List<Found> found) {
        for (Entry entry : FolderIndex.read(folder, lister)) {
            String name = root.relativize(entry.file()).toString().replace('\\', '/');
            found.add(new Found(kind, entry, kind.word() + "/" + name, label));
        }
    }

    private static List<Path> folders(Path folder) {
        try (Stream<Path> children = Files.list(folder)) {
            return children.filter(Files::isDirectory).sorted().toList();
        } catch (IOException e) {
            throw ZoetropeException.io(e, "cannot read %s: %s", folder, String.valueOf(e.getMessage()));
        }
    }

    private void look(Found found) {
        String caption = caption(found);
        switch (found.kind()) {
            case STILLS -> {
                Frame picture = Stills.read(found.entry().file());
                // Refuses what is too small.
                PseudoVideo.draw(
                        picture.width(), picture.height(), options.spec(), options.moves(), found.id(), options.seed());
                add(found, found.id(), caption, 0, 0);
            }
            case LONG -> lookForShots(found, caption);
            case CAPTIONED, LABELLED -> {
                Timeline whole = timeline(found.entry().file());
                checkLength(found.kind(), whole);
                add(found, found.id(), caption, whole.first(), whole.end());
            }
        }
    }

    private void add(Found found, String id, String caption, double start, double end) {
        sources.add(new Source(found.kind(), found.entry().file(), id, found.label(), caption, start, end));
    }

    private String caption(Found found) {
        if (!found.entry().caption().isEmpty()) {
            return Answer.caption(found.entry().caption());
        }
        Captioner captioner = options.captioner();
        return captioner.looksAtClip()
                ? ""
                : captioner.caption(found.entry().file(), LabelTemplate.words(found.label()));
    }

    private Timeline timeline(Path file) {
        Timeline timeline = new Timeline();
        try (VideoReader reader = VideoReader.open(file)) {
            Consumer<Double> watcher = watcher(reader.info().durationSeconds(), 1);
            for (Frame frame : reader) {
                timeline.add(frame.timeSeconds());
                watcher.accept(frame.timeSeconds());
            }
        }
        return timeline;
    }

    /** Reports progress inside of a long file that is read several times. */
    private Consumer<Double> watcher(double seconds, int readings) {
        double[] before = new double[2];
        return time -> {
            before[1] += time < before[0] ? before[0] : 0;
            before[0] = time;
            report(seconds > 0 ? (before[1] + time) / (seconds * readings) : 0);
        };
    }

    private void lookForShots(Found found, String caption) {
        Path file = found.entry().file();
        double seconds;
        try (VideoReader reader = VideoReader.open(file)) {
            seconds = reader.info().durationSeconds();
        }
        List<Shot> shots = options.segmenter().segment(file, watcher(seconds, 2));
        int before = sources.size();
        for (int i = 0; i < shots.size(); i++) {
            Shot shot = shots.get(i);
            if (fits(shot.duration())
                    && shot.frames() >= SLOWEST * options.spec().fps() * shot.duration()) {
                add(found, found.id() + "#" + (i + 1), caption, shot.start(), shot.end());
            }
        }
        if (sources.size() == before) {
            throw ZoetropeException.badInput(
                    "none of its %d shots has %.2f s, which a clip takes, at %s frames a second",
                    shots.size(), options.clipSeconds(), options.spec().fps());
        }
    }

    private boolean fits(double seconds) {
        return seconds >= options.clipSeconds() - 1e-6;
    }

    private void checkLength(SourceKind kind, Timeline whole) {
        double seconds = whole.end() - whole.first();
        boolean taken = fits(seconds);
        if (!taken
                && !(kind == SourceKind.LABELLED
                        && whole.frames() >= options.spec().frames())) {
            throw ZoetropeException.badInput(
                    "has %d frames in %.2f s; a clip takes %.2f s", whole.frames(), seconds, options.clipSeconds());
        }
        if (taken && whole.frames() < SLOWEST * options.spec().fps() * seconds) {
            throw ZoetropeException.badInput(
                    "has %.1f frames a second; at %s frames would repeat",
                    whole.frames() / seconds, options.spec().fps());
        }
    }
}
