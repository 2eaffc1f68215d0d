package dev.zoetrope.cli;

import dev.zoetrope.diffusion.model.ModelFamily;
import dev.zoetrope.diffusion.model.ModelSynth;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code zoetrope models synth}. */
@Command(
        name = "synth",
        header = "Write a published model with random weights.",
        description = {
            "For measuring speed and memory at the true size without a download: float16 weights in",
            "the published layout. The videos it makes are noise. The same seed gives the same files."
        })
final class ModelsSynthCommand implements Callable<Integer> {
    private static final double GIGABYTE = 1e9;

    private final Shell shell;

    /** Names of the families, for the help. */
    static final class Families implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return ModelFamily.ids().iterator();
        }
    }

    @Parameters(
            index = "0",
            paramLabel = "FAMILY",
            completionCandidates = Families.class,
            description = "One of ${COMPLETION-CANDIDATES}.")
    private String family = "";

    @Option(
            names = {"-o", "--out"},
            paramLabel = "DIR",
            required = true,
            description = "New folder of the model. Required.")
    private Path out = Path.of("");

    @Option(
            names = "--scale",
            paramLabel = "N",
            defaultValue = "1",
            description = "Divides the widths of the networks, 1 (true size) to 64. Default: ${DEFAULT-VALUE}.")
    private int scale = 1;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "0",
            description = "Of the weights. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--shard-size",
            paramLabel = "GB",
            defaultValue = "5",
            description = "Largest weight file, 0.001 to 1000 gigabytes (1e9 bytes). Default: ${DEFAULT-VALUE}.")
    private double shardSize = 5;

    ModelsSynthCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() {
        ModelFamily chosen = ModelFamily.of(family);
        Check.range("--scale", scale, 1, 64);
        Check.range("--shard-size", shardSize, 0.001, 1000);
        NewFolder.check(out);
        shell.startEngine();
        ModelSynth.Options options = new ModelSynth.Options(scale, seed, (long) (shardSize * GIGABYTE));
        NewFolder.write(out, folder -> ModelSynth.write(chosen, options, folder));
        ModelsInspectCommand.print(shell, out);
        return 0;
    }
}
