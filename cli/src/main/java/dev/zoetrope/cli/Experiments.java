package dev.zoetrope.cli;

import dev.zoetrope.diffusion.experiment.AutoencoderQuality;
import dev.zoetrope.diffusion.experiment.GuidanceAccuracy;
import dev.zoetrope.diffusion.experiment.Outcome;
import dev.zoetrope.diffusion.experiment.TemporalLayers;
import dev.zoetrope.diffusion.model.VideoModel;
import dev.zoetrope.moft.MotionProfile;
import dev.zoetrope.moft.experiment.MoftExperiments;
import dev.zoetrope.moft.experiment.PresetControl;
import dev.zoetrope.tensor.AtomicFiles;
import dev.zoetrope.vidrd.experiment.VidRDExperiments;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.stream.Stream;

/** The experiments of every system. B1 to B3, B7 and B8 of the backbone need no trained model: they are unit tests. */
final class Experiments {
    private static final Map<String, List<Experiment>> SYSTEMS = new TreeMap<>(Map.of(
            "backbone",
            List.of(
                    new OfModel("B4", "guidance follows the prompt", Experiments::guidanceAccuracy),
                    new OfModel(
                            "B5",
                            "the autoencoder beats down- and upscaling",
                            (model, context) -> AutoencoderQuality.run(model)),
                    new OfModel("B6", "temporal layers matter", (model, context) -> TemporalLayers.run(model))),
            "vidrd",
            VidRDExperiments.all().stream().<Experiment>map(OfVidRD::new).toList(),
            "moft",
            Stream.concat(
                            MoftExperiments.all().stream().map(entry -> new OfMoft(entry.id(), entry.title())),
                            Stream.of(new MoftOnPreset()))
                    .toList()));

    private Experiments() {}

    static Map<String, List<Experiment>> all() {
        return SYSTEMS;
    }

    private static Outcome guidanceAccuracy(VideoModel model, Experiment.Context context) {
        int steps = context.steps().orElse(GuidanceAccuracy.TRAINING_STEPS);
        return GuidanceAccuracy.run(model, context.model(), steps, Path.of("target", "experiments", "backbone", "B4"));
    }

    /** An experiment of VidRD; all share the page vidrd.md. */
    private record OfVidRD(VidRDExperiments.Entry entry) implements Experiment {
        @Override
        public String id() {
            return entry.id();
        }

        @Override
        public String title() {
            return entry.title();
        }

        @Override
        public boolean run(Context context) {
            Path work = Path.of("target", "experiments", "vidrd");
            VidRDExperiments.Setting setting = new VidRDExperiments.Setting(
                    context.model(), work, context.results(), context.steps().orElse(VidRDExperiments.PSEUDO_STEPS));
            return entry.run(setting, context.results().resolve("vidrd.md"), context.out()::println);
        }
    }

    /** An experiment of MOFT on networks trained for it, which take about half an hour of one core the first time. */
    private record OfMoft(String id, String title) implements Experiment {
        @Override
        public boolean run(Context context) {
            Path work = Path.of("target", "experiments", "moft");
            MoftExperiments experiments =
                    new MoftExperiments(work.resolve("networks"), context.results(), context.stills(), progress -> {});
            Outcome outcome = experiments.run(id);
            outcome.lines().forEach(context.out()::println);
            return outcome.met();
        }
    }

    /** Steering the shipped model; writes moft-preset.md. */
    private static final class MoftOnPreset implements Experiment {
        private static final int SEEDS = 12;

        @Override
        public String id() {
            return "preset";
        }

        @Override
        public String title() {
            return "the shipped model goes where it is told";
        }

        @Override
        public boolean run(Context context) {
            try (VideoModel model = VideoModel.open(context.model())) {
                MotionProfile profile = MotionJob.profile(Optional.empty(), context.model());
                Outcome outcome = PresetControl.run(model, profile, SEEDS, context.results());
                outcome.lines().forEach(context.out()::println);
                return outcome.met();
            }
        }
    }

    /** An experiment on a trained model; leaves its table as backbone-ID.md. */
    private record OfModel(String id, String title, BiFunction<VideoModel, Experiment.Context, Outcome> measurement)
            implements Experiment {
        @Override
        public boolean run(Context context) {
            try (VideoModel model = VideoModel.open(context.model())) {
                Outcome outcome = measurement.apply(model, context);
                outcome.lines().forEach(context.out()::println);
                AtomicFiles.writeString(
                        context.results().resolve("backbone-" + id + ".md"),
                        String.format(
                                "# %s: %s%n%n%s%n%n%s. Model sha256 `%s`.%n",
                                id,
                                title,
                                String.join(System.lineSeparator(), outcome.lines()),
                                outcome.met() ? "Met" : "**Missed**",
                                model.hash()));
                return outcome.met();
            }
        }
    }
}
