package dev.zoetrope.moft;

import dev.zoetrope.diffusion.model.TextToVideo;
import dev.zoetrope.diffusion.model.TextToVideoOptions;
import dev.zoetrope.diffusion.model.TextToVideoSettings;
import dev.zoetrope.diffusion.model.VideoModel;
import dev.zoetrope.diffusion.sampling.CancellationSignal;
import dev.zoetrope.diffusion.sampling.GuidedDenoiser;
import dev.zoetrope.diffusion.sampling.LatentSource;
import dev.zoetrope.diffusion.sampling.SampleGenerators;
import dev.zoetrope.diffusion.sampling.Sampler;
import dev.zoetrope.diffusion.sampling.StepHook;
import dev.zoetrope.diffusion.sampling.StepState;
import dev.zoetrope.diffusion.scheduler.SamplerPlan;
import dev.zoetrope.media.ContactSheet;
import dev.zoetrope.media.Frame;
import dev.zoetrope.media.Resize;
import dev.zoetrope.media.VideoOptions;
import dev.zoetrope.media.VideoWriter;
import dev.zoetrope.tensor.Dtype;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.SafetensorsWriter;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.bytedeco.pytorch.Tensor;

/**
 * Generates a clip that moves as told: by a direction or a reference clip, in the whole frame or in regions. Writes the
 * guided clip, and beside it the clip of the same noise without guidance; measures the motion that came out.
 */
public final class MotionControl {
    private static final int METER_SIDE = 64;
    private static final int METER_SHIFT = 4;
    private static final double VISIBLE = 0.05;

    private MotionControl() {}

    /**
     * What a region is to do.
     *
     * @param direction to synthesise; or else {@code reference}
     * @param reference a clip whose motion is copied, or a {@code *.moftref} file
     * @param camera whether the direction is that of the camera: content then moves the other way
     * @param weight of the region, at least 0; default 1
     * @param channels to steer; empty: those of the profile
     */
    public record Request(
            RegionMask mask,
            Optional<Direction> direction,
            Optional<Path> reference,
            boolean camera,
            double weight,
            long[] channels) {
        /** @throws ZoetropeException BAD_INPUT unless there is exactly one of direction and reference */
        public Request {
            if (direction.isPresent() == reference.isPresent()) {
                throw ZoetropeException.badInput(
                        "region %s: expected either a direction or a reference clip", mask.name());
            }
            if (!(weight >= 0) || Double.isInfinite(weight)) {
                throw ZoetropeException.badInput("weight of region %s: %s, expected at least 0", mask.name(), weight);
            }
        }

        /** The whole frame in a direction. */
        public static Request of(Direction direction) {
            return new Request(RegionMask.whole(), Optional.of(direction), Optional.empty(), false, 1, new long[0]);
        }

        /** The whole frame like a clip. */
        public static Request like(Path clip) {
            return new Request(RegionMask.whole(), Optional.empty(), Optional.of(clip), false, 1, new long[0]);
        }

        /** The same in a region. */
        public Request in(RegionMask region) {
            return new Request(region, direction, reference, camera, weight, channels);
        }
    }

    /**
     * A point to drag; see {@link PointDrag}.
     *
     * @param trajectory (x, y) in pixels, one for each frame
     */
    public record Drag(double[][] trajectory, PointDrag.Options options) {}

