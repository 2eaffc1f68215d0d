package dev.zoetrope.moft;

import dev.zoetrope.diffusion.model.TextToVideo;
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
import dev.zoetrope.media.VideoOptions;
import dev.zoetrope.media.VideoWriter;
import dev.zoetrope.moft.MotionControl.Achieved;
import dev.zoetrope.moft.MotionControl.Drag;
import dev.zoetrope.moft.MotionControl.Options;
import dev.zoetrope.moft.MotionControl.Report;
import dev.zoetrope.moft.MotionControl.Request;
import dev.zoetrope.tensor.Dtype;
import dev.zoetrope.tensor.SafetensorsWriter;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/** One run of {@link MotionControl}: from options to clips, sheet and measured motion. */
final class ControlRun {
    private final VideoModel model;
    private final Options options;
    private final TextToVideoSettings settings;
    private final MotionSession session;
    private final Map<String, String> provenance;
    private final MotionProgress progress;
    private final CancellationSignal cancel;
    private final List<String> notices = new ArrayList<>();

    ControlRun(
            VideoModel model,
            Options options,
            TextToVideoSettings settings,
            MotionSession session,
            Map<String, String> provenance,
            MotionProgress progress,
            CancellationSignal cancel) {
        this.model = model;
        this.options = options;
        this.settings = settings;
        this.session = session;
        this.provenance = provenance;
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
                session.size(),
                have.extent());
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
            regions.add(new MotionRegion(request.mask(), targets, request.weight()));
        }
        RegionObjective objective = new RegionObjective(regions, options.loss());
        notices.addAll(objective.notices(settings.latentHeight(), settings.latentWidth()));
        return objective;
    }

    private List<MotionTarget> targets(Request request) {
        if (request.direction().isPresent()) {
            Direction direction = request.direction().get();
            return options
                    .profile()
                    .synthesise(
                            request.camera() ? direction.ofCamera() : direction,
                            options.curve(),
                            settings.frames(),
                            options.scale())
                    .stream()
                    .map(this::onGrid)
                    .toList();
        }
        long[] channels = channels(request);
        Path path = request.reference().orElseThrow();
        MotionReference reference = path.toString().endsWith(".moftref") ? stored(path) : read(path, channels);
        MotionTarget target = reference.target(channels).times(options.scale());
        if (target.isStill()) {
            doesNotMove(path);
        }
        return List.of(target);
    }

    /** On the grid that the features of the run are brought to. */
    private MotionTarget onGrid(MotionTarget target) {
        int rows = options.guidance().featureGrid().orElse(settings.latentHeight());
        int columns = options.guidance().featureGrid().orElse(settings.latentWidth());
        return target.onGrid(rows, columns);
    }

    private void doesNotMove(Path reference) {
        notices.add("the reference " + reference + " does not move: it asks to keep still");
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
            List<Frame> clip = session.read(path);
            // A network that knows the place of a frame gives a still clip features that are not quite still.
            if (clip.stream()
                    .allMatch(frame -> Arrays.equals(frame.rgb(), clip.get(0).rgb()))) {
                doesNotMove(path);
            }
            Tensor features = session.features(clip);
            progress.progress(1, 1, "reading the reference");
            if (options.loss().isDense()) {
                Tensor grid = options.resizeReference()
                        ? Moft.resize(features, settings.latentHeight(), settings.latentWidth())
                        : features;
                return MotionReference.dense(session.info(features), grid, channels);
            }
            Extent extent = options.profile().info().extent();
            Tensor mask = extent.mask(session.latentRows(), session.latentColumns());
            return MotionReference.pooled(session.info(features).over(extent), features, mask);
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
                MotionGuidance guidance = new MotionGuidance(objective, options.guidance(), reference, notices::add)) {
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
            List<Achieved> motion = measure(objective, guided, source);
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

    private List<Achieved> measure(MotionObjective objective, List<Frame> guided, List<Frame> source) {
        List<Achieved> motion = new ArrayList<>();
        for (Request request : options.requests()) {
            Optional<double[]> asked =
                    request.direction().map(direction -> (request.camera() ? direction.ofCamera() : direction).mean());
            Achieved achieved = achieved(request.mask().name(), request.mask(), asked, guided, source);
            motion.add(achieved);
            if (request.weight() > 0) {
                compare(achieved);
            }
        }
        if (objective instanceof PointDrag drag) {
            Direction path = PointDrag.direction(options.drag().orElseThrow().trajectory());
            Achieved achieved = achieved("dragged point", drag.region(), Optional.of(path.mean()), guided, source);
            motion.add(achieved);
            compare(achieved);
        }
        return motion;
    }

    private static Achieved achieved(
            String name, RegionMask mask, Optional<double[]> asked, List<Frame> guided, List<Frame> source) {
        return new Achieved(
                name,
                asked,
                MotionControl.flow(guided, mask),
                source.isEmpty() ? Optional.empty() : Optional.of(MotionControl.flow(source, mask)));
    }

    private void compare(Achieved achieved) {
        if (achieved.disagrees()) {
            double[] wanted = achieved.asked().orElseThrow();
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
        Map<String, String> metadata = new LinkedHashMap<>(provenance);
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
                            Locale.ROOT, "%.2f %.2f px a frame (right, down)", one.achieved()[0], one.achieved()[1]));
        }
        return metadata;
    }
}
