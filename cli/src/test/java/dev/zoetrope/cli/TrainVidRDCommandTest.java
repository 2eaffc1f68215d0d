package dev.zoetrope.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.zoetrope.media.Frame;
import dev.zoetrope.media.Images;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From pictures to a trained model, through the commands. */
class TrainVidRDCommandTest {
    @TempDir
    static Path folder = Path.of("");

    private static Path model = Path.of("");

    @BeforeAll
    static void compose() throws IOException {
        model = TinyModel.write(folder.resolve("model"));
        for (int i = 0; i < 3; i++) {
            byte[] rgb = new byte[3 * 40 * 32];
            for (int p = 0; p < rgb.length; p++) {
                rgb[p] = (byte) (p * (i + 1) % 251);
            }
            Files.createDirectories(folder.resolve("stills/red circle"));
            Images.writePng(folder.resolve("stills/red circle/" + i + ".png"), new Frame(40, 32, rgb, 0));
        }
        assertThat(compose("set", "16x16", 4).status()).isZero();
    }

    private static Run compose(String out, String size, int frames) {
        return Run.of(
                "data",
                "compose",
                "--stills",
                folder.resolve("stills"),
                "--size",
                size,
                "--frames",
                frames,
                "-o",
                folder.resolve(out));
    }

    private static Run train(String what, String data, String out) {
        return Run.of(
                "train",
                what,
                "-m",
                model,
                "--steps",
                2,
                "--batch-size",
                1,
                "--frames",
                4,
                "--data",
                folder.resolve(data),
                "-o",
                folder.resolve(out));
    }

    /** Equal bytes of the weights of a trained part. */
    private static byte[] weights(String out, String part) throws IOException {
        return Files.readAllBytes(
                folder.resolve(out).resolve("model/" + part + "/diffusion_pytorch_model.safetensors"));
    }

    @Test
    void theUNetLearnsFromAComposedSet() throws IOException {
        Run run = train("vidrd", "set", "unet-run");
        assertThat(run.status()).as(run.err()).isZero();
        Run generated = Run.of(
                "generate",
                "a red circle",
                "-m",
                folder.resolve("unet-run/model"),
                "--frames",
                4,
                "--steps",
                2,
                "-o",
                folder.resolve("a.png"));
        assertThat(generated.status()).as(generated.err()).isZero();

        // Another set, another model: the clips are what it learns from.
        assertThat(compose("longer", "16x16", 6).status()).isZero();
        assertThat(train("vidrd", "longer", "other-run").status()).isZero();
        assertThat(weights("other-run", "unet")).isNotEqualTo(weights("unet-run", "unet"));
    }

    @Test
    void theDecoderLearnsFromAComposedSet() throws IOException {
        Run run = train("vidrd-decoder", "set", "decoder-run");
        assertThat(run.status()).as(run.err()).isZero();
        assertThat(weights("decoder-run", "vae")).isNotEmpty();
    }

    @Test
    void setsThatDoNotFitAreRefused() throws IOException {
        assertThat(compose("large", "32x16", 4).status()).isZero();
        Run large = train("vidrd", "large", "refused");
        assertThat(large.status()).isEqualTo(2);
        assertThat(large.err()).contains("000000-stills.png has 32x16 pixels, the model takes 16x16", "--size 16x16");

        assertThat(compose("short", "16x16", 3).status()).isZero();
        assertThat(train("vidrd-decoder", "short", "refused").err())
                .contains(
                        "000000-stills.png has 3 frames, training takes 4", "--frames 4 or more, or train with fewer");

        assertThat(train("vidrd", "stills", "refused").err()).contains("stills is no training set", "data compose");
        Files.createDirectories(folder.resolve("empty"));
        Files.writeString(folder.resolve("empty/metadata.jsonl"), "\n");
        assertThat(train("vidrd", "empty", "refused").err()).contains("metadata.jsonl names no clip");
        assertThat(folder.resolve("refused")).doesNotExist();
    }
}
