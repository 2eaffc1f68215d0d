package dev.zoetrope.vidrd.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.zoetrope.diffusion.denoiser.Conditioning;
import dev.zoetrope.diffusion.model.ModelFamily;
import dev.zoetrope.diffusion.model.ModelSynth;
import dev.zoetrope.diffusion.model.TextToVideoOptions;
import dev.zoetrope.diffusion.model.VideoModel;
import dev.zoetrope.diffusion.sampling.CancellationSignal;
import dev.zoetrope.diffusion.unet.UNet;
import dev.zoetrope.diffusion.unet.UNetConfig.Family;
import dev.zoetrope.tensor.JsonFiles;
import dev.zoetrope.tensor.SafetensorsWriter;
import dev.zoetrope.tensor.SafetensorsWriter.Content;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.SeededGenerator;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.WeightFiles;
import dev.zoetrope.tensor.WeightSource;
import dev.zoetrope.vidrd.LongVideo;
import dev.zoetrope.vidrd.LongVideoListener;
import dev.zoetrope.vidrd.LongVideoOptions;
import dev.zoetrope.vidrd.ReuseOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Inflation, its identities (sheet section 8), and the files of the release. */
class TemporalModelTest {
    @TempDir
    static Path shared;

    @TempDir
    Path temporary;

    private static Path image;
    private static Path inflated;

    @BeforeAll
    static void makeModels() {
        image = shared.resolve("image");
        ModelSynth.write(ModelFamily.SD21, ModelSynth.Options.DEFAULTS.withScale(10), image);
        inflated = shared.resolve("inflated");
        TemporalModel.inflate(image, inflated, TemporalLayout.RELEASED, 1);
    }

    private static Tensor predict(UNet unet, Tensor latents) {
        try (SeededGenerator generator = new SeededGenerator(8)) {
            Tensor context = generator.normal(latents.size(0), 5, unet.contextWidth());
            return unet.predict(latents, Tensors.full(300, latents.size(0)), Conditioning.of(context));
        }
    }

    @Test
    void newTemporalLayersAddNothingToTheImageModel() {
        Path plain = temporary.resolve("plain");
        TemporalModel.inflate(image, plain, new TemporalLayout(32, false, true), 1);
        try (Scope scope = Scope.noGrad();
                VideoModel from = VideoModel.open(image);
                VideoModel without = VideoModel.open(plain);
                VideoModel with = VideoModel.open(inflated);
                SeededGenerator generator = new SeededGenerator(2)) {
            assertThat(with.unetConfig().family()).isEqualTo(Family.VIDRD);
            Tensor one = generator.normal(1, 4, 1, 8, 8);
            Tensor reference = predict(from.denoiser(), one);
            assertThat(largest(predict(without.denoiser(), one).sub(reference))).isZero();
            assertThat(largest(predict(with.denoiser(), one).sub(reference)))
                    .describedAs("the position code stays in the features")
                    .isGreaterThan(1e-3);
            Tensor same = one.expand(1, 4, 3, 8, 8).contiguous();
            assertThat(largest(predict(without.denoiser(), same).sub(reference)))
                    .isLessThan(1e-3);
            Tensor different = generator.normal(1, 4, 3, 8, 8);
            Tensor perFrame = predict(from.denoiser(), different);
            assertThat(largest(predict(without.denoiser(), different).sub(perFrame)))
                    .describedAs("norms see all frames")
                    .isGreaterThan(1e-3);
            Tensor latents = generator.normal(6, 4, 8, 8);
            for (int frames : new int[] {1, 3, 6}) {
                Tensor decoded = with.autoencoder().decode(latents, frames);
                assertThat(largest(decoded.sub(from.autoencoder().decode(latents, 1))))
                        .isZero();
            }
        }
    }

    private static double largest(Tensor x) {
        return Tensors.item(x.abs().max());
    }

    /** A checkpoint as the release has it: prefixed tensors in one file, made of the inflated model. */
    private Path checkpoint(boolean temporal) {
        Map<String, Content> contents = new HashMap<>();
        try (WeightSource unet = WeightFiles.open(inflated.resolve("unet/diffusion_pytorch_model.safetensors"))) {
            for (String name : unet.entries().keySet()) {
                if (temporal || !name.contains("temp_")) {
                    contents.put("unet." + name, Content.of(unet, name));
                }
            }
            Path file = temporary.resolve(temporal ? "ModelT2V.safetensors" : "untrained.safetensors");
            SafetensorsWriter.write(file, contents, Map.of());
            return file;
        }
    }

    private ReleaseConfig config(Path checkpoint) throws IOException {
        Path yaml = temporary.resolve("example.yaml");
        Files.writeString(
                yaml,
                String.join(
                        "\n",
                        "model:",
                        "  pretrained_model_path: " + image,
                        "  ckpt_path: " + checkpoint,
                        "  temporal_vae_path: " + inflated.resolve("vae"),
                        "  guidance_scale: 10.0",
                        "  resolution: 64",
                        "  add_temp_conv: true",
                        "  add_temp_embed: true",
                        "evaluator:",
                        "  seed: 7",
                        "  num_generated_clips: 3",
                        "  extend_overlap_frames: 4",
                        "  extend_noise_recycle: 4",
                        "  extend_denoise_guidance: 0.4",
                        "  prompts: [a red ball, a blue ball]",
                        ""));
        return ReleaseConfig.read(yaml);
    }

