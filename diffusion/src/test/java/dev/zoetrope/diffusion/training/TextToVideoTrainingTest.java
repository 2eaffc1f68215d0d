package dev.zoetrope.diffusion.training;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.zoetrope.diffusion.autoencoder.AutoencoderKL;
import dev.zoetrope.diffusion.model.TextToVideo;
import dev.zoetrope.diffusion.model.TextToVideoOptions;
import dev.zoetrope.diffusion.model.VideoModel;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
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

    private static TextToVideoTrainingOptions options(String run, Optional<Path> start) {
        return new TextToVideoTrainingOptions(
                "tiny", folder.resolve(run), 3, start, 1, 2, 300, 1, 1, 24, Optional.empty());
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

    private static Map<String, Integer> values(AutoencoderKL autoencoder) {
        return autoencoder.parameters().entrySet().stream()
                .collect(toMap(
                        Map.Entry::getKey,
                        e -> Arrays.hashCode(Tensors.toFloats(e.getValue().value()))));
    }

    @Test
    void aFolderWithoutAModelIsRefused() {
        assertThatThrownBy(() -> TextToVideoTraining.run(
                        options("third", Optional.of(folder.resolve("nothing"))), progress -> {}))
                .isInstanceOf(ZoetropeException.class)
                .hasMessageContaining("nothing");
    }
}
