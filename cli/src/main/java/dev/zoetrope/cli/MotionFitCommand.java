package dev.zoetrope.cli;

import dev.zoetrope.diffusion.model.VideoModel;
import dev.zoetrope.diffusion.sampling.CancellationSignal;
import dev.zoetrope.moft.Extent;
import dev.zoetrope.moft.MotionFit;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code zoetrope motion fit}. */
@Command(
        name = "fit",
        header = "Find the motion channels of a model and write its profile (*.moft).",
        description = {
            "Reads clips that move right, left, up and down: made to order, or those of --clips as",
            "motion pans makes them. control and the other motion commands take the profile."
        })
final class MotionFitCommand implements Callable<Integer> {
    private final Shell shell;

    @Option(
            names = {"-o", "--out"},
            paramLabel = "FILE",
            required = true,
            description = "The profile, ending in .moft. Required.")
    private Path out = Path.of("");

    @Option(
            names = "--clips",
            paramLabel = "DIR",
            description = "Folder with right/, left/ and perhaps up/ and down/ of clips. Default: clips made to order.")
    private Optional<Path> clips = Optional.empty();

    @Option(
            names = "--per-direction",
            paramLabel = "N",
            defaultValue = "24",
            description = "Clips made to order for each direction, 1 to 100. Default: ${DEFAULT-VALUE}.")
    private int perDirection = 24;

    @Option(
            names = "--extent",
            paramLabel = "WHAT",
            description =
                    "What of a frame is averaged: CENTRE, for pans, or FRAME, for things that move anywhere in it."
                            + " Default: CENTRE with --clips, else FRAME.")
    private Optional<Extent> extent = Optional.empty();

    @Option(names = "--channels", paramLabel = "N", description = "Motion channels, at least 1. Default: by --share.")
    private Optional<Integer> channels = Optional.empty();

    @Option(
            names = "--share",
            paramLabel = "X",
            defaultValue = "0.04",
            description = "Share of the tap's channels, above 0 to 1; at least 6 channels. Default: ${DEFAULT-VALUE}.")
    private double share = 0.04;

    @Mixin
    private final ReadingChoice reading = new ReadingChoice();

    @Mixin
    private final ModelChoice choice = new ModelChoice();

    MotionFitCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() {
        Check.that(out.toString().endsWith(".moft"), "%s: a motion profile ends in .moft", out);
        clips.ifPresent(folder -> Check.folder("clips", folder));
        MotionFit.Options options = new MotionFit.Options(
                reading.build(Optional.empty()),
                clips,
                perDirection,
                extent,
                channels.map(OptionalInt::of).orElseGet(OptionalInt::empty),
                share);
        try (VideoModel model = choice.open()) {
            MotionJob.run(
                    shell,
                    model,
                    progress -> MotionFit.run(model, options, progress, new CancellationSignal()),
                    profile -> {
                        profile.write(out);
                        shell.out().println(out);
                    });
        }
        return 0;
    }
}