    /**
     * @param generation prompt, seed, size, steps and guidance of the clip; the sampler is always DDIM without noise; one
     *     prompt. Usual: 25 steps, guidance 7.5
     * @param requests regions with their motion; may be empty if there is a drag
     * @param drag a point to drag instead of regions
     * @param profile of the model
     * @param reading how reference clips are read
     * @param guidance how the latents are steered
     * @param loss default pooled
     * @param curve of synthesised directions; default linear
     * @param scale strength of the motion, above 0 to 10; best effort; default 1
     * @param resizeReference bring dense references to the grid of the video
     * @param force use a profile of another tap of the same width
     * @param loadNoise initial noise, a file of one tensor; empty: from the seed
     * @param saveNoise where to keep it
     * @param output folder for guided.mp4, side-by-side.mp4, source.mp4 and sheet.png
     */
    public record Options(
            TextToVideoOptions generation,
            List<Request> requests,
            Optional<Drag> drag,
            MotionProfile profile,
            ReadingOptions reading,
            GuidanceOptions guidance,
            MotionLoss loss,
            MotionCurves.Kind curve,
            double scale,
            boolean resizeReference,
            boolean force,
            Optional<Path> loadNoise,
            Optional<Path> saveNoise,
            Path output) {
        /** @throws ZoetropeException BAD_INPUT naming the option that cannot be */
        public Options {
            requests = List.copyOf(requests);
            if (generation.prompts().size() != 1) {
                throw ZoetropeException.badInput(
                        "%d prompts; motion control makes one clip at a time",
                        generation.prompts().size());
            }
            if (requests.isEmpty() == drag.isEmpty()) {
                throw ZoetropeException.badInput("give regions with a direction or reference clip, or a point to drag");
            }
            if (!(scale > 0 && scale <= 10)) {
                throw ZoetropeException.badInput("scale: %s, expected above 0 up to 10", scale);
            }
            guidance.checkSteps(generation.steps());
        }

        /** The defaults for one or several regions, the guided steps ending with the run if it is short. */
        public static Options of(
                TextToVideoOptions generation, MotionProfile profile, Path output, Request... requests) {
            return new Options(
                    generation,
                    List.of(requests),
                    Optional.empty(),
                    profile,
                    ReadingOptions.DEFAULTS
                            .withTap(profile.info().tap())
                            .withReferenceStep(profile.info().referenceStep()),
                    GuidanceOptions.builder()
                            .tap(profile.info().tap())
                            .window(Math.min(3, generation.steps() - 1), Math.min(12, generation.steps()))
                            .build(),
                    MotionLoss.POOLED_MSE,
                    MotionCurves.Kind.LINEAR,
                    1,
                    false,
                    false,
                    Optional.empty(),
                    Optional.empty(),
                    output);
        }

        /** The same with another guidance. */
        public Options withGuidance(GuidanceOptions other) {
            return new Options(
                    generation,
                    requests,
                    drag,
                    profile,
                    reading,
                    other,
                    loss,
                    curve,
                    scale,
                    resizeReference,
                    force,
                    loadNoise,
                    saveNoise,
                    output);
        }
    }

    /**
     * The motion of a region.
     *
     * @param asked mean velocity as a part of full speed (right, down); empty for a reference clip
     * @param achieved pixels a frame (right, down)
     * @param source the same without guidance
     */
    public record Achieved(String region, Optional<double[]> asked, double[] achieved, Optional<double[]> source) {
        /** Whether motion was asked for and came out the other way, or not at all. */
        public boolean disagrees() {
            return asked.filter(v -> Math.hypot(v[0], v[1]) > 0.1)
                    .map(v -> v[0] * achieved[0] + v[1] * achieved[1] <= VISIBLE)
                    .orElse(false);
        }
    }

    /**
     * What came out.
     *
     * @param notices what the user should know
     * @param files clips and sheet
     */
    public record Report(
            List<Achieved> motion, List<MotionGuidance.Update> updates, List<String> notices, List<Path> files) {}

    /**
     * Generates, measures, writes.
     *
     * @throws ZoetropeException BAD_INPUT for options that the model cannot do or that do not fit each other, before weights
     *     are loaded where possible; CANCELLED; NATIVE if a gradient is not finite
     */
    public static Report run(VideoModel model, Options options, MotionProgress progress, CancellationSignal cancel) {
        TextToVideoSettings settings = new TextToVideo(model).settings(options.generation());
        options.requests()
                .forEach(request -> request.mask().check(settings.width(), settings.height(), settings.frames()));
        MotionSession session = new MotionSession(model, reading(options, settings), cancel);
        return new Run(model, options, settings, session, progress, cancel).run();
    }

