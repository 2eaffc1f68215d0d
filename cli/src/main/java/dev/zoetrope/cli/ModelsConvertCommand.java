package dev.zoetrope.cli;

import dev.zoetrope.diffusion.model.ModelOptions;
import dev.zoetrope.diffusion.model.SingleFileCheckpoint;
import dev.zoetrope.diffusion.scheduler.PredictionType;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code zoetrope models convert}. */
@Command(
        name = "convert",
        header = "Turn a single-file checkpoint into a model folder.",
        description = {
            "Reads an original Stable Diffusion 1.x or 2.x checkpoint (.safetensors or .ckpt) and writes",
            "the published layout, weights as they are stored."
        })
final class ModelsConvertCommand implements Callable<Integer> {
    private final Shell shell;

    @Parameters(index = "0", paramLabel = "FILE", description = "The checkpoint.")
    private Path file = Path.of("");

    @Option(
            names = {"-o", "--out"},
            paramLabel = "DIR",
            required = true,
            description = "New folder of the model. Required.")
    private Path out = Path.of("");

    @Option(
            names = "--tokenizer",
            paramLabel = "DIR",
            required = true,
            description = "Tokenizer folder of a published model (vocab.json, merges.txt), which no checkpoint has."
                    + " Required.")
    private Path tokenizer = Path.of("");

    @Option(
            names = "--prediction",
            paramLabel = "NAME",
            description = "What the denoiser predicts: epsilon, v_prediction (the 768-pixel models of 2.x) or sample."
                    + " Default: epsilon.")
    private Optional<String> prediction = Optional.empty();

    @Option(names = "--ema", description = "Take the averaged weights, if the checkpoint has them.")
    private boolean ema;

    ModelsConvertCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() {
        Check.file("checkpoint", file);
        Check.folder("tokenizer", tokenizer);
        NewFolder.check(out);
        ModelOptions options =
                new ModelOptions(Optional.empty(), Optional.empty(), Optional.of(tokenizer)).withEma(ema);
        ModelOptions whole =
                prediction.map(PredictionType::of).map(options::withPrediction).orElse(options);
        NewFolder.write(out, folder -> SingleFileCheckpoint.convert(file, whole, folder));
        ModelsInspectCommand.print(shell, out);
        return 0;
    }
}
