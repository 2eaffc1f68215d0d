package dev.zoetrope.vidrd.experiment;

import dev.zoetrope.diffusion.experiment.Outcome;
import dev.zoetrope.diffusion.model.VideoModel;
import dev.zoetrope.tensor.AtomicFiles;
import dev.zoetrope.tensor.ZoetropeException;
import dev.zoetrope.vidrd.training.TuningOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The experiments of the sheet by id, and the page of their results. */
public final class VidRDExperiments {
    private static final String HEADING = "## ";

    /** Of each training of E6: estimated at a quarter of an hour of one core for all of it. */
    public static final int PSEUDO_STEPS = 1500;

    private VidRDExperiments() {}

    /** One experiment. */
    public record Entry(String id, String title, Measurement measurement) {
        /**
         * Measures, and puts what was found into the page.
         *
         * @param setting its work folder holds what experiments make; each has its own inside
         * @param page Markdown file; the sections of other experiments stay
         * @return whether every threshold was met
         */
        public boolean run(Setting setting, Path page, Consumer<String> out) {
            Measured measured = measurement.run(
                    new Setting(setting.model(), setting.work().resolve(id), setting.pictures(), setting.steps()));
            Outcome outcome = measured.outcome();
            outcome.lines().forEach(out);
            String verdict = outcome.met() ? "Met." : "**Missed.**";
            String source = measured.modelHash()
                    .map(hash -> " Model sha256 `" + hash + "`.")
                    .orElse("");
            replaceSection(page, id, HEADING + id + ": " + title + "\n\n" + text(outcome) + verdict + source + "\n");
            return outcome.met();
        }
    }

    /**
     * What an experiment works with.
     *
     * @param model folder of the trained text-to-video model; the oracle's experiments do not open it
     * @param work folder to work in
     * @param pictures folder of the page
     * @param steps of the trainings of E6, 2 to 1000000; default {@value VidRDExperiments#PSEUDO_STEPS}
     */
    public record Setting(Path model, Path work, Path pictures, int steps) {
        public Setting {
            if (steps < 2 || steps > 1_000_000) {
                throw ZoetropeException.badInput("steps of the trainings: %d, expected 2 to 1000000", steps);
            }
        }
    }

    /** What an experiment does. */
    @FunctionalInterface
    public interface Measurement {
        Measured run(Setting setting);
    }

    /** What was found, and on which model's weights, if on any. */
    public record Measured(Outcome outcome, Optional<String> modelHash) {}

    /** An experiment on an opened model. */
    private interface OfModel {
        Outcome run(VideoModel model, Setting setting);
    }

    /** E1 to E9. */
    public static List<Entry> all() {
        return List.of(
                oracle("E1", "clips join smoothly", OracleExperiments::joins),
                oracle("E2", "fresh noise cures the replay", OracleExperiments::fresh),
                new Entry("E3", "guidance smooths borders, in stages (oracle denoiser)", setting -> {
                    Path plot = setting.pictures().resolve("vidrd-E3.png");
                    OracleExperiments.plotBorders(plot);
                    return new Measured(
                            pictured(OracleExperiments.guidance(), "borders against alpha and beta", plot),
                            Optional.empty());
                }),
                oracle("E4", "the initial noise stays white", OracleExperiments::whiteness),
                trained(
                        "E5",
                        "the temporal decoder",
                        (model, setting) -> DecoderExperiment.run(
                                model, TuningOptions.tinyDecoder(setting.model(), setting.work()))),
                trained(
                        "E6",
                        "pseudo-videos of stills teach what clips do not show",
                        (model, setting) -> PseudoVideoExperiment.run(
                                model,
                                setting.model(),
                                setting.work(),
                                new PseudoVideoExperiment.Scale(setting.steps(), 256, 16))),
                trained(
                        "E7",
                        "freeze policy and inflation",
                        (model, setting) -> FreezeExperiment.run(
                                model, new TuningOptions(setting.model(), setting.work(), 400, 4, 8, 0, false), 256)),
                trained("E8", "long videos of the trained model", (model, setting) -> {
                    Path sheet = setting.pictures().resolve("vidrd-E8.png");
                    return pictured(
                            LongVideoExperiment.run(model, setting.work(), sheet, 16, 20),
                            "frames on both sides of the borders of the first prompt",
                            sheet);
                }),
                new Entry(
                        "E9",
                        "the proxy of FVD sees order and noise",
                        setting -> new Measured(ProxyDistanceExperiment.run(512), Optional.empty())));
    }

    private static Entry oracle(String id, String title, Supplier<Outcome> measurement) {
        return new Entry(
                id, title + " (oracle denoiser)", setting -> new Measured(measurement.get(), Optional.empty()));
    }

    private static Outcome pictured(Outcome outcome, String title, Path picture) {
        List<String> lines = new ArrayList<>(outcome.lines());
        lines.add("");
        lines.add("![" + title + "](" + picture.getFileName() + ")");
        return new Outcome(lines, outcome.met());
    }

    private static Entry trained(String id, String title, OfModel measurement) {
        return new Entry(id, title, setting -> {
            try (VideoModel model = VideoModel.open(setting.model())) {
                return new Measured(measurement.run(model, setting), Optional.of(model.hash()));
            }
        });
    }

    /** The lines, with an empty one behind each table, or Markdown would take what follows into it. */
    private static String text(Outcome outcome) {
        StringBuilder text = new StringBuilder();
        boolean table = false;
        for (String line : outcome.lines()) {
            if (table && !line.startsWith("|") && !line.isEmpty()) {
                text.append('\n');
            }
            text.append(line).append('\n');
            table = line.startsWith("|");
        }
        return text.append('\n').toString();
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
