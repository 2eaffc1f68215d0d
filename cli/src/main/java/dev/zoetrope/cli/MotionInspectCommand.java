package dev.zoetrope.cli;

import dev.zoetrope.diffusion.model.VideoModel;
import dev.zoetrope.diffusion.sampling.CancellationSignal;
import dev.zoetrope.moft.MotionInspect;
import dev.zoetrope.moft.MotionProfile;
import dev.zoetrope.moft.RegionMask;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code zoetrope motion inspect}. */
@Command(
        name = "inspect",
        header = "Draw what a model knows of the motion of clips.",
        description = {
            "Principal components with and without content, weights of the channels and their traces",
            "over the frames, as PNG and CSV; with --features also the features themselves."
        })
final class MotionInspectCommand implements Callable<Integer> {
    private final Shell shell;

    @Parameters(arity = "1..*", paramLabel = "CLIP", description = "Videos, or folders of PNG frames.")
    private List<Path> clips = List.of();

    @Option(
            names = {"-o", "--out"},
            paramLabel = "DIR",
            defaultValue = "motion",
            description = "Folder of pictures and tables. Default: ${DEFAULT-VALUE}.")
    private Path out = Path.of("motion");

    @Option(
            names = "--profile",
            paramLabel = "FILE",
            description =
                    "Profile whose channels are traced. Default: MODEL.moft beside the model folder, if there is one and no"
                            + " reading option is given, else the channels of the first component.")
    private Optional<Path> profile = Optional.empty();

    @Option(
            names = "--region",
            paramLabel = "FILE",
            description =
                    "Mask (PNG, white inside) of the places that are shown. Default: what the profile was averaged over, or the"
                            + " centre.")
    private Optional<Path> region = Optional.empty();

    @Option(
            names = "--traced",
            paramLabel = "N",
            defaultValue = "4",
            description = "Channels that are drawn, 1 to 12. Default: ${DEFAULT-VALUE}.")
    private int traced = 4;

    @Option(
            names = "--features",
            description = "Also write the motion features, content removed: features.safetensors, one float32 tensor"
                    + " [frames, channels, rows, columns] a clip. Default: no.")
    private boolean features;

    @Mixin
    private final ReadingChoice reading = new ReadingChoice();

    @Mixin
    private final ModelChoice choice = new ModelChoice();

    MotionInspectCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() {
        Optional<MotionProfile> fitted = MotionJob.profileIfAny(profile, choice.folder(), reading);
        MotionInspect.Options options = new MotionInspect.Options(
                reading.build(fitted), clips, region.map(RegionMask::read), fitted, traced, features, out);
        try (VideoModel model = choice.open()) {
            MotionJob.run(
                    shell,
                    model,
                    progress -> MotionInspect.run(model, options, progress, new CancellationSignal()),
                    report -> {
                        report.velocities()
                                .forEach((clip, v) -> shell.out()
                                        .printf("%-24s right %6.2f  down %6.2f  of full speed%n", clip, v[0], v[1]));
                        report.files().forEach(shell.out()::println);
                    });
        }
        return 0;
    }
}
