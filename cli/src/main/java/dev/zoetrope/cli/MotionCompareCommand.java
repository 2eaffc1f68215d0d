package dev.zoetrope.cli;

import dev.zoetrope.diffusion.model.VideoModel;
import dev.zoetrope.diffusion.sampling.CancellationSignal;
import dev.zoetrope.moft.MotionCompare;
import dev.zoetrope.moft.MotionProfile;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code zoetrope motion compare}. */
@Command(
        name = "compare",
        header = "Show where a clip moves like a point of another one.",
        description = "Writes heat maps of the similarity of motion, laid over the frames, as PNG.")
final class MotionCompareCommand implements Callable<Integer> {
    private final Shell shell;

    @Parameters(index = "0", paramLabel = "SOURCE", description = "Clip with the point.")
    private Path source = Path.of("");

    @Parameters(index = "1", paramLabel = "TARGET", description = "Clip to search; may be the same.")
    private Path target = Path.of("");

    @Option(names = "--x", paramLabel = "PIXELS", required = true, description = "Column of the point. Required.")
    private int x;

    @Option(
            names = "--y",
            paramLabel = "PIXELS",
            required = true,
            description = "Row of the point, from the top. Required.")
    private int y;

    @Option(
            names = "--profile",
            paramLabel = "FILE",
            description =
                    "Profile whose motion channels are compared. Default: MODEL.moft beside the model folder, if there is one and"
                            + " no reading option is given, else all channels.")
    private Optional<Path> profile = Optional.empty();

    @Option(names = "--first-frame", description = "Search the first frame alone, not frame by frame.")
    private boolean firstFrame;

    @Option(
            names = {"-o", "--out"},
            paramLabel = "DIR",
            defaultValue = "motion",
            description = "Folder of the pictures. Default: ${DEFAULT-VALUE}.")
    private Path out = Path.of("motion");

    @Mixin
    private final ReadingChoice reading = new ReadingChoice();

    @Mixin
    private final ModelChoice choice = new ModelChoice();

    MotionCompareCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() {
        Optional<MotionProfile> fitted = MotionJob.profileIfAny(profile, choice.folder(), reading);
        MotionCompare.Options options =
                new MotionCompare.Options(reading.build(fitted), source, x, y, target, fitted, !firstFrame, out);
        try (VideoModel model = choice.open()) {
            MotionJob.run(
                    shell,
                    model,
                    progress -> MotionCompare.run(model, options, progress, new CancellationSignal()),
                    report -> {
                        shell.out()
                                .printf(
                                        "most alike at (%d, %d) of frame %d, cosine %.3f; mean %.3f%n",
                                        report.x(), report.y(), report.frame(), report.max(), report.mean());
                        report.files().forEach(shell.out()::println);
                    });
        }
        return 0;
    }
}
