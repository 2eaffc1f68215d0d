package dev.zoetrope.diffusion.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.zoetrope.diffusion.text.ClipConfig;
import dev.zoetrope.diffusion.text.ClipImageProcessor;
import dev.zoetrope.media.Frame;
import dev.zoetrope.metrics.EmbeddingScores;
import dev.zoetrope.tensor.ErrorCode;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Sha256;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.WeightFiles;
import dev.zoetrope.tensor.WeightSource;
import dev.zoetrope.tensor.ZoetropeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The reference's tiny CLIP model behind files in the published layout. */
class ClipFrameEmbedderTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden/clip-joint");
    private static final int WIDTH = 10;
    private static final int SIDE = 32;
    /** The reference's pixels lie in this range; a picture of bytes can hold them to half a step. */
    private static final double LOW = -3.5;

    private static final double HIGH = 4.3;

    @TempDir
    private Path folder;

    /** One word a token of the reference's texts: the n-th text is made of letters in order. */
    @BeforeEach
    void write() throws IOException {
        for (String file : new String[] {"config.json", "model.safetensors"}) {
            Files.copy(GOLDEN.resolve(file), folder.resolve(file));
        }
        StringBuilder vocabulary = new StringBuilder("{");
        char letter = 'a';
        for (long[] text : texts()) {
            for (long id : text) {
                if (id < 998) {
                    vocabulary.append("\"%s</w>\": %d, ".formatted(letter++, id));
                }
            }
        }
        put("vocab.json", vocabulary + "\"<|startoftext|>\": 998, \"<|endoftext|>\": 999}");
        put("merges.txt", "#version: 0.2\n");
    }

    private void put(String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text);
    }

    private static double[] golden(String name) {
        try (WeightSource io = WeightFiles.open(GOLDEN.resolve("io.safetensors"))) {
            return Tensors.readDoubles(io, "similarity." + name);
        }
    }

    private static long[][] texts() {
        try (WeightSource io = WeightFiles.open(GOLDEN.resolve("io.safetensors"));
                Scope scope = Scope.noGrad()) {
            long[] ids = Tensors.toLongs(Tensors.read(io, "similarity.in.input_ids"));
            return new long[][] {
                Arrays.copyOf(ids, 12), Arrays.copyOfRange(ids, 12, 24), Arrays.copyOfRange(ids, 24, 36)
            };
        }
    }

    private static double[] part(double[] values, int index) {
        return Arrays.copyOfRange(values, index * WIDTH, (index + 1) * WIDTH);
    }

    /** The words that the vocabulary of {@link #write} makes the n-th text of. */
    private static String prompt(int index) {
        int tokens = 0;
        int before = 0;
        long[][] texts = texts();
        for (int i = 0; i <= index; i++) {
            before += tokens;
            tokens = (int) Arrays.stream(texts[i]).filter(id -> id < 998).count();
        }
        StringBuilder words = new StringBuilder();
        for (int i = 0; i < tokens; i++) {
            words.append((char) ('a' + before + i)).append(' ');
        }
        return words.toString();
    }

    private static Frame goldenPicture(int index) {
        double[] values = golden("in.pixel_values");
        byte[] rgb = new byte[3 * SIDE * SIDE];
        for (int p = 0; p < SIDE * SIDE; p++) {
            for (int c = 0; c < 3; c++) {
                double value = values[(3 * index + c) * SIDE * SIDE + p];
                rgb[3 * p + c] = (byte) Math.round(255 * (value - LOW) / (HIGH - LOW));
            }
        }
        return new Frame(SIDE, SIDE, rgb, 0);
    }

    private void useRangeOfTheReference() throws IOException {
        double std = 1 / (HIGH - LOW);
        double mean = -LOW * std;
        put(
                "preprocessor_config.json",
                "{\"size\": {\"shortest_edge\": 32}, \"crop_size\": 32, \"image_mean\": [%1$s, %1$s, %1$s],"
                                .formatted(mean)
                        + " \"image_std\": [%1$s, %1$s, %1$s]}".formatted(std));
    }

    @Test
    void textsAndCosinesOfTheReference() throws IOException {
        useRangeOfTheReference();
        double[] texts = golden("out.text_embeds");
        double[] pictures = golden("out.image_embeds");
        try (ClipFrameEmbedder clip = ClipFrameEmbedder.open(folder, false)) {
            for (int t = 0; t < 3; t++) {
                double[] text = clip.text(prompt(t));
                assertThat(text).containsExactly(part(texts, t), within(1e-5));
                for (int i = 0; i < 2; i++) {
                    double expected = EmbeddingScores.cosine(part(pictures, i), part(texts, t));
                    assertThat(EmbeddingScores.cosine(clip.picture(goldenPicture(i)), text))
                            .isCloseTo(expected, within(5e-3));
                }
            }
        }
    }

    @Test
    void aStillClipIsConsistentAndAnotherPromptScoresOtherwise() {
        try (ClipFrameEmbedder clip = ClipFrameEmbedder.open(folder, false)) {
            EmbeddingScores right = new EmbeddingScores(clip.text(prompt(0)));
            EmbeddingScores other = new EmbeddingScores(clip.text(prompt(1)));
            for (int f = 0; f < 3; f++) {
                right.add(clip.picture(goldenPicture(0)));
                other.add(clip.picture(goldenPicture(0)));
            }
            assertThat(right.consistency()).isCloseTo(1, within(1e-6));
            assertThat(right.subjectConsistency()).isCloseTo(1, within(1e-6));
            assertThat(Math.abs(right.textAlignment() - other.textAlignment())).isGreaterThan(1e-2);
            right.add(clip.picture(goldenPicture(1)));
            assertThat(right.consistency()).isLessThan(0.999);
        }
    }

    @Test
    void picturesAreResizedCroppedAndNormalised() {
        ClipImageProcessor processor = ClipImageProcessor.read(
                folder, ClipConfig.read(folder.resolve("config.json")).vision());
        // Grey in the middle; the margins, which the crop must take away, are white.
        byte[] rgb = new byte[3 * 128 * 40];
        for (int i = 0; i < rgb.length; i++) {
            int x = i / 3 % 128;
            rgb[i] = (byte) (x < 30 || x >= 98 ? 255 : 102);
        }
        try (Scope scope = Scope.noGrad()) {
            double[] values = Tensors.toDoubles(processor.apply(new Frame(128, 40, rgb, 0)));
            assertThat(values).hasSize(3 * SIDE * SIDE);
            double[] expected = {
                (0.4 - 0.48145466) / 0.26862954, (0.4 - 0.4578275) / 0.26130258, (0.4 - 0.40821073) / 0.27577711
            };
            for (int i = 0; i < values.length; i++) {
                assertThat(values[i]).isCloseTo(expected[i / (SIDE * SIDE)], within(1e-6));
            }
        }
    }

    @Test
    void namesWeightsAndPreprocessing() throws IOException {
        String plain;
        try (ClipFrameEmbedder clip = ClipFrameEmbedder.open(folder, false)) {
            plain = clip.name();
            assertThat(plain).contains(Sha256.of(folder.resolve("model.safetensors")), "patch 8", "shorter side 32");
        }
        useRangeOfTheReference();
        try (ClipFrameEmbedder clip = ClipFrameEmbedder.open(folder, true)) {
            assertThat(clip.name()).isNotEqualTo(plain).contains("truncated");
        }
    }

    @Test
    void longPromptsAreRefusedOrCut() {
        String longest = "a ".repeat(75);
        String tooLong = "a ".repeat(80);
        try (ClipFrameEmbedder clip = ClipFrameEmbedder.open(folder, false);
                ClipFrameEmbedder cutting = ClipFrameEmbedder.open(folder, true)) {
            clip.checkText(longest);
            assertThatThrownBy(() -> clip.checkText(tooLong))
                    .hasMessageContaining("80 tokens, this CLIP model reads 75");
            assertThat(cutting.text(tooLong)).isEqualTo(clip.text(longest));
        }
    }

    @Test
    void foldersThatAreNoClipModelAreRefused() throws IOException {
        assertThatThrownBy(() -> ClipFrameEmbedder.open(folder.resolve("nowhere"), false))
                .hasMessageContaining("is not a folder");
        put("preprocessor_config.json", "{\"resample\": 2}");
        refused("resample is 2, expected 3, bicubic");
        put("preprocessor_config.json", "{\"crop_size\": {\"height\": 24, \"width\": 24}}");
        refused("expected 32, the model's image_size");
        put("preprocessor_config.json", "{\"image_std\": [0, 1, 1]}");
        refused("three numbers above 0");
        Files.delete(folder.resolve("preprocessor_config.json"));
        Files.delete(folder.resolve("merges.txt"));
        refused("has no tokenizer");
        put("merges.txt", "#version: 0.2\n");
        Files.delete(folder.resolve("model.safetensors"));
        refused("no weights found");
        String config = Files.readString(folder.resolve("config.json"));
        put("config.json", config.replace("\"model_type\": \"clip\"", "\"model_type\": \"siglip\""));
        refused("model_type \"siglip\"");
        put("config.json", "{\"model_type\": \"clip_text_model\"}");
        refused("text_config and vision_config");
    }

    @Test
    void filesOfDifferentModelsAreRefused() throws IOException {
        String config = Files.readString(folder.resolve("config.json"));
        put("config.json", config.replace("\"projection_dim\": 10", "\"projection_dim\": 12"));
        mismatch("text_projection.weight is [10, 8], expected [12, 8]");
        put("config.json", config.replace("\"vocab_size\": 1000", "\"vocab_size\": 900"));
        mismatch("the tokenizer has 1000 tokens, the model knows 900");
    }

    private void mismatch(String message) {
        try (ClipFrameEmbedder clip = ClipFrameEmbedder.open(folder, false)) {
            assertThatThrownBy(clip::load)
                    .hasMessageContaining(message)
                    .satisfies(
                            e -> assertThat(((ZoetropeException) e).code()).isEqualTo(ErrorCode.CHECKPOINT_MISMATCH));
        }
    }

    private void refused(String message) {
        assertThatThrownBy(() -> ClipFrameEmbedder.open(folder, false)).hasMessageContaining(message);
    }
}
