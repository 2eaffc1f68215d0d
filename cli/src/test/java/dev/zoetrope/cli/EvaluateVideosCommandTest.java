package dev.zoetrope.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.zoetrope.diffusion.text.ClipConfig;
import dev.zoetrope.diffusion.text.ClipModel;
import dev.zoetrope.diffusion.text.ClipTokenizer;
import dev.zoetrope.diffusion.text.ClipTokenizerTrainer;
import dev.zoetrope.media.Frame;
import dev.zoetrope.media.VideoOptions;
import dev.zoetrope.media.VideoWriter;
import dev.zoetrope.tensor.JsonFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluateVideosCommandTest {
    private static final String CLIP = """
            {"model_type": "clip", "projection_dim": 8,
             "text_config": {"vocab_size": %d, "bos_token_id": %d, "eos_token_id": %d, "hidden_size": 8,
                "intermediate_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "max_position_embeddings": 16},
             "vision_config": {"hidden_size": 8, "intermediate_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2,
                "image_size": 16, "patch_size": 8}}
            """;

    @TempDir
    private Path folder;

    @BeforeEach
    void write() throws IOException {
        Path clip = folder.resolve("clip");
        try (ClipTokenizer tokenizer = ClipTokenizerTrainer.create(16).train(List.of("red", "blue"), clip)) {
            String text = CLIP.formatted(tokenizer.vocabularySize(), tokenizer.bosId(), tokenizer.eosId());
            Path config = TinyModel.put(clip.resolve("config.json"), text);
            TinyModel.weights(new ClipModel(ClipConfig.read(config)), clip.resolve("model.safetensors"));
        }
        video("real/a.apng", "", 255, 0);
        video("real/b.apng", "", 0, 3);
        video("fake/a.apng", "red", 255, 0);
        video("fake/b.apng", "blue", 0, 40);
    }

    /** Red of {@code level}, and blue that grows with every frame. */
    private void video(String name, String prompt, int level, int step) {
        VideoOptions options = VideoOptions.builder()
                .framesPerSecond(8)
                .metadata("prompt", prompt)
                .build();
        try (VideoWriter writer = VideoWriter.open(folder.resolve(name), options)) {
            for (int f = 0; f < 3; f++) {
                byte[] rgb = new byte[24 * 20 * 3];
                for (int p = 0; p < 24 * 20; p++) {
                    rgb[3 * p] = (byte) level;
                    rgb[3 * p + 2] = (byte) (step * f * (p % 24) / 24);
                }
                writer.write(new Frame(24, 20, rgb, 0));
            }
            writer.finish();
        }
    }

    private Run evaluate(String measures, Object... more) {
        Object[] arguments = {
            "evaluate",
            "videos",
            folder.resolve("real"),
            folder.resolve("fake"),
            "--measures",
            measures,
            "-o",
            folder.resolve("out")
        };
        Object[] all = java.util.Arrays.copyOf(arguments, arguments.length + more.length);
        System.arraycopy(more, 0, all, arguments.length, more.length);
        return Run.of(all);
    }

    private double value(String metric) {
        for (JsonNode result :
                JsonFiles.read(folder.resolve("out/metrics.json")).path("results")) {
            if (result.path("metric").asText().equals(metric)) {
                return result.path("value").asDouble(Double.NaN);
            }
        }
        return Double.NaN;
    }

    @Test
    void alignmentAndConsistency() throws IOException {
        String measures = "clip_text,clip-score,clip-consistency,clip-subject-consistency";
        Run run = evaluate(measures, "--clip", folder.resolve("clip"));
        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.out()).contains("clip_text", "clip_score", "clip_consistency", "clip_subject_consistency");
        double fromFiles = value("clip_text");
        assertThat(fromFiles).isBetween(-1.0, 1.0);
        // One of the two videos is still, the other not quite.
        assertThat(value("clip_consistency")).isBetween(0.0, 1 - 1e-9);

        Files.writeString(folder.resolve("fake/metadata.jsonl"), """
                        {"file": "a.apng", "caption": "blue"}
                        {"file": "b.apng", "caption": "red"}
                        """);
        assertThat(evaluate("clip-text", "--clip", folder.resolve("clip")).status())
                .isZero();
        assertThat(value("clip_text")).isNotNaN().isNotEqualTo(fromFiles);
    }

    @Test
    void statisticsAreSavedAndUsed() {
        Path file = folder.resolve("real.safetensors");
        Run saving = evaluate("flicker,motion", "--window", 2, "--save-stats", file);
        assertThat(saving.status()).as(saving.err()).isZero();
        assertThat(saving.out()).contains("real.safetensors");
        double distance = value("speed_bm_distance");
        assertThat(distance).isPositive();
        Object[] again = {"evaluate", "videos", file, folder.resolve("fake"), "--measures", "flicker,motion", "--window"
        };
        Run using = Run.of(Stream.concat(Stream.of(again), Stream.of(2, "-o", folder.resolve("out")))
                .toArray());
        assertThat(using.status()).as(using.err()).isZero();
        assertThat(using.out()).contains("statistics of 2 real videos");
        assertThat(value("speed_bm_distance")).isEqualTo(distance);
        Run other = Run.of(Stream.concat(Stream.of(again), Stream.of(3)).toArray());
        assertThat(other.status()).isEqualTo(2);
        assertThat(other.err()).contains("made with frames \"2\", asked for is \"3\"");
    }

    @Test
    void badInputIsRefused() throws IOException {
        assertThat(evaluate("flicker", "--bootstrap", 7).err()).contains("bootstrap is 7, expected 100 to 100000");
        assertThat(evaluate("flicker", "--window", 2, "--bootstrap", 100).err()).contains("at least 10 videos, got 2");
        Run without = evaluate("clip-text");
        assertThat(without.status()).isEqualTo(3);
        assertThat(without.err()).contains("clip-text is unavailable: needs the folder of a CLIP model");
        assertThat(evaluate("clip-text", "--clip", folder.resolve("real")).err())
                .contains("config.json does not exist");

        video("fake/c.apng", "", 9, 9);
        assertThat(evaluate("clip-text", "--clip", folder.resolve("clip")).err())
                .contains("1 of 3 videos", "c.apng", "metadata.jsonl");
        Files.writeString(folder.resolve("fake/c.txt"), "red ".repeat(20));
        Run tooLong = evaluate("clip-text", "--clip", folder.resolve("clip"));
        assertThat(tooLong.err()).contains("c.apng", "20 tokens, this CLIP model reads 14");
        assertThat(folder.resolve("out")).doesNotExist();
        assertThat(evaluate("clip-text", "--clip", folder.resolve("clip"), "--truncate-prompts")
                        .status())
                .isZero();
    }
}
