package dev.zoetrope.cli;

import dev.zoetrope.diffusion.model.ModelComponent;
import dev.zoetrope.diffusion.model.ModelOptions;
import dev.zoetrope.diffusion.model.VideoModel;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code zoetrope models inspect DIR}. */
@Command(name = "inspect", header = "Say what a model is made of; reads no weights.")
final class ModelsInspectCommand implements Callable<Integer> {
    private final Shell shell;

    @Parameters(paramLabel = "DIR", description = "Model folder, or the name of a listed model.")
    private String folder = "";

    ModelsInspectCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() {
        print(shell, ModelChoice.find(folder));
        return 0;
    }

    static void print(Shell shell, Path folder) {
        try (VideoModel model = VideoModel.open(folder, ModelOptions.DEFAULTS)) {
            shell.out().printf("%-14s %s%n", "model", folder);
            for (ModelComponent part : model.components()) {
                shell.out()
                        .printf(
                                "%-14s %s, %s parameters, %s in %d files, %s as float32%n",
                                part.name(),
                                part.className(),
                                Texts.count(part.parameters()),
                                Texts.bytes(part.weightBytes()),
                                part.files().size(),
                                Texts.bytes(part.parameters() * Float.BYTES));
            }
            shell.out()
                    .printf(
                            "%-14s %dx%d pixels%s%n",
                            "trained on",
                            model.nativeWidth(),
                            model.nativeHeight(),
                            model.maxFrames().isPresent()
                                    ? ", at most " + model.maxFrames().getAsInt() + " frames"
                                    : "");
            shell.out()
                    .printf(
                            "%-14s %s, %s, %s%n",
                            "scheduler",
                            model.schedulerJson().path("_class_name").asText("?"),
                            model.schedulerJson().path("beta_schedule").asText("linear"),
                            model.schedulerJson().path("prediction_type").asText("epsilon"));
            shell.out().printf("%-14s %d%n", "context width", model.unetConfig().contextWidth());
        }
    }
}
