package dev.zoetrope.moft;

import dev.zoetrope.diffusion.model.TextToVideo;
import dev.zoetrope.diffusion.model.TextToVideoOptions;
import dev.zoetrope.diffusion.model.TextToVideoSettings;
import dev.zoetrope.diffusion.model.VideoModel;
import dev.zoetrope.diffusion.sampling.CancellationSignal;
import dev.zoetrope.media.Frame;
import dev.zoetrope.media.Resize;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
     * @param drag a point to drag instead of regions; loss, curve and scale then keep their defaults
     * @param profile of the model
     * @param reading how reference clips are read
     * @param guidance how the latents are steered
     * @param loss default pooled
     * @param curve of synthesised directions; default linear; maps need a dense loss
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
            if (curve == MotionCurves.Kind.MAP && !loss.isDense()) {
                throw ZoetropeException.badInput(
                        "curve MAP with loss %s: a map says where, and the mean over a region forgets it; use --loss"
                                + " DENSE_L2 or COSINE",
                        loss);
            }
            drag.ifPresent(point -> checkDrag(guidance, loss, curve, scale));
            guidance.checkSteps(generation.steps());
        }

        private static void checkDrag(
                GuidanceOptions guidance, MotionLoss loss, MotionCurves.Kind curve, double scale) {
            if (guidance.pass() == GuidanceOptions.Pass.RECOMPUTED) {
                throw ZoetropeException.badInput(
                        "a dragged point weighs two gradients of one evaluation: recomputation is not possible with it");
            }
            if (loss != MotionLoss.POOLED_MSE || curve != MotionCurves.Kind.LINEAR || scale != 1) {
                throw ZoetropeException.badInput(
                        "loss %s, curve %s, scale %s: a dragged point has a loss of its own and follows its trajectory;"
                                + " leave these at their defaults",
                        loss, curve, scale);
            }
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
     * @param region the mask's name, or {@code dragged point} for what the trajectory sweeps
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
     * @param provenance texts for the files, such as the command; prompt, seed, model and motion are added
     * @throws ZoetropeException BAD_INPUT for options that the model cannot do or that do not fit each other, before weights
     *     are loaded where possible; CANCELLED; NATIVE if a gradient is not finite
     */
    public static Report run(
            VideoModel model,
            Options options,
            Map<String, String> provenance,
            MotionProgress progress,
            CancellationSignal cancel) {
        TextToVideoSettings settings = new TextToVideo(model).settings(options.generation());
        options.requests()
                .forEach(request -> request.mask().check(settings.width(), settings.height(), settings.frames()));
        MotionSession session = new MotionSession(model, reading(options, settings), cancel);
        return new ControlRun(model, options, settings, session, provenance, progress, cancel).run();
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

    /** Mean motion (right, down) of a region, pixels of the clip a frame; measured on a picture of at most 64 pixels. */
    public static double[] flow(List<Frame> frames, RegionMask mask) {
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
