package dev.zoetrope.vidrd.training;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.zoetrope.data.CaptionedClips;
import dev.zoetrope.data.ClipSpec;
import dev.zoetrope.data.Grammar;
import dev.zoetrope.data.Split;
import dev.zoetrope.diffusion.autoencoder.AutoencoderConfig;
import dev.zoetrope.diffusion.autoencoder.AutoencoderKL;
import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.SeededGenerator;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.train.ProgressListener;
import dev.zoetrope.train.StepContext;
import dev.zoetrope.train.Trainer;
import dev.zoetrope.train.TrainingOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The loss of the decoder's temporal layers: who learns, and what the discriminator adds. */
class DecoderObjectiveTest {
    private static final CaptionedClips CLIPS =
            CaptionedClips.create(ClipSpec.of(32, 32, 3, 8), Grammar.tiny(), Split.TRAIN, 1);

    @TempDir
    Path temporary;

    private static AutoencoderKL autoencoder() throws IOException {
        String json = "{\"_class_name\":\"TemporalAutoencoderKL\",\"block_out_channels\":[8,8],\"layers_per_block\":1,"
                + "\"norm_num_groups\":4,\"temp_conv_groups\":4,\"add_temp_conv\":true,\"sample_size\":32}";
        AutoencoderKL autoencoder = new AutoencoderKL(AutoencoderConfig.parse(new ObjectMapper().readTree(json)));
        autoencoder.initialise(2);
        return autoencoder;
    }

    private static PatchDiscriminator discriminator() {
        PatchDiscriminator discriminator = new PatchDiscriminator(8);
        discriminator.initialise(3);
        return discriminator;
    }

    private static Map<String, float[]> values(Layer layer) {
        Map<String, float[]> values = new TreeMap<>();
        layer.parameters().forEach((name, parameter) -> values.put(name, Tensors.toFloats(parameter.value())));
        return values;
    }

    @Test
    void onlyTemporalLayersAndTheDiscriminatorLearn() throws IOException {
        try (AutoencoderKL vae = autoencoder();
                PatchDiscriminator critic = discriminator()) {
            Map<String, float[]> before = values(vae);
            Map<String, float[]> criticBefore = values(critic);
            DecoderObjective objective =
                    new DecoderObjective(vae, CLIPS, critic, new DecoderObjective.Options(0.3, OptionalLong.of(1)));
            TrainingOptions options = TrainingOptions.builder(temporary.resolve("run"))
                    .steps(4)
                    .batchSize(1)
                    .warmupSteps(0)
                    .emaDecay(0)
                    .sampleEvery(0)
                    .build();
            Trainer.run(objective, options, ProgressListener.silent());
            values(vae)
                    .forEach((name, after) -> assertThat(Arrays.equals(after, before.get(name)))
                            .describedAs(name)
                            .isEqualTo(!name.contains(".temp_convs.")));
            values(critic)
                    .forEach((name, after) -> assertThat(Arrays.equals(after, criticBefore.get(name)))
                            .describedAs(name)
                            .isFalse());
        }
    }

    /** The decoder's gradient is that of the plain sum of both terms; the discriminator gets only its own. */
    @Test
    void theSurrogateHasTheGradientsOfBothLosses() throws IOException {
        try (AutoencoderKL vae = autoencoder();
                PatchDiscriminator critic = discriminator();
                Scope scope = Scope.withGrad()) {
            Tensor last = leaf(vae, "decoder.up_blocks.1.temp_convs.1.convs.11.weight");
            Tensor score = leaf(critic, "score.weight");
            Map<String, Double> logged = new HashMap<>();
            List<Tensor> with = gradients(vae, critic, OptionalLong.of(0), logged, List.of(last, score));
            List<Tensor> without = gradients(vae, critic, OptionalLong.empty(), new HashMap<>(), List.of(last));
            double added = norm(with.get(0).sub(without.get(0)));
            // weight = 0.5 |rec| / (|disc| + 1e-4), so what is added is a little less than half of the rest.
            double rest = norm(without.get(0));
            assertThat(added).isBetween(0.2 * rest, 0.5 * rest);
            assertThat(norm(with.get(1))).isPositive();
            assertThat(logged).containsKeys("kl", "l1", "frame_difference_l1", "discriminator", "adversarial_weight");
            last.requires_grad_(false);
            score.requires_grad_(false);
        }
    }

    private static Tensor leaf(Layer layer, String name) {
        return requireNonNull(layer.parameters().get(name)).value().requires_grad_(true);
    }

    private static List<Tensor> gradients(
            AutoencoderKL vae,
            PatchDiscriminator critic,
            OptionalLong start,
            Map<String, Double> logged,
            List<Tensor> leaves) {
        DecoderObjective objective = new DecoderObjective(vae, CLIPS, critic, new DecoderObjective.Options(0.3, start));
        try (SeededGenerator generator = new SeededGenerator(4)) {
            return Ops.gradients(objective.loss(new StepContext(0, 0, 1, generator, logged::put)), leaves);
        }
    }

    private static double norm(Tensor x) {
        return Math.sqrt(Tensors.item(x.mul(x).sum()));
    }

    @Test
    void refusesNegativeNoise() {
        assertThatThrownBy(() -> new DecoderObjective.Options(-1, OptionalLong.empty()))
                .hasMessageContaining("latent noise -1.0");
    }
}
