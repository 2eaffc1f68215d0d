package dev.zoetrope.moft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.zoetrope.diffusion.model.ModelFamily;
import dev.zoetrope.diffusion.model.ModelSynth;
import dev.zoetrope.diffusion.model.TextToVideoOptions;
import dev.zoetrope.diffusion.model.VideoModel;
import dev.zoetrope.diffusion.sampling.CancellationSignal;
import dev.zoetrope.media.Frame;
import dev.zoetrope.media.VideoOptions;
import dev.zoetrope.media.VideoReader;
import dev.zoetrope.media.VideoWriter;
import dev.zoetrope.tensor.ErrorCode;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.WeightFiles;
import dev.zoetrope.tensor.WeightSource;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Fit, inspect, compare and control from files to files, on a small model with random weights. */
class MotionJobsTest {
    private static final int F = 4;
    private static final ReadingOptions READING = ReadingOptions.DEFAULTS
            .withSize(64, 64)
            .withReferenceStep(1)
            .withFrames(F, ReadingOptions.FramesPolicy.FIRST);

    @TempDir
    static Path folder;

    private static VideoModel model;
    private static MotionProfile profile;

    @BeforeAll
    static void open() {
        ModelSynth.write(ModelFamily.MODELSCOPE, ModelSynth.Options.DEFAULTS.withScale(64), folder.resolve("model"));
        model = VideoModel.open(folder.resolve("model"));
        for (Heading heading : List.of(Heading.RIGHT, Heading.LEFT, Heading.UP, Heading.DOWN)) {
            clip("clips/" + heading.word() + "/a", heading, F + 1);
        }
        MotionFit.Options options = new MotionFit.Options(
                READING, Optional.of(folder.resolve("clips")), 1, Optional.empty(), OptionalInt.empty(), 0.04);
        profile = MotionFit.run(model, options, MotionProgress.SILENT, new CancellationSignal());
    }

    @AfterAll
    static void close() {
        model.close();
    }

    /** Clips of a folder are pans, and the centre is read; clips made to order show things anywhere. */
    @Test
    void aProfileSaysWhatOfTheFrameItAverages() {
        assertThat(profile.info().extent()).isEqualTo(Extent.CENTRE);
        MotionFit.Options made =
                new MotionFit.Options(READING, Optional.empty(), 1, Optional.empty(), OptionalInt.empty(), 0.04);
        MotionProfile whole = MotionFit.run(model, made, MotionProgress.SILENT, new CancellationSignal());
        assertThat(whole.info().extent()).isEqualTo(Extent.FRAME);
        Path file = folder.resolve("whole.moft");
        whole.write(file);
        assertThat(MotionProfile.read(file).info()).isEqualTo(whole.info());
    }

    /** A bright square that moves. */
    private static Path clip(String name, Heading heading, int frames) {
        Path target = folder.resolve(name);
        try (VideoWriter writer = VideoWriter.open(target, VideoOptions.of(8))) {
            for (int f = 0; f < frames; f++) {
                byte[] rgb = new byte[3 * 64 * 64];
                for (int i = 0; i < 400; i++) {
                    int x = 22 + i % 20 + 3 * f * heading.vx();
                    int y = 22 + i / 20 + 3 * f * heading.vy();
                    rgb[3 * (y * 64 + x)] = (byte) 200;
                }
                writer.write(new Frame(64, 64, rgb, f / 8.0));
            }
            writer.finish();
        }
        return target;
    }

    private static TextToVideoOptions generation() {
        return TextToVideoOptions.of("a red ball")
                .steps(4)
                .size(64, 64)
                .frames(F)
                .seed(3)
                .build();
    }

    private static GuidanceOptions guidance() {
        return GuidanceOptions.builder().window(1, 3).repeats(1).build();
    }

    @Test
    void theProfileHasBothAxes() {
        assertThat(profile.axes()).containsOnlyKeys(Axis.HORIZONTAL, Axis.VERTICAL);
        assertThat(profile.axis(Axis.HORIZONTAL).size()).isEqualTo(6);
        assertThat(profile.info().frames()).isEqualTo(F);
        assertThat(profile.info().backboneSha256()).isEqualTo(model.hash());
    }

