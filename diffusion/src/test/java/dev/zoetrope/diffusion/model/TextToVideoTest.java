package dev.zoetrope.diffusion.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.zoetrope.diffusion.autoencoder.FrameEncoder;
import dev.zoetrope.diffusion.sampling.LatentSource;
import dev.zoetrope.diffusion.scheduler.Schedulers;
import dev.zoetrope.media.Clip;
import dev.zoetrope.media.Frame;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class TextToVideoTest {
    private static final List<String> PROMPTS = List.of("a red ball", "", "two cats", "\uD83D\uDE00 \u732B");

    private static VideoModel model;
    private static TextToVideo pipeline;

    @BeforeAll
    static void open() {
        model = TestModels.modelScope();
        pipeline = new TextToVideo(model);
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static TextToVideoOptions.Builder options(String... prompts) {
        return TextToVideoOptions.of(prompts).steps(3).frames(2).size(16, 16);
    }

    private static float[] latents(TextToVideoOptions.Builder options) {
        try (Scope scope = Scope.noGrad()) {
            return Tensors.toFloats(pipeline.generate(options.build()));
        }
    }

    /** Equal within 1e-5 of the largest value: random weights with guidance 9 make latents of about 8. */
    private static void assertClose(float[] actual, float[] expected) {
        float largest = 1;
        float difference = 0;
        for (int i = 0; i < expected.length; i++) {
            largest = Math.max(largest, Math.abs(expected[i]));
            difference = Math.max(difference, Math.abs(actual[i] - expected[i]));
        }
        assertThat(difference).isLessThanOrEqualTo(1e-5f * largest);
    }

    @Test
    void batchOfFourEqualsFourSingles() {
        try (Scope scope = Scope.noGrad()) {
            Tensor batch = pipeline.generate(
                    options(PROMPTS.toArray(new String[0])).seed(10).build());
            for (int i = 0; i < PROMPTS.size(); i++) {
                float[] single = latents(options(PROMPTS.get(i)).seed(10 + i));
                assertClose(Tensors.toFloats(Ops.slice(batch, 0, i, i + 1L)), single);
            }
        }
    }

    @Test
    void sameSeedSameBytes() {
        float[] first = latents(options("a red ball").seed(3));
        assertThat(latents(options("a red ball").seed(3))).containsExactly(first);
        assertThat(latents(options("a red ball").seed(4))).isNotEqualTo(first);
        assertThat(latents(options("a blue ball").seed(3))).isNotEqualTo(first);
    }

    @Test
    void lowMemoryGivesTheSame() {
        float[] plain = latents(options("a red ball", "two cats"));
        assertClose(latents(options("a red ball", "two cats").lowMemory(true)), plain);
    }

    @Test
    void everySchedulerMakesAClip() {
        for (String name : Schedulers.names()) {
            if (!name.equals("ddim-inverse")) {
                assertThat(latents(options("a red ball").steps(4).scheduler(name)))
                        .hasSize(4 * 2 * 8 * 8);
            }
        }
        assertThat(latents(options("a red ball").eta(1))).isNotEqualTo(latents(options("a red ball")));
    }

    @Test
    void optionsChangeTheResult() {
        float[] plain = latents(options("a red ball"));
        assertThat(latents(options("a red ball").guidanceScale(2))).isNotEqualTo(plain);
        assertThat(latents(options("a red ball").guidanceScale(9))).containsExactly(plain);
        assertThat(latents(options("a red ball").guidanceRescale(0.7))).isNotEqualTo(plain);
        assertThat(latents(options("a red ball").clipSkip(1))).isNotEqualTo(plain);
        assertThat(latents(options("a red ball").negativePrompt("blur"))).isNotEqualTo(plain);
        assertThat(latents(options("a red ball").freeInitIterations(2))).isNotEqualTo(plain);
    }

    @Test
    void makesAClipOrAStreamOfFrames() {
        TextToVideoOptions options = options("a red ball").fps(4).decodeChunk(1).build();
        try (Scope scope = Scope.noGrad();
                Clip clip = pipeline.generateClip(options)) {
            assertThat(clip.frameCount()).isEqualTo(2);
            assertThat(clip.fps()).isEqualTo(4);
            List<Frame> frames = new ArrayList<>();
            pipeline.decode(pipeline.generate(options), 0, options, frames::add);
            assertThat(frames).hasSize(2);
            assertThat(frames.get(1).rgb()).isEqualTo(clip.frame(1).rgb());
            assertThat(frames.get(1).timeSeconds()).isEqualTo(0.25);
        }
    }

    @Test
    void startsFromAClip() {
        TextToVideoOptions options = options("a red ball").steps(10).build();
        try (Scope scope = Scope.noGrad();
                Clip clip = Clip.of(Tensors.full(0.5, 2, 3, 16, 16), 8)) {
            Tensor clean = new FrameEncoder(model.autoencoder()).encode(clip);
            double weak = distance(clean, options, 0.1);
            double strong = distance(clean, options, 1);
            assertThat(weak).isLessThan(strong);
        }
    }

    private static double distance(Tensor clean, TextToVideoOptions options, double strength) {
        Tensor result = pipeline.generate(options, List.of(), LatentSource.noised(clean, strength));
        return Tensors.item(result.sub(clean).abs().mean());
    }

    @Test
    void defaultsComeFromTheModel() {
        TextToVideoSettings modelScope =
                pipeline.settings(TextToVideoOptions.of("x").build());
        assertThat(modelScope.guidance().scale()).isEqualTo(9);
        assertThat(modelScope.latentShape(2)).containsExactly(2, 4, 16, 8, 8);
        try (VideoModel animateDiff = TestModels.animateDiff()) {
            TextToVideo other = new TextToVideo(animateDiff);
            assertThat(other.settings(TextToVideoOptions.of("x").build())
                            .guidance()
                            .scale())
                    .isEqualTo(7.5);
            assertThatThrownBy(() ->
                            other.settings(TextToVideoOptions.of("x").frames(17).build()))
                    .hasMessageContaining("limit is 16");
        }
    }

    @Test
    void badOptionsAreNamed() {
        assertThatThrownBy(() -> pipeline.settings(options("x").size(17, 16).build()))
                .hasMessageContaining("width: 17")
                .hasMessageContaining("16 and 18");
        assertThatThrownBy(() -> pipeline.settings(options("x").steps(1001).build()))
                .hasMessageContaining("1 to 1000");
        assertThatThrownBy(() -> pipeline.settings(
                        options("x").scheduler("euler").eta(0.5).build()))
                .hasMessageContaining("eta");
        assertThatThrownBy(() -> pipeline.settings(options("x").clipSkip(2).build()))
                .hasMessageContaining("0 to 1");
        assertThatThrownBy(() -> options("x").steps(0).build()).hasMessageContaining("steps: 0");
        assertThatThrownBy(() -> options("x").guidanceScale(-1).build()).hasMessageContaining("guidance scale: -1.0");
        assertThatThrownBy(() -> options("x").scheduler("heun").build()).hasMessageContaining("dpm++2m");
        assertThatThrownBy(() -> options().build()).hasMessageContaining("prompts");
        assertThatThrownBy(() -> options("x").eta(2).build()).hasMessageContaining("eta: 2.0");
        assertThatThrownBy(() -> pipeline.generateClip(options("x", "y").build()))
                .hasMessageContaining("2 prompts");
    }

    @Test
    void longPromptsAreNoticed() {
        assertThat(pipeline.notices(options("a cat").build())).isEmpty();
        assertThat(pipeline.notices(options("cat ".repeat(90)).build()))
                .singleElement()
                .asString()
                .contains("90 tokens, the model reads the first 75");
    }
}
