package dev.zoetrope.vidrd.experiment;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.zoetrope.data.AttributeDetector;
import dev.zoetrope.data.Attributes;
import dev.zoetrope.data.Background;
import dev.zoetrope.data.Camera;
import dev.zoetrope.data.CaptionedClip;
import dev.zoetrope.data.CaptionedClips;
import dev.zoetrope.data.Captions;
import dev.zoetrope.data.ClipSpec;
import dev.zoetrope.data.Colour;
import dev.zoetrope.data.Grammar;
import dev.zoetrope.data.Motion;
import dev.zoetrope.data.Shape;
import dev.zoetrope.data.Split;
import dev.zoetrope.data.Texture;
import dev.zoetrope.data.VideoFolder;
import dev.zoetrope.data.VideoFolderOptions;
import dev.zoetrope.data.compose.Composer;
import dev.zoetrope.data.compose.CompositionOptions;
import dev.zoetrope.data.compose.CompositionProgress;
import dev.zoetrope.data.compose.SourceKind;
import dev.zoetrope.diffusion.config.ConfigRecords;
import dev.zoetrope.diffusion.experiment.Outcome;
import dev.zoetrope.diffusion.model.TextToVideo;
import dev.zoetrope.diffusion.model.TextToVideoOptions;
import dev.zoetrope.diffusion.model.VideoModel;
import dev.zoetrope.diffusion.training.LatentCache;
import dev.zoetrope.diffusion.unet.UNet;
import dev.zoetrope.media.ContactSheet;
import dev.zoetrope.media.Frame;
import dev.zoetrope.media.Images;
import dev.zoetrope.media.VideoOptions;
import dev.zoetrope.media.VideoWriter;
import dev.zoetrope.metrics.motion.BlockMatching;
import dev.zoetrope.tensor.AtomicFiles;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.ZoetropeException;
import dev.zoetrope.train.ProgressListener;
import dev.zoetrope.train.Trainer;
import dev.zoetrope.train.TrainingOptions;
import dev.zoetrope.vidrd.training.ClipDenoisingObjective;
import dev.zoetrope.vidrd.training.FreezePolicy;
import dev.zoetrope.vidrd.training.TunedModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * E6: what is only known from stills can be shown in videos. Two text-to-video U-Nets are trained from nothing for the same
 * steps, the first half on single frames, the second on clips: (a), the control, on clips of circles and squares; (b) on a
 * set that is half such clips and half pseudo-videos of stills of triangles. Both sets are made by {@link Composer}.
 * Autoencoder, text encoder and tokenizer are the given model's and stay as they are, as in the paper.
 */
public final class PseudoVideoExperiment {
    private static final int FRAMES = 8;
    private static final int BATCH = 4;
    private static final int SAMPLING_STEPS = 15;
    private static final double GUIDANCE = 5;
    private static final int STILL_SIDE = 96;
    private static final List<Colour> COLOURS = List.of(Colour.RED, Colour.YELLOW);

    private final VideoModel model;
    private final Path folder;
    private final Path work;
    private final Scale scale;
    private final ClipSpec spec;
    private final AttributeDetector detector = AttributeDetector.create(
            grammar(List.of(Shape.CIRCLE, Shape.SQUARE, Shape.TRIANGLE), List.of(Motion.STILL)));
    private final List<ContactSheet.Row> sheet = new ArrayList<>();

    /**
     * How much is done.
     *
     * @param steps of each of the two trainings, at least 2
     * @param clips of each training set, at least 2
     * @param samples generated for each model and kind of prompt, at least 2
     */
    public record Scale(int steps, int clips, int samples) {
        public Scale {
            if (steps < 2 || clips < 2 || samples < 2) {
                throw ZoetropeException.badInput(
                        "%d steps, %d clips, %d samples: expected at least 2 of each", steps, clips, samples);
            }
        }
    }

    private PseudoVideoExperiment(VideoModel model, Path folder, Path work, Scale scale) {
        this.model = model;
        this.folder = folder;
        this.work = work;
        this.scale = scale;
        this.spec = ClipSpec.of(model.nativeWidth(), model.nativeHeight(), FRAMES, 8);
    }

