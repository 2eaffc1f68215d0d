package dev.zoetrope.cli;

import dev.zoetrope.diffusion.model.TextToVideo;
import dev.zoetrope.diffusion.model.TextToVideoOptions;
import dev.zoetrope.diffusion.model.TextToVideoSettings;
import dev.zoetrope.diffusion.model.VideoModel;
import dev.zoetrope.diffusion.sampling.CancellationSignal;
import dev.zoetrope.moft.Direction;
import dev.zoetrope.moft.GuidanceOptions;
import dev.zoetrope.moft.MotionControl;
import dev.zoetrope.moft.MotionControl.Request;
import dev.zoetrope.moft.MotionCurves;
import dev.zoetrope.moft.MotionLoss;
import dev.zoetrope.moft.MotionProfile;
import dev.zoetrope.moft.ReadingOptions;
import dev.zoetrope.moft.RegionMask;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code zoetrope control PROMPT --move WHAT}, or {@code --drag X,Y=X,Y}. */
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
            description =
                    "WHAT: left, right, up, down, still, words with frames (right*7,left*8), an angle (90deg is up),"
                            + " velocities (0.5,0;0,1), or a clip or .moftref file to copy. REGION: a box WxH+X+Y in pixels, or a mask (PNG,"
                            + " or a folder of PNGs); without one: the whole frame. May be given several times. Default: none;"
                            + " this or --drag is required.")
    private List<String> moves = List.of();

    @Option(
            names = "--weight",
            paramLabel = "W",
            split = ",",
            description =
                    "Share of a motion in the loss, at least 0; 0 turns it off. One for each --move, in their order,"
                            + " or the one of the direction of --drag. Default: 1 for each; 6 with --drag.")
    private List<Double> weights = List.of();

    @Mixin
    private final DragChoice drag = new DragChoice();

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
            names = "--scale",
            paramLabel = "X",
            defaultValue = "1",
            description = "Strength of the motion asked for, above 0 to 10; best effort. Default: ${DEFAULT-VALUE}.")
    private double scale = 1;

    @Option(
            names = "--curve",
            paramLabel = "NAME",
            defaultValue = "LINEAR",
            description =
                    "What a direction looks like: straight traces (LINEAR) or those of the fitted clips (EMPIRICAL),"
                            + " averaged over a region, or maps of every place (MAP, with a --loss of every place)."
                            + " Default: ${DEFAULT-VALUE}.")
    private MotionCurves.Kind curve = MotionCurves.Kind.LINEAR;

    @Option(
            names = "--loss",
            paramLabel = "NAME",
            defaultValue = "POOLED_MSE",
            description = "Distance to the motion asked for: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    private MotionLoss loss = MotionLoss.POOLED_MSE;

    @Option(
            names = "--frames-policy",
            paramLabel = "NAME",
            defaultValue = "EXACT",
            description = "For longer reference clips: EXACT refuses them, FIRST takes the first frames, SAMPLE spreads"
                    + " them. Default: ${DEFAULT-VALUE}.")
    private ReadingOptions.FramesPolicy policy = ReadingOptions.FramesPolicy.EXACT;

    @Option(
            names = "--resize-reference",
            description = "Bring a reference to the grid of the video, for a loss at every place. Default: no.")
    private boolean resizeReference;

    @Option(names = "--force", description = "Use a profile of another tap of the same width. Default: no.")
    private boolean force;

    @Option(
            names = "--load-noise",
            paramLabel = "FILE",
            description = "Initial noise, a file of one tensor. Default: that of the seed.")
    private Optional<Path> loadNoise = Optional.empty();

    @Option(names = "--save-noise", paramLabel = "FILE", description = "Keep the initial noise. Default: no.")
    private Optional<Path> saveNoise = Optional.empty();

    @Mixin
    private final SteeringChoice steering = new SteeringChoice();

    @Mixin
    private final SamplingOptions sampling = new SamplingOptions();

    @Mixin
    private final ModelChoice choice = new ModelChoice();

    ControlCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() {
        checkMoves();
        TextToVideoOptions generation = sampling.build(List.of(prompt), negative, seed);
        Check.that(generation.window().isEmpty(), "--window: steering needs the whole clip; leave it out");
        MotionProfile fitted = MotionJob.profile(profile, choice.folder());
        GuidanceOptions guidance = steering.build(fitted.info().tap(), sampling.steps(), drag.isGiven());
        try (VideoModel model = choice.open()) {
            TextToVideoSettings settings = new TextToVideo(model).settings(generation);
            List<Request> requests = new ArrayList<>();
            for (int i = 0; i < moves.size(); i++) {
                requests.add(request(moves.get(i), weights.isEmpty() ? 1 : weights.get(i), settings));
            }
            MotionControl.Options options = new MotionControl.Options(
                    generation,
                    requests,
                    drag.build(weights, settings),
                    fitted,
                    reading(fitted),
                    guidance,
                    loss,
                    curve,
                    scale,
                    resizeReference,
                    force,
                    loadNoise,
                    saveNoise,
                    out);
            Map<String, String> provenance = Map.of("command", shell.command(), "zoetrope", Version.text());
            MotionJob.run(
                    shell,
                    model,
                    progress -> MotionControl.run(model, options, provenance, progress, new CancellationSignal()),
                    this::print);
        }
        return 0;
    }

    /** References are read as the profile was. */
    private ReadingOptions reading(MotionProfile fitted) {
        return new ReadingOptions(
                fitted.info().tap(),
                fitted.info().referenceStep(),
                fitted.info().steps(),
                "",
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                policy);
    }

    private void checkMoves() {
        Check.that(
                moves.isEmpty() == drag.isGiven(),
                "give either --move WHAT, for regions, or --drag X,Y=X,Y, for a point: one of them is required, and they"
                        + " do not go together");
        int wanted = drag.isGiven() ? 1 : moves.size();
        Check.that(
                weights.isEmpty() || weights.size() == wanted,
                "--weight has %d values for %d motions: give one for each, in the order of --move",
                weights.size(),
                wanted);
        Check.that(!camera || !drag.isGiven(), "--camera turns directions around, --drag has none; leave it out");
    }

    private Request request(String move, double weight, TextToVideoSettings settings) {
        int equals = move.indexOf('=');
        RegionMask region = equals < 0 ? RegionMask.whole() : region(move.substring(0, equals), settings);
        String what = move.substring(equals + 1);
        boolean isFile = Files.exists(Path.of(what));
        return new Request(
                region,
                isFile ? Optional.empty() : Optional.of(Direction.parse(what)),
                isFile ? Optional.of(Path.of(what)) : Optional.empty(),
                camera,
                weight,
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
