package dev.zoetrope.cli;

import dev.zoetrope.diffusion.experiment.GuidanceAccuracy;
import dev.zoetrope.tensor.ZoetropeException;
import dev.zoetrope.vidrd.experiment.VidRDExperiments;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code zoetrope experiment SYSTEM [ID...]}. */
@Command(
        name = "experiment",
        header = "Run the acceptance experiments of a system.",
        description = {
            "Each prints its control beside its result. Without IDs all of the system run; without",
            "a system all are listed. Exit status 1 if a threshold is missed."
        })
final class ExperimentCommand implements Callable<Integer> {
    private final Shell shell;

    @Parameters(index = "0", arity = "0..1", paramLabel = "SYSTEM", description = "Such as backbone.")
    private String system = "";

    @Parameters(index = "1..*", arity = "0..*", paramLabel = "ID", description = "Such as B1 B3. Default: all.")
    private List<String> ids = new ArrayList<>();

    @Mixin
    private final ModelChoice model = new ModelChoice();

    @Option(
            names = {"-o", "--out"},
            paramLabel = "DIR",
            defaultValue = "docs/results",
            description = "Folder for tables and pictures. Default: ${DEFAULT-VALUE}.")
    private Path out = Path.of("docs/results");

    @Option(
            names = "--steps",
            paramLabel = "N",
            description = "Steps of each of the two trainings of backbone B4 and of vidrd E6, 2 to 1000000. Default: "
                    + GuidanceAccuracy.TRAINING_STEPS + " for B4, " + VidRDExperiments.PSEUDO_STEPS
                    + " for E6, about 20 minutes of a free core.")
    private OptionalInt steps = OptionalInt.empty();

    @Option(
            names = "--stills",
            paramLabel = "DIR",
            description = "Photographs for moft AE-13: at least three PNG or JPEG files of at least 256 pixels a side."
                    + " Default: the examples of Debian's python3-skimage, where installed.")
    private Optional<Path> stills = Optional.empty();

    ExperimentCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() {
        if (system.isEmpty()) {
            Experiments.all()
                    .forEach((name, list) -> list.forEach(experiment ->
                            shell.out().printf("%s %-4s %s%n", name, experiment.id(), experiment.title())));
            return 0;
        }
        steps.ifPresent(value -> Check.range("--steps", value, 2, 1_000_000));
        List<Experiment> chosen = chosen();
        Check.that(!chosen.isEmpty(), "this build has no experiments of %s yet", system);
        stills.ifPresent(folder -> Check.folder("stills", folder));
        shell.startEngine();
        boolean met = true;
        for (Experiment experiment : chosen) {
            shell.out().println("== " + experiment.id() + " " + experiment.title());
            boolean passed = experiment.run(new Experiment.Context(shell.out(), model.folder(), out, steps, stills));
            shell.out().println((passed ? "met: " : "MISSED: ") + experiment.id());
            met &= passed;
        }
        return met ? 0 : 1;
    }

    private List<Experiment> chosen() {
        List<Experiment> known = Experiments.all().get(system.toLowerCase(Locale.ROOT));
        if (known == null) {
            throw ZoetropeException.badInput(
                    "no experiments are known for \"%s\"; there are: %s",
                    system, String.join(", ", Experiments.all().keySet()));
        }
        for (String id : ids) {
            Check.that(
                    known.stream().anyMatch(experiment -> experiment.id().equalsIgnoreCase(id)),
                    "%s has no experiment \"%s\"; there are: %s",
                    system,
                    id,
                    known.stream().map(Experiment::id).toList());
        }
        return known.stream()
                .filter(experiment -> ids.isEmpty() || ids.stream().anyMatch(experiment.id()::equalsIgnoreCase))
                .toList();
    }
}
