package dev.zoetrope.moft.experiment;

import dev.zoetrope.diffusion.experiment.Outcome;
import dev.zoetrope.tensor.AtomicFiles;
import dev.zoetrope.tensor.ZoetropeException;
import dev.zoetrope.train.ProgressListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The acceptance experiments of MOFT: gate G and AE-0 to AE-15 of sheet section 7. Each prints its controls beside its
 * result and leaves its table and pictures; {@code moft.md} joins the tables of all that have run.
 */
public final class MoftExperiments {
    private static final List<Entry> ALL = List.of(
            new Entry("G", "the network uses time", ReadingExperiments::gate),
            new Entry("AE-0", "planted features", ReadingExperiments::planted),
            new Entry("AE-1", "principal components tell directions", ReadingExperiments::components),
            new Entry("AE-2", "motion channels follow the displacement", ReadingExperiments::channels),
            new Entry("AE-3", "heat maps tell directions", CorrespondenceExperiments::heatMap),
            new Entry("AE-4", "layers and steps", CorrespondenceExperiments::layers),
            new Entry("AE-5", "control by a reference clip", ControlExperiments::reference),
            new Entry("AE-6", "control by a synthesised reference", ControlExperiments::synthesised),
            new Entry("AE-7", "control of a region", RegionExperiments::region),
            new Entry("AE-8", "gradient clip", RegionExperiments::gradientClip),
            new Entry("AE-9", "shared keys and values", SharingExperiments::sharing),
            new Entry("AE-10", "share of channels", ControlExperiments::channelShare),
            new Entry("AE-11", "point drag", RegionExperiments::drag),
            new Entry("AE-12", "another backbone", ControlExperiments::portability),
            new Entry("AE-13", "real stills", ReadingExperiments::stills),
            new Entry("AE-14", "cost", SharingExperiments::cost),
            new Entry("AE-15", "amplitude", ControlExperiments::amplitude));

    private static final Path INSTALLED_STILLS = Path.of("/usr/lib/python3/dist-packages/skimage/data");

    private final Map<String, Lab.Guided> known = new HashMap<>();
    private final Fixtures fixtures;
    private final Path results;
    private final Optional<Path> stills;

    /** An experiment. */
    public record Entry(String id, String title, Function<MoftExperiments, Outcome> measurement) {}

    /**
     * @param fixtures folder of the trained networks; what is missing is trained, about half an hour of one core
     * @param results folder of tables and pictures, such as {@code docs/results}
     * @param stills folder of photographs for AE-13; without, those among the examples of Debian's python3-skimage, if it is
     *     installed
     */
    public MoftExperiments(Path fixtures, Path results, Optional<Path> stills, ProgressListener training) {
        this.fixtures = new Fixtures(fixtures, training);
        this.results = results;
        this.stills = stills;
    }

    /** All experiments, in order. */
    public static List<Entry> all() {
        return ALL;
    }

    Fixtures fixtures() {
        return fixtures;
    }

    /** Photographs for AE-13; empty if no folder is given and python3-skimage is not installed. */
    Optional<List<Path>> stills() {
        return stills.map(StillsExperiment::ofFolder)
                .or(() ->
                        Optional.of(INSTALLED_STILLS).filter(Files::isDirectory).map(StillsExperiment::ofInstalled));
    }

    /** Clips that several experiments look at, made once. */
    Lab.Guided once(String name, Supplier<Lab.Guided> clips) {
        return known.computeIfAbsent(name, missing -> clips.get());
    }

    /** A file beside the table. */
    Path picture(String name) {
        return results.resolve("moft").resolve(name);
    }

    /**
     * Measures, writes {@code moft/ID.md} and joins {@code moft.md} anew.
     *
     * @throws ZoetropeException BAD_INPUT listing the ids
     */
    public Outcome run(String id) {
        Entry entry = ALL.stream()
                .filter(one -> one.id().equalsIgnoreCase(id))
                .findFirst()
                .orElseThrow(() -> ZoetropeException.badInput(
                        "moft has no experiment \"%s\"; there are: %s",
                        id, ALL.stream().map(Entry::id).toList()));
        long start = System.nanoTime();
        Outcome outcome = entry.measurement().apply(this);
        String verdict = outcome.met() ? "Met" : "**Missed**";
        AtomicFiles.writeString(
                piece(entry),
                String.format(
                        Locale.ROOT,
                        "## %s: %s%n%n%s%n%n%s, in %.0f s.%n",
                        entry.id(),
                        entry.title(),
                        String.join(System.lineSeparator(), outcome.lines()),
                        verdict,
                        (System.nanoTime() - start) / 1e9));
        join();
        return outcome;
    }

    private Path piece(Entry entry) {
        return picture(entry.id() + ".md");
    }

    private void join() {
        StringBuilder text = new StringBuilder("# MOFT: acceptance experiments\n\n"
                + "Made by `zoetrope experiment moft`. Fixture M is a network of 0.8 million parameters trained on moving"
                + " textures with a term that plants a direction code; fixture P is the same without the term, the"
                + " negative control. D is the mean over seeds of the horizontal velocity guided right minus guided left,"
                + " pixels a frame, from the same noise; 2 would be full success. A missed relation is reported as"
                + " missed.\n");
        for (Entry entry : ALL) {
            if (Files.isRegularFile(piece(entry))) {
                try {
                    text.append('\n').append(Files.readString(piece(entry)));
                } catch (IOException e) {
                    throw ZoetropeException.io(e, "cannot read %s: %s", piece(entry), e.getMessage());
                }
            }
        }
        AtomicFiles.writeString(results.resolve("moft.md"), text.toString());
    }
}
