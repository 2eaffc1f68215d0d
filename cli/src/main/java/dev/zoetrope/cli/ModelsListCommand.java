package dev.zoetrope.cli;

import dev.zoetrope.diffusion.model.ModelComponent;
import dev.zoetrope.diffusion.model.VideoModel;
import dev.zoetrope.tensor.ZoetropeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code zoetrope models list}. */
@Command(
        name = "list",
        header = "List the shipped models and the user's own.",
        description = "A listed name can be given to --model.")
final class ModelsListCommand implements Callable<Integer> {
    private final Shell shell;

    @Option(
            names = "--models-dir",
            paramLabel = "DIR",
            description = "Folder of model folders. Default: the environment's ZOETROPE_MODELS, if set.")
    private Optional<Path> folder = Optional.empty();

    ModelsListCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() {
        list("shipped", ModelChoice.presets());
        folder.map(path -> Check.folder("models folder", path))
                .or(ModelChoice::userModels)
                .ifPresent(path -> list("own", path));
        return 0;
    }

    private void list(String kind, Path folder) {
        for (Path model : models(folder)) {
            shell.out().printf("%-8s %-32s %s%n", kind, model.getFileName(), summary(model));
        }
    }

    private static List<Path> models(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> children = Files.list(folder)) {
            return children.filter(ModelChoice::isModel).sorted().toList();
        } catch (IOException e) {
            throw ZoetropeException.io(e, "%s cannot be listed: %s", folder, e.getMessage());
        }
    }

    private static String summary(Path folder) {
        try (VideoModel model = VideoModel.open(folder)) {
            long parameters = model.components().stream()
                    .mapToLong(ModelComponent::parameters)
                    .sum();
            return model.unetConfig().family().className() + ", " + Texts.count(parameters) + " parameters, "
                    + model.nativeWidth() + "x" + model.nativeHeight();
        } catch (ZoetropeException e) {
            return "cannot be used: " + Texts.clip(String.valueOf(e.getMessage()), 120);
        }
    }
}
