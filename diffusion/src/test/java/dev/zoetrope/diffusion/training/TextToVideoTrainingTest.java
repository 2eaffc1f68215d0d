package dev.zoetrope.diffusion.training;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.zoetrope.data.CaptionedClips;
import dev.zoetrope.data.Split;
import dev.zoetrope.diffusion.autoencoder.AutoencoderKL;
import dev.zoetrope.diffusion.model.TextToVideo;
import dev.zoetrope.diffusion.model.TextToVideoOptions;
import dev.zoetrope.diffusion.model.VideoModel;
import dev.zoetrope.diffusion.training.TextToVideoTrainingOptions.Start;
import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.Layers.Linear;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.SeededGenerator;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextToVideoTrainingTest {
    private static final String RIGHT = "a red circle moves to the right over a blue background";

    @TempDir
    private static Path folder;

    private static Path model = Path.of("");

    @BeforeAll
    static void train() {
        model = TextToVideoTraining.run(options("first", Optional.empty()), progress -> {});
    }

    private static TextToVideoTrainingOptions options(String run, Optional<Path> model) {
        return options(run, model, MotionCode.NONE);
    }

    private static TextToVideoTrainingOptions options(String run, Optional<Path> model, MotionCode code) {
        Optional<Start> start = model.map(folder -> new Start(folder, true));
        return new TextToVideoTrainingOptions(
                "tiny",
                folder.resolve(run),
                3,
                start,
                Optional.empty(),
                false,
                1,
                2,
                300,
                code.isPlanted() ? 2 : 1, // the first step shows single frames, which do not move
                1,
                24,
                code,
                false,
                Optional.empty());
    }

    @Test
    void theModelIsAPublishedFolderThatGenerates() {
        TextToVideoOptions options =
                TextToVideoOptions.of(RIGHT).steps(1).frames(4).build();
        try (Scope scope = Scope.noGrad();
                VideoModel opened = VideoModel.open(model)) {
            Tensor latents = new TextToVideo(opened).generate(options);
            assertThat(Tensors.shape(latents)).containsExactly(1, 8, 4, 8, 8);
            assertThat(Tensors.toFloats(latents)).doesNotContain(Float.NaN);
        }
    }

    @Test
    void theTextEncoderTellsDirectionsApartAsWellAsColours() {
        try (VideoModel opened = VideoModel.open(model)) {
            double direction = distance(opened, RIGHT, RIGHT.replace("right", "left"));
            double colour = distance(opened, RIGHT, RIGHT.replace("red", "green"));
            double verb = distance(opened, RIGHT, RIGHT.replace("moves", "slides"));
            assertThat(direction).isGreaterThan(0.3 * colour).isGreaterThan(2 * verb);
        }
    }

    /** Mean squared difference of the states at the end of two texts. */
    private static double distance(VideoModel model, String one, String other) {
        try (Scope scope = Scope.noGrad()) {
            Tensor a = model.textEncoder().pooled(model.tokenizer().encode(List.of(one)));
            Tensor b = model.textEncoder().pooled(model.tokenizer().encode(List.of(other)));
            return Tensors.item(Ops.meanSquare(a, b));
        }
    }

    @Test
    void theAutoencoderOfTheModelItStartsFromIsTaken() {
        TextToVideoTraining training = new TextToVideoTraining(options("second", Optional.of(model)), progress -> {});
        try (AutoencoderKL taken = training.autoencoder();
                VideoModel opened = VideoModel.open(model)) {
            assertThat(values(taken)).isEqualTo(values(opened.autoencoder()));
        }
        assertThat(folder.resolve("second")).doesNotExist();
    }

    /** The U-Net alone learns on; text encoder, autoencoder and the scale of the latents stay as they are. */
    @Test
    void onlyTheUnetOfTheModelItStartsFromLearns() {
        Path next = TextToVideoTraining.run(options("next", Optional.of(model)), progress -> {});
        try (VideoModel before = VideoModel.open(model);
                VideoModel after = VideoModel.open(next)) {
            assertThat(after.autoencoderConfig()).isEqualTo(before.autoencoderConfig());
            assertThat(values(after.textEncoder())).isEqualTo(values(before.textEncoder()));
            assertThat(values(after.denoiser())).isNotEqualTo(values(before.denoiser()));
        }
    }

    @Test
    void aNewUnetSeesStillsFirstAndOneThatLearnsOnOneWayMotions() {
        Optional<Path> start = Optional.of(model);
        assertThat(options("a", Optional.empty()).showingOrder()).isEqualTo(ShowingOrder.STILLS_FIRST);
        assertThat(options("b", start).showingOrder()).isEqualTo(ShowingOrder.ONE_WAY_FIRST);
        ShowingOrder.Schedule oneWay = ShowingOrder.ONE_WAY_FIRST.over(1000);
        assertThat(oneWay.shareOfOtherWays(1)).isEqualTo(0.1);
        assertThat(oneWay.shareOfOtherWays(333)).isBetween(0.1, 1.0);
        assertThat(oneWay.shareOfOtherWays(501)).isEqualTo(1);
        assertThat(ShowingOrder.STILLS_FIRST.over(1000).showsStills(249)).isTrue();
        assertThat(ShowingOrder.STILLS_FIRST.over(1000).showsStills(251)).isFalse();
        assertThat(ShowingOrder.MIXED.over(1000).shareOfOtherWays(1)).isEqualTo(1);
    }

    @Test
    void shuffledCaptionsAreThoseOfOtherClips() {
        try (LatentCache cache = cache();
                LatentCache shuffled = cache()) {
            shuffled.shuffleCaptions(5);
            List<String> own = captions(cache);
            assertThat(captions(shuffled))
                    .containsExactlyInAnyOrderElementsOf(own)
                    .isNotEqualTo(own);
        }
    }

    private static LatentCache cache() {
        TextToVideoPreset preset = TextToVideoPreset.named("tiny");
        try (VideoModel opened = VideoModel.open(model)) {
            return LatentCache.encode(
                    opened.autoencoder(), CaptionedClips.create(preset.clips(), preset.grammar(), Split.TRAIN, 1), 8);
        }
    }

    private static List<String> captions(LatentCache cache) {
        return LongStream.range(0, cache.size()).mapToObj(cache::caption).toList();
    }

    private static Map<String, Integer> values(Layer network) {
        return network.parameters().entrySet().stream()
                .collect(toMap(
                        Map.Entry::getKey,
                        e -> Arrays.hashCode(Tensors.toFloats(e.getValue().value()))));
    }

    @Test
    void aMotionCodeHasALossOfItsOwn() throws IOException {
        Path next =
                TextToVideoTraining.run(options("coded", Optional.of(model), new MotionCode(0.3, 1)), progress -> {});
        try (VideoModel before = VideoModel.open(model);
                VideoModel after = VideoModel.open(next)) {
            assertThat(values(after.denoiser()).keySet())
                    .isEqualTo(values(before.denoiser()).keySet()); // the readout is no part of the model
        }
        assertThat(Files.readString(folder.resolve("coded").resolve("denoiser").resolve("log.jsonl")))
                .contains("\"denoising\"")
                .contains("\"motion\"");
    }

    /** Features that are the displacements, plus content that stays, are read without an error. */
    @Test
    void whatIsReadAreDisplacementsWithoutTheirMean() {
        try (Scope scope = Scope.noGrad();
                SeededGenerator generator = new SeededGenerator(5);
                Linear readout = new Linear(2, 2)) {
            readout.initialise(1);
            Tensor displacements = generator.normal(2, 4, 3, 3, 2); // [B,F,H,W,2]
            Tensor content = generator.normal(2, 1, 2, 3, 3);
            Tensor tap = displacements
                    .permute(0, 1, 4, 2, 3)
                    .add(content)
                    .flatten(0, 1)
                    .contiguous();
            double untrained = Tensors.item(
                    MotionCode.squaredError(readout, tap, displacements).mean());
            readout.parameters()
                    .forEach((name, parameter) ->
                            parameter.value().copy_(name.equals("weight") ? torch.eye(2) : Tensors.zeros(2)));
            Tensor error = MotionCode.squaredError(readout, tap, displacements);
            assertThat(Tensors.shape(error)).containsExactly(2, 4, 3, 3, 2);
            assertThat(Tensors.item(error.max())).isLessThan(1e-10);
            assertThat(untrained).isGreaterThan(0.1);
        }
    }

    @Test
    void impossibleMotionCodesAreRefused() {
        assertThatThrownBy(() -> new MotionCode(-1, 0)).hasMessageContaining("0 (none) to 10");
        assertThatThrownBy(() -> new MotionCode(Double.NaN, 0)).hasMessageContaining("NaN");
        assertThatThrownBy(() -> new MotionCode(1, 1.5)).hasMessageContaining("0 to 1");
        TextToVideoTrainingOptions tiny = TextToVideoTrainingOptions.tiny(folder);
        assertThatThrownBy(() -> new TextToVideoTrainingOptions(
                        "tiny",
                        folder,
                        0,
                        tiny.start(),
                        tiny.order(),
                        false,
                        1,
                        1,
                        1,
                        1,
                        1,
                        1,
                        new MotionCode(1, 0),
                        true,
                        tiny.timeLimit()))
                .hasMessageContaining("recomputation");
    }

    @Test
    void aFolderWithoutAModelIsRefused() {
        assertThatThrownBy(() -> TextToVideoTraining.run(
                        options("third", Optional.of(folder.resolve("nothing"))), progress -> {}))
                .isInstanceOf(ZoetropeException.class)
                .hasMessageContaining("nothing");
    }
}