    /** References are read in the size and length of the video. */
    private static ReadingOptions reading(Options options, TextToVideoSettings settings) {
        ReadingOptions given = options.reading();
        return new ReadingOptions(
                given.tap(),
                given.referenceStep(),
                given.steps(),
                given.prompt(),
                OptionalInt.of(settings.frames()),
                given.width().isPresent() ? given.width() : OptionalInt.of(settings.width()),
                given.height().isPresent() ? given.height() : OptionalInt.of(settings.height()),
                given.framesPolicy());
    }

    /** One run. */
    private static final class Run {
        private final VideoModel model;
        private final Options options;
        private final TextToVideoSettings settings;
        private final MotionSession session;
        private final MotionProgress progress;
        private final CancellationSignal cancel;
        private final List<String> notices = new ArrayList<>();

        Run(
                VideoModel model,
                Options options,
                TextToVideoSettings settings,
                MotionSession session,
                MotionProgress progress,
                CancellationSignal cancel) {
            this.model = model;
            this.options = options;
            this.settings = settings;
            this.session = session;
            this.progress = progress;
            this.cancel = cancel;
        }

        Report run() {
            try (Scope scope = Scope.noGrad()) {
                MotionBackbone backbone = MotionBackbone.of(model);
                backbone.check(options.guidance().tap(), settings.frames());
                backbone.checkSteps(options.generation().steps());
                checkProfile(backbone);
                MotionObjective objective = objective();
                return generate(backbone, objective);
            }
        }

        private void checkProfile(MotionBackbone backbone) {
            ProfileInfo have = options.profile().info();
            ProfileInfo wanted = new ProfileInfo(
                    backbone.sha256(),
                    options.guidance().tap(),
                    have.channels(),
                    session.options.referenceStep(),
                    session.options.steps(),
                    settings.frames(),
                    backbone.betas(),
                    session.size());
            notices.addAll(have.check(wanted, "the profile", options.force()));
        }

        private MotionObjective objective() {
            if (options.drag().isPresent()) {
                Drag drag = options.drag().get();
                if (drag.trajectory().length != settings.frames()) {
                    throw ZoetropeException.badInput(
                            "a trajectory of %d points for %d frames: give one point for each frame",
                            drag.trajectory().length, settings.frames());
                }
                return new PointDrag(
                        options.profile(),
                        drag.trajectory(),
                        settings.width(),
                        settings.height(),
                        settings.latentWidth(),
                        drag.options());
            }
            List<MotionRegion> regions = new ArrayList<>();
            for (Request request : options.requests()) {
                List<MotionTarget> targets = targets(request);
                if (request.reference().isPresent() && targets.stream().allMatch(MotionTarget::isStill)) {
                    notices.add("the reference " + request.reference().get() + " does not move: it asks to keep still");
                }
                regions.add(new MotionRegion(request.mask(), targets, request.weight()));
            }
            RegionObjective objective = new RegionObjective(regions, options.loss());
            notices.addAll(objective.notices(settings.latentHeight(), settings.latentWidth()));
            return objective;
        }

        private List<MotionTarget> targets(Request request) {
            if (request.direction().isPresent()) {
                Direction direction = request.direction().get();
                return options.profile()
                        .synthesise(
                                request.camera() ? direction.ofCamera() : direction,
                                options.curve(),
                                settings.frames(),
                                options.scale());
            }
            long[] channels = channels(request);
            Path path = request.reference().orElseThrow();
            MotionReference reference = path.toString().endsWith(".moftref") ? stored(path) : read(path, channels);
            return List.of(reference.target(channels).times(options.scale()));
        }

        private long[] channels(Request request) {
            if (request.channels().length > 0) {
                return MotionFiles.checkChannels(
                        "region " + request.mask().name(),
                        request.channels(),
                        options.profile().info().channels(),
                        notices::add);
            }
            return options.profile().axes().values().stream()
                    .flatMapToLong(axis -> java.util.Arrays.stream(axis.channels()))
                    .distinct()
                    .toArray();
        }