    @Test
    void inspectWritesPicturesAndTables() {
        MotionInspect.Options options = new MotionInspect.Options(
                READING,
                List.of(folder.resolve("clips/right/a"), folder.resolve("clips/left/a")),
                Optional.empty(),
                Optional.of(profile),
                2,
                true,
                folder.resolve("inspect"));
        MotionInspect.Report report =
                MotionInspect.run(model, options, MotionProgress.SILENT, new CancellationSignal());
        assertThat(report.files())
                .hasSize(11)
                .allSatisfy(file -> assertThat(file).isNotEmptyFile());
        try (Scope scope = Scope.noGrad();
                WeightSource source = WeightFiles.open(folder.resolve("inspect/features.safetensors"))) {
            assertThat(source.metadata()).containsEntry("tap", "up_blocks.1").containsEntry("k", "1");
            Tensor features = Tensors.read(source, "right/a");
            assertThat(Tensors.shape(features)).startsWith(F).endsWith(8, 8);
            assertThat(Tensors.item(features.mean(0L).abs().max())).isLessThan(1e-5);
        }
        assertThat(report.velocities().keySet()).containsExactly("right/a", "left/a");
        assertThat(report.velocities())
                .hasEntrySatisfying("right/a", v -> assertThat(v[0]).isPositive());
        assertThat(report.velocities())
                .hasEntrySatisfying("left/a", v -> assertThat(v[0]).isNegative());
    }

    @Test
    void compareDrawsHeatMapsOverFrames() {
        Path right = folder.resolve("clips/right/a");
        MotionCompare.Options options = new MotionCompare.Options(
                READING, right, 30, 31, right, Optional.of(profile), true, folder.resolve("compare"));
        MotionCompare.Report report =
                MotionCompare.run(model, options, MotionProgress.SILENT, new CancellationSignal());
        assertThat(report.max()).isGreaterThan(0.999);
        assertThat(report.files())
                .hasSize(2)
                .allSatisfy(file -> assertThat(file).isNotEmptyFile());
        assertThatThrownBy(() -> MotionCompare.run(
                        model,
                        new MotionCompare.Options(
                                READING, right, 64, 0, right, Optional.empty(), false, folder.resolve("x")),
                        MotionProgress.SILENT,
                        new CancellationSignal()))
                .hasMessageContaining("outside the 64x64 picture");
    }

    @Test
    void controlByDirectionsInRegionsWritesResultAndSource() {
        MotionControl.Options options = MotionControl.Options.of(
                        generation(),
                        profile,
                        folder.resolve("control"),
                        MotionControl.Request.of(Direction.parse("left")).in(RegionMask.box(64, 64, 0, 0, 32, 64)),
                        MotionControl.Request.like(folder.resolve("clips/right/a"))
                                .in(RegionMask.box(64, 64, 32, 0, 32, 64)))
                .withGuidance(guidance());
        MotionControl.Options first = withReading(options);
        MotionControl.Report report = MotionControl.run(
                model, first, Map.of("command", "test"), MotionProgress.SILENT, new CancellationSignal());
        assertThat(report.files())
                .hasSize(4)
                .allSatisfy(file -> assertThat(file).isNotEmptyFile());
        try (VideoReader reader = VideoReader.open(folder.resolve("control/guided.mp4"))) {
            assertThat(reader.info().metadata())
                    .containsEntry("command", "test")
                    .containsKey("model_sha256");
        }
        assertThat(report.motion()).hasSize(2);
        assertThat(report.updates()).hasSize(2);
        assertThat(report.updates().get(0).gradientRms()).isPositive();
    }

    @Test
    void aReferenceThatDoesNotMoveIsTold() {
        Path still = clip("clips/still/a", Heading.STILL, F);
        MotionControl.Options options = MotionControl.Options.of(
                        generation(), profile, folder.resolve("still"), MotionControl.Request.like(still))
                .withGuidance(GuidanceOptions.builder()
                        .window(1, 2)
                        .repeats(1)
                        .keepSource(false)
                        .build());
        MotionControl.Report report = MotionControl.run(
                model, withReading(options), Map.of(), MotionProgress.SILENT, new CancellationSignal());
        assertThat(report.notices()).anyMatch(notice -> notice.contains("asks to keep still"));
    }

    @Test
    void aDraggedPointRefusesWhatItWouldNotHonour() {
        assertThatThrownBy(() -> dragged(GuidanceOptions.Pass.RECOMPUTED, MotionLoss.POOLED_MSE, 1))
                .hasMessageContaining("recomputation");
        assertThatThrownBy(() -> dragged(GuidanceOptions.Pass.TO_TAP, MotionLoss.COSINE, 1))
                .hasMessageContaining("COSINE");
        assertThatThrownBy(() -> dragged(GuidanceOptions.Pass.TO_TAP, MotionLoss.POOLED_MSE, 2))
                .hasMessageContaining("scale 2.0");
    }

