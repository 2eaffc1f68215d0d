package dev.zoetrope.vidrd.experiment;

import dev.zoetrope.diffusion.experiment.Outcome;
import dev.zoetrope.diffusion.model.VideoModel;
import dev.zoetrope.tensor.AtomicFiles;
import dev.zoetrope.tensor.ZoetropeException;
import dev.zoetrope.vidrd.training.TuningOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Consumer;

/** The experiments of the sheet by id, and the page of their results. */
public final class VidRDExperiments {
    private static final String HEADING = "## ";

    private VidRDExperiments() {}

    /** One experiment. */
    public record Entry(String id, String title, Measurement measurement) {
        /**
         * Measures, and puts what was found into the page.
         *
         * @param model folder of the trained text-to-video model
         * @param work folder for what the experiment makes; each has its own inside
         * @param page Markdown file; the sections of other experiments stay
         * @return whether every threshold was met
         */
        public boolean run(Path model, Path work, Path page, Consumer<String> out) {
            try (VideoModel opened = VideoModel.open(model)) {
                Outcome outcome = measurement.run(opened, model, work.resolve(id));
                outcome.lines().forEach(out);
                String text = String.join("\n", outcome.lines()) + "\n\n" + (outcome.met() ? "Met." : "**Missed.**")
                        + " Model sha256 `" + opened.hash() + "`.\n";
                replaceSection(page, id, HEADING + id + ": " + title + "\n\n" + text);
                return outcome.met();
            }
        }
    }

    /** What an experiment does. */
    @FunctionalInterface
    public interface Measurement {
        Outcome run(VideoModel model, Path folder, Path work);
    }

    /** E1 to E5, E7 and E8. E6 (pseudo-videos) and E9 (a distance of feature statistics) are not here yet. */
    public static List<Entry> all() {
        return List.of(
                new Entry("E1", "clips join smoothly (oracle)", (m, f, w) -> OracleExperiments.joins()),
                new Entry("E2", "fresh noise cures the replay (oracle)", (m, f, w) -> OracleExperiments.fresh()),
                new Entry(
                        "E3", "guidance smooths borders in stages (oracle)", (m, f, w) -> OracleExperiments.guidance()),
                new Entry("E4", "the initial noise stays white (oracle)", (m, f, w) -> OracleExperiments.whiteness()),
                new Entry(
                        "E5",
                        "the temporal decoder",
                        (m, f, w) -> DecoderExperiment.run(m, TuningOptions.tinyDecoder(f, w))),
                new Entry(
                        "E7",
                        "freeze policy and inflation",
                        (m, f, w) -> FreezeExperiment.run(m, new TuningOptions(f, w, 400, 4, 8, 0), 256)),
                new Entry(
                        "E8", "long videos of the trained model", (m, f, w) -> LongVideoExperiment.run(m, w, 16, 20)));
    }

    private static void replaceSection(Path page, String id, String section) {
        TreeMap<String, String> sections = new TreeMap<>();
        for (String part : text(page).split("(?m)^(?=" + HEADING + ")")) {
            if (part.startsWith(HEADING)) {
                sections.put(part.substring(HEADING.length()).split(":", 2)[0], part.strip() + "\n");
            }
        }
        sections.put(id, section);
        AtomicFiles.writeString(page, "# Experiments of VidRD\n\n" + String.join("\n", sections.values()));
    }

    private static String text(Path page) {
        try {
            return Files.exists(page) ? Files.readString(page) : "";
        } catch (IOException e) {
            throw ZoetropeException.io(e, "cannot read %s: %s", page, e.getMessage());
        }
    }
}
