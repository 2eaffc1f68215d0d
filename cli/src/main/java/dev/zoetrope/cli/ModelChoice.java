package dev.zoetrope.cli;

import dev.zoetrope.diffusion.model.ModelOptions;
import dev.zoetrope.diffusion.model.ModelOptions.Lora;
import dev.zoetrope.diffusion.model.VideoModel;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Which model: the options every command with a model has. */
final class ModelChoice {
    private static final String PRESET = "tiny-text-to-video";

    @Option(
            names = {"-m", "--model"},
            paramLabel = "DIR",
            description =
                    "Model folder in the published layout (with model_index.json), the name of one in"
                            + " ZOETROPE_MODELS or presets/, or a single-file checkpoint of Stable Diffusion. Default: presets/tiny-text-to-video.")
    private Optional<String> model = Optional.empty();

    @Option(
            names = "--variant",
            paramLabel = "NAME",
            description = "Weights with this word in their file names, such as fp16. Default: those without one.")
    private Optional<String> variant = Optional.empty();

    @Option(
            names = "--adapter",
            paramLabel = "DIR",
            description =
                    "Motion adapter that makes an image model one of video: a folder, or an original AnimateDiff file. Default: the model's own.")
    private Optional<Path> adapter = Optional.empty();

    @Option(
            names = "--lora",
            paramLabel = "FILE[:X]",
            converter = LoraChoice.class,
            description = "Low-rank adaptation (safetensors) added to the weights X times; X is a number, 1 as trained,"
                    + " 0 off. May be given several times. Default: none; X 1.")
    private List<Lora> loras = new ArrayList<>();

    @Option(
            names = "--tokenizer",
            paramLabel = "DIR",
            description = "Tokenizer folder, which a single-file checkpoint needs. Default: the model's own.")
    private Optional<Path> tokenizer = Optional.empty();

    /** Reads and checks the configurations and the heads of the weight files; LibTorch is not loaded. */
    VideoModel open() {
        adapter.ifPresent(path -> Check.that(Files.exists(path), "motion adapter %s does not exist", path));
        tokenizer.ifPresent(path -> Check.folder("tokenizer", path));
        loras.forEach(lora -> Check.file("LoRA", lora.file()));
        return VideoModel.open(folder(), options());
    }

    ModelOptions options() {
        return new ModelOptions(variant, adapter, tokenizer, loras, Optional.empty(), false);
    }

    /** The folder of the presets that ship. */
    static Path presets() {
        return Shell.home().orElse(Path.of("")).resolve("presets");
    }

    static Path defaultFolder() {
        return presets().resolve(PRESET);
    }

    /** The user's own models. */
    static Optional<Path> userModels() {
        return Optional.ofNullable(System.getenv("ZOETROPE_MODELS"))
                .filter(folder -> !folder.isBlank())
                .map(Path::of);
    }

    /**
     * The chosen model folder.
     *
     * @throws ZoetropeException BAD_INPUT, saying where it was looked for
     */
    Path folder() {
        return model.map(ModelChoice::find).orElseGet(() -> {
            Path preset = defaultFolder();
            Check.that(
                    isModel(preset),
                    "the shipped model %s is missing; give --model DIR, or train one: zoetrope train text-to-video -o DIR",
                    preset);
            return preset;
        });
    }

    static Path find(String name) {
        Path direct = Path.of(name);
        if (isModel(direct) || Files.isRegularFile(direct)) {
            return direct;
        }
        boolean plainName = !name.contains("/") && !name.contains("\\") && !name.startsWith(".");
        if (plainName && !Files.exists(direct)) {
            Optional<Path> user =
                    userModels().map(folder -> folder.resolve(name)).filter(ModelChoice::isModel);
            Path preset = presets().resolve(name);
            if (user.isPresent() || isModel(preset)) {
                return user.orElse(preset);
            }
        }
        Check.folder("model folder", direct);
        throw ZoetropeException.badInput(
                "%s has no model_index.json: it is not a model folder in the published layout; name a"
                        + " folder that has one",
                direct);
    }

    static boolean isModel(Path folder) {
        return Files.isRegularFile(folder.resolve("model_index.json"));
    }
}