    /**
     * @param folder of the model
     * @param work new folder for the sets, trainings and {@code samples.png}
     */
    public static Outcome run(VideoModel model, Path folder, Path work, Scale scale) {
        return new PseudoVideoExperiment(model, folder, work, scale).run();
    }

    private static Grammar grammar(List<Shape> shapes, List<Motion> motions) {
        Grammar tiny = Grammar.tiny();
        return new Grammar(
                shapes,
                COLOURS,
                List.of(Background.BLACK),
                List.of(Texture.PLAIN),
                List.of(Texture.PLAIN),
                motions,
                List.of(Camera.STILL),
                tiny.radius(),
                tiny.displacement());
    }

    private Outcome run() {
        writeSources();
        Measures clipsOnly = train("a", false);
        Measures withStills = train("b", true);
        new ContactSheet(FRAMES, 1, false).write(work.resolve("samples.png"), sheet, Map.of());
        return new Outcome(
                List.of(
                        "| " + scale.steps() + " steps, " + scale.clips()
                                + " clips | triangle prompts: triangles | circle prompts: circles | their speed |",
                        "|---|---:|---:|---:|",
                        clipsOnly.row("(a) clips of circles and squares (control)"),
                        withStills.row("(b) half of the batch pseudo-videos of triangles"),
                        scale.samples() + " clips each, " + SAMPLING_STEPS + " DDIM steps, guidance " + (int) GUIDANCE
                                + "; shapes by the closed-form detector, speed in pixels a frame by block matching. Wanted:"
                                + " triangles of (b) at least 0.3 above (a); speed of (b) at least 0.5 of (a)."),
                withStills.triangles >= clipsOnly.triangles + 0.3 && withStills.speed >= 0.5 * clipsOnly.speed);
    }

    private record Measures(double triangles, double circles, double speed) {
        String row(String name) {
            return String.format("| %s | %.3f | %.3f | %.3f |", name, triangles, circles, speed);
        }
    }

    private static String stillCaption(Colour colour) {
        return "a " + colour.word() + " triangle over a black background";
    }

    private static String movingCaption(Colour colour, Motion motion) {
        return Captions.canonical(Attributes.plain(colour, Shape.CIRCLE, motion, Background.BLACK));
    }

    private void writeSources() {
        CaptionedClips clips = CaptionedClips.create(
                spec,
                grammar(List.of(Shape.CIRCLE, Shape.SQUARE), List.of(Motion.LEFT, Motion.RIGHT, Motion.STILL)),
                Split.TRAIN,
                6);
        CaptionedClips triangles = CaptionedClips.create(
                ClipSpec.of(STILL_SIDE, STILL_SIDE, 1, 8),
                grammar(List.of(Shape.TRIANGLE), List.of(Motion.STILL)),
                Split.TRAIN,
                6);
        for (int i = 0; i < scale.clips(); i++) {
            CaptionedClip clip = clips.clip(i);
            String name = "captioned/%04d".formatted(i);
            try (VideoWriter writer = VideoWriter.open(work.resolve(name + ".apng"), VideoOptions.of(spec.fps()))) {
                clip.pictures().forEach(writer::write);
                writer.finish();
            }
            AtomicFiles.writeString(work.resolve(name + ".txt"), clip.caption());
        }
        for (int i = 0; i < (scale.clips() + 1) / 2; i++) {
            CaptionedClip still = triangles.clip(i);
            String name = "stills/%04d".formatted(i);
            Images.writePng(work.resolve(name + ".png"), still.pictures().get(0));
            AtomicFiles.writeString(
                    work.resolve(name + ".txt"),
                    stillCaption(still.scene().attributes().colour()));
        }
    }

    private VideoFolder compose(String name, boolean stills) {
        CompositionOptions.Builder options = CompositionOptions.of(spec)
                .clips(scale.clips())
                .folder(SourceKind.CAPTIONED, work.resolve("captioned"))
                .weight(SourceKind.CAPTIONED, 1);
        if (stills) {
            options.folder(SourceKind.STILLS, work.resolve("stills")).weight(SourceKind.STILLS, 1);
        }
        Path set = work.resolve("set-" + name);
        Composer.run(options.build(), set, CompositionProgress.silent());
        return VideoFolder.open(set, VideoFolderOptions.of(spec));
    }

