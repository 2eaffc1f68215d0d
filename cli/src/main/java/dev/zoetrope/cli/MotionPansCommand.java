package dev.zoetrope.cli;

import dev.zoetrope.diffusion.sampling.CancellationSignal;
import dev.zoetrope.moft.MotionPans;
import dev.zoetrope.moft.PanPattern;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code zoetrope motion pans}. */
@Command(
        name = "pans",
        header = "Make pan clips from stills, for motion fit.",
        description = "A window moves over each picture, so that the motion of the content is known exactly.")
final class MotionPansCommand implements Callable<Integer> {
    private final Shell shell;

    @Parameters(arity = "1..*", paramLabel = "STILL", description = "Pictures larger than the clips.")
    private List<Path> stills = List.of();

    @Option(
            names = {"-o", "--out"},
            paramLabel = "DIR",
            required = true,
            description = "Folder of the clips. Required.")
    private Path out = Path.of("");

    @Option(
            names = "--size",
            paramLabel = "WxH",
            defaultValue = "400x400",
            converter = SamplingOptions.SizeConverter.class,
            description = "Size of the clips, 8 to 4096 pixels a side. Default: ${DEFAULT-VALUE}.")
    private SamplingOptions.Size size = new SamplingOptions.Size(400, 400);

    @Option(
            names = "--frames",
            paramLabel = "N",
            defaultValue = "16",
            description = "Frames of a clip, at least 2. Default: ${DEFAULT-VALUE}.")
    private int frames = 16;

    @Option(
            names = "--speed",
            paramLabel = "PIXELS",
            defaultValue = "10",
            description = "Pixels a frame, at least 1. Default: ${DEFAULT-VALUE}.")
    private int speed = 10;

    @Option(
            names = "--noise",
            negatable = true,
            defaultValue = "true",
            description = "Add 0 or 1 to every value at random, as the release does. Default: ${DEFAULT-VALUE}.")
    private boolean noise = true;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "0",
            description = "Of the noise. Default: ${DEFAULT-VALUE}.")
    private long seed;

    MotionPansCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() {
        stills.forEach(still -> Check.file("still", still));
        Check.range("--frames", frames, 2, 100_000);
        Check.range("--speed", speed, 1, 4096);
        MotionPans.Options options = new MotionPans.Options(
                stills, out, size.width(), size.height(), PanPattern.all(frames, speed), noise, seed);
        MotionJob.run(
                shell,
                progress -> MotionPans.run(options, progress, new CancellationSignal()),
                folders -> folders.forEach(shell.out()::println));
        return 0;
    }
}