    private static MotionControl.Options dragged(GuidanceOptions.Pass pass, MotionLoss loss, double scale) {
        double[][] trajectory = {{20, 32}, {24, 32}, {28, 32}, {32, 32}};
        return new MotionControl.Options(
                generation(),
                List.of(),
                Optional.of(new MotionControl.Drag(trajectory, PointDrag.Options.DEFAULTS)),
                profile,
                READING,
                GuidanceOptions.builder()
                        .window(0, 4)
                        .repeats(1)
                        .keepSource(false)
                        .pass(pass)
                        .build(),
                loss,
                MotionCurves.Kind.LINEAR,
                scale,
                false,
                false,
                Optional.empty(),
                Optional.empty(),
                folder.resolve("drag"));
    }

    private static MotionControl.Options withReading(MotionControl.Options o) {
        return new MotionControl.Options(
                o.generation(),
                o.requests(),
                o.drag(),
                o.profile(),
                READING,
                o.guidance(),
                o.loss(),
                o.curve(),
                o.scale(),
                o.resizeReference(),
                o.force(),
                Optional.empty(),
                Optional.of(folder.resolve("noise.safetensors")),
                o.output());
    }

    @Test
    void aPointIsDragged() {
        MotionControl.Options options = dragged(GuidanceOptions.Pass.TO_TAP, MotionLoss.POOLED_MSE, 1);
        MotionControl.Report report =
                MotionControl.run(model, options, Map.of(), MotionProgress.SILENT, new CancellationSignal());
        assertThat(report.updates())
                .hasSize(4)
                .allSatisfy(update -> assertThat(update.updateRms()).isPositive());
        assertThat(report.files()).hasSize(2);
        assertThat(report.motion()).singleElement().satisfies(point -> {
            assertThat(point.region()).isEqualTo("dragged point");
            assertThat(point.asked().orElseThrow()).containsExactly(1, 0);
        });
    }

    @Test
    void motionThatDisagreesIsSeen() {
        double[] right = {1, 0};
        assertThat(new MotionControl.Achieved("r", Optional.of(right), new double[] {-0.5, 0}, Optional.empty())
                        .disagrees())
                .isTrue();
        assertThat(new MotionControl.Achieved("r", Optional.of(right), new double[] {0.5, 0}, Optional.empty())
                        .disagrees())
                .isFalse();
        assertThat(new MotionControl.Achieved("r", Optional.of(new double[2]), new double[] {1, 0}, Optional.empty())
                        .disagrees())
                .isFalse();
    }

    @Test
    void clipsThatDoNotFitAreRefused() {
        CancellationSignal cancel = new CancellationSignal();
        ReadingOptions exact = READING.withFrames(F, ReadingOptions.FramesPolicy.EXACT);
        MotionSession session = new MotionSession(model, exact, cancel);
        assertThatThrownBy(() -> session.read(folder.resolve("clips/right/a")))
                .hasMessageContaining("5 frames")
                .hasMessageContaining("--frames-policy");
        MotionSession longer =
                new MotionSession(model, READING.withFrames(9, ReadingOptions.FramesPolicy.SAMPLE), cancel);
        assertThatThrownBy(() -> longer.read(folder.resolve("clips/right/a"))).hasMessageContaining("needs 9");
        assertThatThrownBy(() -> new MotionSession(model, READING.withSize(60, 64), cancel))
                .hasMessageContaining("56 and 64");
        assertThatThrownBy(() -> session.read(folder.resolve("nothing.mp4"))).hasMessageContaining("does not exist");
        assertThatThrownBy(() -> READING.withFrames(1, ReadingOptions.FramesPolicy.FIRST))
                .hasMessageContaining("at least 2");
        assertThatThrownBy(() -> READING.withReferenceStep(25)).hasMessageContaining("0 to 24");
        assertThat(Files.exists(folder.resolve("x"))).isFalse();
    }

    @Test
    void aModelWithoutTextIsRefusedBeforeAnythingIsLoaded() {
        Path svd = folder.resolve("svd");
        ModelSynth.write(ModelFamily.SVD, ModelSynth.Options.DEFAULTS.withScale(64), svd);
        try (VideoModel image = VideoModel.open(svd)) {
            assertThatThrownBy(() -> new MotionSession(image, READING, new CancellationSignal()))
                    .hasMessageContaining("not conditioned on text");
        }
    }

    @Test
    void aJobCanBeCancelled() {
        CancellationSignal cancel = new CancellationSignal();
        cancel.cancel();
        MotionFit.Options options = new MotionFit.Options(
                READING, Optional.of(folder.resolve("clips")), 1, Optional.empty(), OptionalInt.empty(), 0.04);
        assertThatThrownBy(() -> MotionFit.run(model, options, MotionProgress.SILENT, cancel))
                .isInstanceOfSatisfying(
                        ZoetropeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CANCELLED));
    }
}