    @Test
    void theReleaseBecomesAModelFolder() throws IOException {
        ReleaseConfig config = config(checkpoint(true));
        Path target = temporary.resolve("model");
        TemporalModel.fromRelease(config, target, false, false);
        try (Scope scope = Scope.noGrad();
                VideoModel made = VideoModel.open(target);
                VideoModel expected = VideoModel.open(inflated);
                SeededGenerator generator = new SeededGenerator(2)) {
            assertThat(made.nativeWidth()).isEqualTo(64);
            Tensor latents = generator.normal(1, 4, 2, 8, 8);
            assertThat(largest(predict(made.denoiser(), latents).sub(predict(expected.denoiser(), latents))))
                    .isZero();
        }
        assertThat(config.video(1).generation().seed()).isEqualTo(8);
        assertThat(config.video(1).prompts().prompt(0)).isEqualTo("a blue ball");
        assertThat(config.video(1).reuse()).isEqualTo(ReuseOptions.of(4, 4, 0.4));
        assertThat(config.video(1).clips()).isEqualTo(3);
        assertThatThrownBy(() -> TemporalModel.fromRelease(config, target, false, false))
                .hasMessageContaining("holds a model already");
    }

    @Test
    void missingTemporalTensorsNeedPermission() throws IOException {
        ReleaseConfig config = config(checkpoint(false));
        assertThatThrownBy(() -> TemporalModel.fromRelease(config, temporary.resolve("refused"), false, false))
                .hasMessageContaining("tensors of temporal layers: down_blocks.0.attentions.0")
                .hasMessageContaining("allow that");
        TemporalModel.fromRelease(config, temporary.resolve("allowed"), true, false);
        try (VideoModel model = VideoModel.open(temporary.resolve("allowed"))) {
            assertThat(model.unetConfig().family()).isEqualTo(Family.VIDRD);
        }
    }

    @Test
    void unexpectedTensorsNeedPermission() throws IOException {
        Map<String, Content> contents = new HashMap<>();
        Path whole = checkpoint(true);
        Path file = temporary.resolve("more.safetensors");
        try (WeightSource source = WeightFiles.open(whole)) {
            source.entries().keySet().forEach(name -> contents.put(name, Content.of(source, name)));
            contents.put("unet.extra.weight", Content.of(source, "unet.conv_in.bias"));
            SafetensorsWriter.write(file, contents, Map.of());
        }
        ReleaseConfig config = config(file);
        assertThatThrownBy(() -> TemporalModel.fromRelease(config, temporary.resolve("refused"), false, false))
                .hasMessageContaining("1 tensors that the network does not have: extra.weight");
        TemporalModel.fromRelease(config, temporary.resolve("read"), false, true);
        assertThat(temporary.resolve("read/model_index.json")).exists();
    }

    @Test
    void saysWhenABaseModelDoesNotFit() throws IOException {
        Path model = temporary.resolve("model");
        TemporalModel.fromRelease(config(checkpoint(true)), model, false, false);
        assertThat(notices(model)).isEmpty();
        Path scheduler = model.resolve("scheduler/scheduler_config.json");
        ObjectNode json = (ObjectNode) JsonFiles.read(scheduler);
        JsonFiles.write(scheduler, json.put("prediction_type", "v_prediction"));
        assertThat(notices(model)).singleElement().asString().contains("trained to predict noise");
    }

    /** The autoencoder of an image model decodes frame by frame, which is said. */
    @Test
    void saysWhenTheAutoencoderHasNoTemporalLayers() throws IOException {
        Path model = temporary.resolve("model");
        TemporalModel.inflate(image, model, TemporalLayout.RELEASED, 1);
        replace(model.resolve("vae"), image.resolve("vae"));
        assertThat(notices(model)).singleElement().asString().contains("decoded one by one");
    }

    private static void replace(Path target, Path source) throws IOException {
        for (String name : List.of("config.json", "diffusion_pytorch_model.safetensors")) {
            Files.copy(source.resolve(name), target.resolve(name), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private List<String> notices(Path folder) throws IOException {
        List<String> notices = new ArrayList<>();
        TextToVideoOptions clip =
                TextToVideoOptions.of("a red ball").frames(8).scheduler("ddim").build();
        LongVideoListener listener = new LongVideoListener() {
            @Override
            public void notice(String text) {
                notices.add(text);
            }
        };
        try (VideoModel model = VideoModel.open(folder)) {
            Path work = Files.createTempDirectory(temporary, "work");
            LongVideo.open(model, LongVideoOptions.of(clip).build(), work, listener, new CancellationSignal())
                    .close();
        }
        return notices;
    }

    @Test
    void badConfigurationsNameTheirField() throws IOException {
        Path yaml = temporary.resolve("bad.yaml");
        Files.writeString(yaml, "model:\n  resolution: 100\n");
        assertThatThrownBy(() -> ReleaseConfig.read(yaml)).hasMessageContaining("model.resolution is 100");
        Files.writeString(yaml, "model:\n  resolution: 64\n");
        assertThatThrownBy(() -> ReleaseConfig.read(yaml)).hasMessageContaining("pretrained_model_path is missing");
        Files.writeString(yaml, "model: [\n");
        assertThatThrownBy(() -> ReleaseConfig.read(yaml)).hasMessageContaining("not valid YAML");
    }
}
