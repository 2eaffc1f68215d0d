package dev.zoetrope.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.zoetrope.media.VideoReader;
import dev.zoetrope.tensor.JsonFiles;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GenerateCommandTest {
    @TempDir
    Path folder = Path.of("");

    private Path model = Path.of("");

    @BeforeEach
    void makeModel() throws IOException {
        model = TinyModel.write(folder.resolve("model"));
    }

    private Run generate(Object... arguments) {
        Object[] fixed = {"generate", "-m", model, "--steps", 2, "--frames", 3};
        return Run.of(Stream.concat(Stream.of(fixed), Stream.of(arguments)).toArray());
    }

    @Test
    void oneSentenceOneFile() {
        Path out = folder.resolve("new/clip.png");
        Run run = generate("a red circle", "-o", out, "--seed", 5, "--sheet", "--save-latents");
        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.out()).contains("clip.png", "clip.sheet.png", "clip.latents.safetensors");
        assertThat(VideoReader.readAll(out, 10)).hasSize(3);
        Run info = Run.of("info", out);
        assertThat(info.out())
                .contains("16x16", "prompt         a red circle", "seed           5", "model_sha256", "command")
                .contains("generate -m");
        Run tensors = Run.of("info", "--tensors", folder.resolve("new/clip.latents.safetensors"));
        assertThat(tensors.out()).contains("latents  F32  [1, 4, 3, 8, 8]");
        assertThat(folder.resolve("new").toFile().list()).hasSize(3);
    }

    @Test
    void aFolderOfClipsIsContinued() throws IOException {
        Path prompts = folder.resolve("prompts.txt");
        Files.writeString(prompts, "# wishes\na red circle\n\n{\"prompt\": \"up\", \"seed\": 40}\nmoves\nred\n");
        Path out = folder.resolve("clips");
        Object[] arguments = {"--prompts", prompts, "-o", out, "--format", "png", "--batch-size", 2};
        assertThat(generate(arguments).status()).isZero();
        Path first = out.resolve("000-a-red-circle.png");
        Path second = out.resolve("001-up.png");
        byte[] made = Files.readAllBytes(second);
        Files.setLastModifiedTime(first, FileTime.fromMillis(1000));
        Files.delete(second);
        Files.writeString(out.resolve("003-red.png"), "half a file");
        Run again = generate(arguments);
        assertThat(again.status()).isZero();
        assertThat(again.err()).contains("2 of 4 clips are there already");
        assertThat(Files.getLastModifiedTime(first)).isEqualTo(FileTime.fromMillis(1000));
        assertThat(Files.readAllBytes(second)).isEqualTo(made);
        assertThat(out.resolve("sheet.png")).exists();
        assertThat(generate(Stream.concat(Stream.of(arguments), Stream.of("--guidance", "3"))
                                .toArray())
                        .err())
                .as("other settings, other clips")
                .doesNotContain("already");
    }

    @Test
    void aBatchGivesWhatItsPromptsGiveOneByOne() throws IOException {
        for (int size : new int[] {1, 3}) {
            Run run = generate(
                    "a",
                    "red",
                    "circle",
                    "-o",
                    folder.resolve("b" + size),
                    "--batch-size",
                    size,
                    "--save-latents",
                    "--no-sheet");
            assertThat(run.status()).as(run.err()).isZero();
            assertThat(folder.resolve("b" + size).resolve("sheet.png")).doesNotExist();
        }
        try (Scope scope = Scope.noGrad()) {
            for (String name : new String[] {"000-a", "001-red", "002-circle"}) {
                float[] one = Tensors.toFloats(LatentFile.read(folder.resolve("b1/" + name + ".latents.safetensors")));
                float[] three =
                        Tensors.toFloats(LatentFile.read(folder.resolve("b3/" + name + ".latents.safetensors")));
                for (int i = 0; i < one.length; i++) {
                    assertThat(Math.abs(one[i] - three[i])).isLessThan(1e-4f * Math.max(1, Math.abs(one[i])));
                }
            }
        }
    }

    @Test
    void startsFromGivenNoise() {
        Path noise = folder.resolve("noise.safetensors");
        try (Scope scope = Scope.noGrad()) {
            LatentFile.write(noise, Tensors.full(0.5, 1, 4, 3, 8, 8), Map.of());
            LatentFile.write(folder.resolve("wrong.safetensors"), Tensors.zeros(1, 4, 2, 8, 8), Map.of());
        }
        assertThat(generate("a", "-o", folder.resolve("n.png"), "--latents", noise)
                        .status())
                .isZero();
        Run wrong = generate("a", "-o", folder.resolve("w.png"), "--latents", folder.resolve("wrong.safetensors"));
        assertThat(wrong.status()).isEqualTo(2);
        assertThat(wrong.err()).contains("[1, 4, 2, 8, 8]", "[1, 4, 3, 8, 8]");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--steps 0|at least 1",
                "--steps 1001|1 to 1000",
                "--steps many|many",
                "--guidance -1|at least 0",
                "--guidance-rescale 2|0 to 1",
                "--eta 1.5|0 (deterministic) to 1",
                "--scheduler nonsense|dpm++2m",
                "--size 17x16|nearest sizes are 16 and 18",
                "--size 16|WIDTHxHEIGHT",
                "--frames 0|at least 1",
                "--fps 0|above 0",
                "--clip-skip 2|2 layers",
                "--batch-size 0|between 1 and 1024",
                "--format avi|mp4, webm",
                "--decode-chunk -1|at least 1",
                "--free-init 11|1 to 10",
                "--prompts nowhere.txt|does not exist",
                "--eta 0.5 --scheduler euler|only the scheduler ddim",
            })
    void badOptionsAreRefusedWithAdvice(String options, String expected) {
        Run run = Run.of(Stream.concat(
                        Stream.of(
                                "generate",
                                "a red circle",
                                "-m",
                                model.toString(),
                                "-o",
                                folder.resolve("x.mp4").toString()),
                        Stream.of(options.split(" ")))
                .toArray());
        assertThat(run.status()).as(run.err()).isEqualTo(2);
        assertThat(run.err()).contains(expected).doesNotContain("\tat ");
        assertThat(folder.resolve("x.mp4")).doesNotExist();
    }

    @Test
    void badPathsAreRefused() {
        assertThat(Run.of("generate", "a", "-m", model, "-o", "clip.avi").err()).contains(".mp4, .webm");
        assertThat(Run.of("generate", "a", "-m", model, "-o", folder).err()).contains("is a folder");
        assertThat(Run.of("generate", "a", "b", "-m", model, "-o", "x.mp4").err())
                .contains("need a folder");
        assertThat(Run.of("generate", "a", "-m", folder.resolve("nowhere")).err())
                .contains("does not exist");
        assertThat(Run.of("generate", "a", "-m", folder).err()).contains("model_index.json");
        assertThat(Run.of("generate").err()).contains("a prompt is missing");
    }

    @Test
    void badModelsAreRefused() throws IOException {
        Path weights = model.resolve("unet/diffusion_pytorch_model.safetensors");
        byte[] good = Files.readAllBytes(weights);
        Files.writeString(weights, "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n");
        assertRefused(2, "pointer");
        Files.write(weights, java.util.Arrays.copyOf(good, good.length / 2));
        assertRefused(3, "diffusion_pytorch_model.safetensors");
        String text = new String(good, StandardCharsets.ISO_8859_1).replaceFirst("conv_in\\.bias", "conv_on.bias");
        Files.write(weights, text.getBytes(StandardCharsets.ISO_8859_1));
        assertRefused(3, "conv_on.bias");
        Files.write(weights, good);
        edit("unet/config.json", json -> json.put("cross_attention_dim", 12));
        assertRefused(3, "context width 8, U-Net expects 12");
        edit("unet/config.json", json -> json.put("cross_attention_dim", 8));
        edit("scheduler/scheduler_config.json", json -> json.put("beta_schedule", "nonsense"));
        assertRefused(2, "scaled_linear");
        edit("scheduler/scheduler_config.json", json -> json.put("beta_schedule", "scaled_linear"));
        assertThat(Run.of("models", "verify", "-m", model).out()).contains("every weight is in its place");
    }

    private void edit(String file, java.util.function.Consumer<ObjectNode> change) {
        ObjectNode json = (ObjectNode) JsonFiles.read(model.resolve(file));
        change.accept(json);
        JsonFiles.write(model.resolve(file), json);
    }

    private void assertRefused(int status, String message) {
        Run run = generate("a", "-o", folder.resolve("y.mp4"));
        assertThat(run.err()).contains(message).doesNotContain("\tat ");
        assertThat(run.status()).isEqualTo(status);
        assertThat(folder.resolve("y.mp4")).doesNotExist();
    }

    @Test
    void longEmptyAndForeignPromptsWork() {
        Run run = generate("", "🎈 圆", "red ".repeat(60), "-o", folder.resolve("odd"), "--no-sheet");
        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.err()).contains("the model reads the first 14");
    }

    @Test
    void plansAndInspects() {
        Run plan = Run.of("plan", "-m", model, "--frames", 3);
        assertThat(plan.status()).as(plan.err()).isZero();
        assertThat(plan.out()).contains("unet", "a step", "forecast");
        assertThat(Run.of("plan", "-m", model, "--no-probe").out()).doesNotContain("forecast");
        assertThat(Run.of("models", "inspect", model).out()).contains("UNet3DConditionModel", "16x16");
        assertThat(Run.of("models", "list", "--models-dir", folder).out()).contains("own      model");
    }

    @Test
    void measuresAndShows() {
        Path results = folder.resolve("results");
        Run run =
                Run.of("evaluate", "attributes", "-m", model, "--steps", 1, "-n", 4, "--size", "32x32", "-o", results);
        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.out()).contains("captions permuted", "rendered clips");
        assertThat(results.toFile().list()).contains("attributes.md", "attributes.json", "attributes.png");
        Run demo = Run.of("demo", "-m", model, "--steps", 1, "--frames", 2, "-o", folder.resolve("demo"));
        assertThat(demo.status()).as(demo.err()).isZero();
        assertThat(folder.resolve("demo/index.html"))
                .content()
                .contains("scheduler-unipc.webp")
                .doesNotContain("http");
    }
}