    private Measures train(String name, boolean stills) {
        Path trained;
        try (LatentCache cache = LatentCache.encode(
                        model.autoencoder(),
                        compose(name, stills),
                        scale.clips(),
                        model.autoencoderConfig().scalingFactor());
                UNet unet = new UNet(model.unetConfig())) {
            unet.initialise(6);
            train(unet, cache, name + "-frames", true);
            train(unet, cache, name + "-clips", false);
            ObjectNode json = ConfigRecords.readObject(folder.resolve("unet").resolve("config.json"));
            TunedModel result = new TunedModel(folder, work.resolve("model-" + name));
            result.write("unet", json, unet);
            trained = result.finish("unet");
        }
        try (VideoModel tuned = VideoModel.open(trained)) {
            return measure(name, new TextToVideo(tuned));
        }
    }

    private void train(UNet unet, LatentCache cache, String stage, boolean singleFrames) {
        ClipDenoisingObjective objective = new ClipDenoisingObjective(
                unet,
                FreezePolicy.NONE,
                new TextToVideo(model),
                model.scheduler(Optional.empty()),
                cache,
                singleFrames,
                false);
        int count = Math.max(1, scale.steps() / 2);
        TrainingOptions options = TrainingOptions.builder(work.resolve(stage))
                .steps(count)
                .batchSize(BATCH)
                .learningRate(1e-3)
                .warmupSteps(Math.min(50, count / 4))
                .finalLearningRateFraction(0.1)
                .emaDecay(0.98)
                .seed(6)
                .sampleEvery(0)
                .checkpointEvery(count)
                .build();
        Trainer.run(objective, options, ProgressListener.silent());
    }

    private Measures measure(String name, TextToVideo textToVideo) {
        List<String> still = new ArrayList<>();
        List<String> moving = new ArrayList<>();
        for (int i = 0; i < scale.samples(); i++) {
            Colour colour = COLOURS.get(i % COLOURS.size());
            still.add(stillCaption(colour));
            moving.add(movingCaption(colour, i / 2 % 2 == 0 ? Motion.LEFT : Motion.RIGHT));
        }
        List<List<Frame>> triangles = sample(textToVideo, still);
        List<List<Frame>> circles = sample(textToVideo, moving);
        sheet.add(new ContactSheet.Row(name + ": " + still.get(0), triangles.get(0)));
        sheet.add(new ContactSheet.Row(name + ": " + still.get(1), triangles.get(1)));
        sheet.add(new ContactSheet.Row(name + ": " + moving.get(0), circles.get(0)));
        return new Measures(share(triangles, Shape.TRIANGLE), share(circles, Shape.CIRCLE), speed(circles));
    }

    private static List<List<Frame>> sample(TextToVideo textToVideo, List<String> prompts) {
        TextToVideoOptions options = TextToVideoOptions.of(prompts)
                .steps(SAMPLING_STEPS)
                .guidanceScale(GUIDANCE)
                .scheduler("ddim")
                .frames(FRAMES)
                .seed(0)
                .build();
        List<List<Frame>> clips = new ArrayList<>();
        try (Scope scope = Scope.noGrad()) {
            Tensor latents = textToVideo.generate(options);
            for (int i = 0; i < prompts.size(); i++) {
                List<Frame> frames = new ArrayList<>();
                textToVideo.decode(latents, i, options, frames::add);
                clips.add(frames);
            }
        }
        return clips;
    }

    private double share(List<List<Frame>> clips, Shape shape) {
        return clips.stream()
                        .filter(frames ->
                                detector.detect(frames).labels().shape().equals(shape.word()))
                        .count()
                / (double) clips.size();
    }

    private static double speed(List<List<Frame>> clips) {
        BlockMatching matching = new BlockMatching();
        double sum = 0;
        for (List<Frame> frames : clips) {
            for (int f = 1; f < frames.size(); f++) {
                sum += matching.flow(frames.get(f - 1), frames.get(f)).meanSpeed() / (frames.size() - 1);
            }
        }
        return sum / clips.size();
    }
}
