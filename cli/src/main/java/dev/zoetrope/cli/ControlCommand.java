package dev.zoetrope.cli;

import dev.zoetrope.diffusion.model.TextToVideo;
import dev.zoetrope.diffusion.model.TextToVideoOptions;
import dev.zoetrope.diffusion.model.TextToVideoSettings;
import dev.zoetrope.diffusion.model.VideoModel;
import dev.zoetrope.diffusion.sampling.CancellationSignal;
import dev.zoetrope.moft.Direction;
import dev.zoetrope.moft.GuidanceOptions;
import dev.zoetrope.moft.KeyValueSharing;
import dev.zoetrope.moft.MotionControl;
import dev.zoetrope.moft.MotionControl.Request;
import dev.zoetrope.moft.MotionProfile;
import dev.zoetrope.moft.RegionMask;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code zoetrope control PROMPT --move WHAT}. */
@Command(
        name = "control",
        header = "Make a clip in which something moves as you say (MOFT).",
        description = {
            "Writes the guided clip, the clip of the same noise without guidance, and both side by side;",
            "measures the motion that came out and says so if it went another way."
        })
final class ControlCommand implements Callable<Integer> {
    private static final Pattern BOX = Pattern.compile("(\\d+)x(\\d+)\\+(\\d+)\\+(\\d+)");

    private final Shell shell;

    @Parameters(index = "0", paramLabel = "PROMPT", description = "What to show; quote it.")
    private String prompt = "";

    @Option(
            names = "--move",
            paramLabel = "[REGION=]WHAT",
            required = true,
            description =
                    "WHAT: left, right, up, down, still, words with frames (right*7,left*8), an angle (90deg is up),"
                            + " velocities (0.5,0;0,1), or a clip or .moftref file to copy. REGION: a box WxH+X+Y in pixels, or a mask (PNG,"
                            + " or a folder of PNGs); default: the whole frame. May be given several times. Required.")
    private List<String> moves = List.of();

    @Option(names = "--camera", description = "Directions are those of the camera: content then moves the other way.")
    private boolean camera;

    @Option(
            names = "--profile",
            paramLabel = "FILE",
            description =
                    "Motion profile of the model (zoetrope motion fit). Default: MODEL.moft beside the model folder.")
    private Optional<Path> profile = Optional.empty();

    @Option(
            names = {"-o", "--out"},
            paramLabel = "DIR",
            defaultValue = "controlled",
            description = "Folder of the clips. Default: ${DEFAULT-VALUE}.")
    private Path out = Path.of("controlled");

    @Option(
            names = "--negative",
            paramLabel = "TEXT",
            defaultValue = "",
            description = "What to steer away from. Default: the empty text.")
    private String negative = "";

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "0",
            description = "Of the noise. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--strength",
            paramLabel = "X",
            defaultValue = "0.03",
            description =
                    "Size (root mean square) of one update of the latents, at least 0. Default: ${DEFAULT-VALUE}.")
    private double strength = 0.03;

    @Option(
            names = "--repeats",
            paramLabel = "N",
            defaultValue = "2",
            description = "Updates at each guided step, 1 to 100. Default: ${DEFAULT-VALUE}.")
    private int repeats = 2;

    @Option(
            names = "--first-step",
            paramLabel = "N",
            defaultValue = "3",
            description = "First guided step, from 0. Default: ${DEFAULT-VALUE}.")
    private int firstStep = 3;

    @Option(
            names = "--end-step",
            paramLabel = "N",
            defaultValue = "12",
            description = "Step after the last guided one, at most --steps. Default: ${DEFAULT-VALUE}.")
    private int endStep = 12;

    @Option(
            names = "--sharing",
            paramLabel = "NAME",
            defaultValue = "OPTIMISE",
            description = "Where keys and values come from the unguided clip: ${COMPLETION-CANDIDATES}."
                    + " Default: ${DEFAULT-VALUE}.")
    private KeyValueSharing sharing = KeyValueSharing.OPTIMISE;

    @Option(
            names = "--source",
            negatable = true,
            defaultValue = "true",
            description = "Also write the clip without guidance. Default: ${DEFAULT-VALUE}.")
    private boolean keepSource = true;

    @Mixin
    private final SamplingOptions sampling = new SamplingOptions();

    @Mixin
    private final ModelChoice choice = new ModelChoice();

    ControlCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() {
        TextToVideoOptions generation = sampling.build(List.of(prompt), negative, seed);
        MotionProfile fitted = MotionProfile.read(profileFile());
        GuidanceOptions guidance = GuidanceOptions.builder()
                .tap(fitted.info().tap())
                .stepSize(GuidanceOptions.StepSize.NORMALISED, strength)
                .repeats(repeats)
                .window(firstStep, endStep)
                .sharing(sharing)
                .keepSource(keepSource)
                .build();
        try (VideoModel model = choice.open()) {
            TextToVideoSettings settings = new TextToVideo(model).settings(generation);
            Request[] requests =
                    moves.stream().map(move -> request(move, settings)).toArray(Request[]::new);
            MotionControl.Options options =
                    MotionControl.Options.of(generation, fitted, out, requests).withGuidance(guidance);
            Map<String, String> provenance = Map.of("command", shell.command(), "zoetrope", Version.text());
            MotionJob.run(
                    shell,
                    progress -> MotionControl.run(model, options, provenance, progress, new CancellationSignal()),
                    this::print);
        }
        return 0;
    }

    private Path profileFile() {
        Path beside = choice.folder().toAbsolutePath().normalize();
        Path file = profile.orElseGet(() -> beside.resolveSibling(beside.getFileName() + ".moft"));
        Check.that(
                Files.isRegularFile(file),
                "motion profile %s does not exist; make one: zoetrope motion fit -m MODEL -o %s",
                file,
                file);
        return file;
    }

    private Request request(String move, TextToVideoSettings settings) {
        int equals = move.indexOf('=');
        RegionMask region = equals < 0 ? RegionMask.whole() : region(move.substring(0, equals), settings);
        String what = move.substring(equals + 1);
        boolean isFile = Files.exists(Path.of(what));
        return new Request(
                region,
                isFile ? Optional.empty() : Optional.of(Direction.parse(what)),
                isFile ? Optional.of(Path.of(what)) : Optional.empty(),
                camera,
                1,
                new long[0]);
    }

    private static RegionMask region(String text, TextToVideoSettings settings) {
        Matcher box = BOX.matcher(text);
        if (!box.matches()) {
            return RegionMask.read(Path.of(text));
        }
        int[] n = new int[4];
        for (int i = 0; i < 4; i++) {
            Check.that(box.group(i + 1).length() < 6, "region %s: numbers of pixels are too large", text);
            n[i] = Integer.parseInt(box.group(i + 1));
        }
        return RegionMask.box(settings.width(), settings.height(), n[2], n[3], n[0], n[1]);
    }

    private void print(MotionControl.Report report) {
        for (MotionControl.Achieved region : report.motion()) {
            String before = region.source()
                    .map(v -> String.format(Locale.ROOT, "; without guidance right %.2f, down %.2f", v[0], v[1]))
                    .orElse("");
            shell.out()
                    .printf(
                            "%s: right %.2f, down %.2f pixels a frame%s%n",
                            region.region(), region.achieved()[0], region.achieved()[1], before);
        }
        report.notices().forEach(notice -> shell.err().println("note: " + notice));
        report.files().forEach(shell.out()::println);
    }
}