        private MotionReference stored(Path path) {
            MotionReference reference = MotionReference.read(path);
            notices.addAll(reference.info().check(options.profile().info(), path.toString(), options.force()));
            return reference;
        }

        private MotionReference read(Path path, long[] channels) {
            try (Scope scope = Scope.noGrad()) {
                Tensor features = session.features(session.read(path));
                progress.progress(1, 1, "reading the reference");
                if (options.loss().isDense()) {
                    Tensor grid = options.resizeReference()
                            ? Moft.resize(features, settings.latentHeight(), settings.latentWidth())
                            : features;
                    return MotionReference.dense(session.info(features), grid, channels);
                }
                Tensor centre = Moft.centre(session.latentRows(), session.latentColumns());
                return MotionReference.pooled(session.info(features), features, centre);
            }
        }

        private Report generate(MotionBackbone backbone, MotionObjective objective) {
            long[] shape = settings.latentShape(1);
            GuidedDenoiser denoiser = new TextToVideo(model).guided(options.generation(), settings);
            int steps = options.generation().steps();
            try (SampleGenerators generators =
                            SampleGenerators.of(options.generation().seed(), 1);
                    SamplerPlan plan = backbone.sampler().plan(steps);
                    SamplerPlan reference = backbone.sampler().plan(steps);
                    MotionGuidance guidance =
                            new MotionGuidance(objective, options.guidance(), reference, notices::add)) {
                Tensor noise = options.loadNoise().isPresent()
                        ? MotionFiles.noise(options.loadNoise().get(), shape, notices::add)
                        : generators.noise().next(shape);
                options.saveNoise().ifPresent(file -> save(file, noise));
                StepHook reporter = new StepHook() {
                    @Override
                    public void afterStep(StepState state) {
                        progress.progress(state.index() + 1, state.steps(), "sampling");
                    }
                };
                Tensor latents = new Sampler(denoiser)
                        .run(
                                plan,
                                LatentSource.given(noise),
                                generators.noise(),
                                List.of(cancel, guidance, reporter),
                                shape);
                List<Frame> guided = decode(latents);
                List<Frame> source = options.guidance().keepSource() ? decode(guidance.source()) : List.of();
                List<Achieved> motion = measure(guided, source);
                return new Report(motion, guidance.updates(), List.copyOf(notices), write(guided, source, motion));
            }
        }

        private static void save(Path file, Tensor noise) {
            SafetensorsWriter.write(file, Map.of("tensor", MotionProfile.content(noise, Dtype.F32)), Map.of());
        }

        private List<Frame> decode(Tensor latents) {
            List<Frame> frames = new ArrayList<>();
            new TextToVideo(model).decode(latents, 0, options.generation(), frames::add);
            return frames;
        }

        private List<Achieved> measure(List<Frame> guided, List<Frame> source) {
            List<Achieved> motion = new ArrayList<>();
            for (Request request : options.requests()) {
                Optional<double[]> asked = request.direction()
                        .map(direction -> (request.camera() ? direction.ofCamera() : direction).mean());
                Achieved achieved = new Achieved(
                        request.mask().name(),
                        asked,
                        flow(guided, request.mask()),
                        source.isEmpty() ? Optional.empty() : Optional.of(flow(source, request.mask())));
                motion.add(achieved);
                if (achieved.disagrees() && request.weight() > 0) {
                    double[] wanted = asked.orElseThrow();
                    notices.add(String.format(
                            Locale.ROOT,
                            "region %s was told to move (%.2f, %.2f) and moves (%.2f, %.2f) px a frame (right, down): raise the"
                                    + " strength, or look at the profile",
                            achieved.region(),
                            wanted[0],
                            wanted[1],
                            achieved.achieved()[0],
                            achieved.achieved()[1]));
                }
            }
            return motion;
        }

        private List<Path> write(List<Frame> guided, List<Frame> source, List<Achieved> motion) {
            List<Path> files = new ArrayList<>();
            Map<String, String> metadata = metadata(motion);
            files.add(video("guided.mp4", guided, metadata));
            List<ContactSheet.Row> rows = new ArrayList<>();
            if (!source.isEmpty()) {
                List<Frame> pairs = new ArrayList<>();
                for (int i = 0; i < guided.size(); i++) {
                    pairs.add(HeatMap.beside(source.get(i), guided.get(i)));
                }
                files.add(video("source.mp4", source, metadata));
                files.add(video("side-by-side.mp4", pairs, metadata));
                rows.add(new ContactSheet.Row("without guidance", source));
            }
            rows.add(new ContactSheet.Row("guided", guided));
            Path sheet = options.output().resolve("sheet.png");
            new ContactSheet(8, 1, true).write(sheet, rows, metadata);
            files.add(sheet);
            return files;
        }

        private Path video(String name, List<Frame> frames, Map<String, String> metadata) {
            Path file = options.output().resolve(name);
            VideoOptions video = VideoOptions.builder()
                    .framesPerSecond(options.generation().fps())
                    .metadata(metadata)
                    .build();
            try (VideoWriter writer = VideoWriter.open(file, video)) {
                frames.forEach(writer::write);
                writer.finish();
            }
            return file;
        }

        private Map<String, String> metadata(List<Achieved> motion) {
            Map<String, String> metadata = new LinkedHashMap<>();
            metadata.put("prompt", options.generation().prompts().get(0));
            metadata.put("seed", String.valueOf(options.generation().seed()));
            metadata.put("steps", String.valueOf(options.generation().steps()));
            metadata.put("model_sha256", model.hash());
            metadata.put("tap", options.guidance().tap());
            metadata.put("strength", String.valueOf(options.guidance().strength()));
            options.loadNoise().ifPresent(file -> metadata.put("noise", String.valueOf(file.getFileName())));
            for (Achieved one : motion) {
                metadata.put(
                        "motion " + one.region(),
                        String.format(
                                Locale.ROOT,
                                "%.2f %.2f px a frame (right, down)",
                                one.achieved()[0],
                                one.achieved()[1]));
            }
            return metadata;
        }
    }

    /** Mean motion (right, down) of a region, pixels of the clip a frame; measured on a picture of at most 64 pixels. */
    static double[] flow(List<Frame> frames, RegionMask mask) {
        int width = frames.get(0).width();
        int height = frames.get(0).height();
        double scale = Math.min(1, METER_SIDE / (double) Math.max(width, height));
        int columns = Math.max(2, (int) Math.round(width * scale));
        int rows = Math.max(2, (int) Math.round(height * scale));
        try (Scope scope = Scope.noGrad()) {
            List<Tensor> grey = new ArrayList<>();
            for (Frame frame : frames) {
                grey.add(brightness(scale < 1 ? Resize.area(frame, columns, rows) : frame));
            }
            Tensor weight = mask.onGrid(rows, columns);
            Tensor each = weight.size(0) == 1 ? weight.squeeze(0) : weight;
            double[] mean = FlowMeter.plain(METER_SHIFT).mean(Ops.stack(0, grey), each);
            return new double[] {mean[0] * width / columns, mean[1] * height / rows};
        }
    }

    private static Tensor brightness(Frame frame) {
        float[] values = new float[frame.width() * frame.height()];
        for (int i = 0; i < values.length; i++) {
            int red = frame.rgb()[3 * i] & 0xFF;
            int green = frame.rgb()[3 * i + 1] & 0xFF;
            int blue = frame.rgb()[3 * i + 2] & 0xFF;
            values[i] = (0.299f * red + 0.587f * green + 0.114f * blue) / 255;
        }
        return Tensors.of(values, frame.height(), frame.width());
    }
}
