package dev.zoetrope.vidrd.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.zoetrope.diffusion.model.TextToVideoOptions;
import dev.zoetrope.tensor.JsonFiles;
import dev.zoetrope.tensor.SeededGenerator;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import dev.zoetrope.vidrd.LongVideoOptions;
import dev.zoetrope.vidrd.NoisePrior;
import dev.zoetrope.vidrd.ReuseOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The release's run configuration, a YAML file with {@code model} and {@code evaluator} (sheet 5). Paths are relative to
 * the working folder, as there.
 *
 * @param pretrainedModel model.pretrained_model_path: folder of the image model
 * @param checkpoint model.ckpt_path
 * @param temporalVae model.temporal_vae_path
 * @param guidanceScale model.guidance_scale; default 7.5
 * @param steps model.num_inference_steps; default 50
 * @param resolution model.resolution, pixels; default 256
 * @param addTempEmbed model.add_temp_embed; default true
 * @param seed evaluator.seed; default 42
 * @param clips evaluator.num_generated_clips; default 1
 * @param reuse evaluator.extend_overlap_frames, extend_noise_recycle and extend_denoise_guidance; default 0 each
 * @param prior evaluator.noise_alpha, a progressive prior; default 0
 * @param prompts evaluator.prompts: a list, or a .txt or .json file
 */
public record ReleaseConfig(
        Path pretrainedModel,
        Path checkpoint,
        Optional<Path> temporalVae,
        double guidanceScale,
        int steps,
        int resolution,
        boolean addTempEmbed,
        long seed,
        int clips,
        ReuseOptions reuse,
        NoisePrior prior,
        List<String> prompts) {
    private static final long MAX_BYTES = 1 << 20;
    private static final int RELEASED_FRAMES = 8;

    /** What the release steers away from, for every prompt. */
    public static final String NEGATIVE_PROMPT = "watermark";

    public ReleaseConfig {
        prompts = List.copyOf(prompts);
    }

    /** @throws ZoetropeException BAD_INPUT naming the file and the field */
    public static ReleaseConfig read(Path file) {
        JsonNode root = tree(file);
        JsonNode model = root.path("model");
        JsonNode evaluator = root.path("evaluator");
        int resolution = model.path("resolution").asInt(256);
        if (resolution < 8 || resolution % 8 != 0) {
            throw ZoetropeException.badInput("%s: model.resolution is %d, expected a multiple of 8", file, resolution);
        }
        if (!model.path("add_temp_conv").asBoolean(true)) {
            throw ZoetropeException.badInput("%s: model.add_temp_conv: only true is supported", file);
        }
        long seed = evaluator.path("seed").asLong(42);
        return new ReleaseConfig(
                Path.of(text(model, "pretrained_model_path", file)),
                Path.of(text(model, "ckpt_path", file)),
                Optional.ofNullable(model.path("temporal_vae_path").textValue()).map(Path::of),
                model.path("guidance_scale").asDouble(7.5),
                model.path("num_inference_steps").asInt(50),
                resolution,
                model.path("add_temp_embed").asBoolean(true),
                seed,
                evaluator.path("num_generated_clips").asInt(1),
                ReuseOptions.of(
                        evaluator.path("extend_overlap_frames").asInt(0),
                        evaluator.path("extend_noise_recycle").asDouble(0),
                        evaluator.path("extend_denoise_guidance").asDouble(0)),
                new NoisePrior(
                        NoisePrior.Kind.PROGRESSIVE,
                        evaluator.path("noise_alpha").asDouble(0)),
                prompts(evaluator.path("prompts"), seed, file));
    }

    /** What the release would make of prompt {@code index}; each prompt has a seed of its own here. */
    public LongVideoOptions video(int index) {
        TextToVideoOptions clip = TextToVideoOptions.of(prompts.get(index))
                .negativePrompt(NEGATIVE_PROMPT)
                .guidanceScale(guidanceScale)
                .steps(steps)
                .scheduler("ddim")
                .frames(RELEASED_FRAMES)
                .size(resolution, resolution)
                .fps(4)
                .seed(seed + index)
                .build();
        return LongVideoOptions.of(clip).clips(clips).reuse(reuse).prior(prior).build();
    }

    private static JsonNode tree(Path file) {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw ZoetropeException.badInput("%s is larger than 1 MB: it is no run configuration", file);
            }
            JsonNode tree = new ObjectMapper(new YAMLFactory()).readTree(Files.readAllBytes(file));
            if (!tree.path("model").isObject()) {
                throw ZoetropeException.badInput("%s: expected a section named model", file);
            }
            return tree;
        } catch (NoSuchFileException e) {
            throw ZoetropeException.badInput("%s does not exist", file);
        } catch (JsonProcessingException e) {
            throw ZoetropeException.badInput("%s is not valid YAML: %s", file, e.getOriginalMessage());
        } catch (IOException e) {
            throw ZoetropeException.io(e, "cannot read %s: %s", file, e.getMessage());
        }
    }

    private static String text(JsonNode section, String field, Path file) {
        String value = section.path(field).textValue();
        if (value == null) {
            throw ZoetropeException.badInput("%s: model.%s is missing", file, field);
        }
        return value;
    }

    private static List<String> prompts(JsonNode node, long seed, Path config) {
        List<String> prompts = new ArrayList<>();
        if (node.isArray()) {
            node.forEach(prompt -> prompts.add(prompt.asText()));
        } else if (node.isTextual()) {
            Path file = Path.of(node.asText());
            prompts.addAll(node.asText().endsWith(".json") ? fromJson(file, seed) : fromText(file));
        }
        if (prompts.isEmpty()) {
            throw ZoetropeException.badInput(
                    "%s: evaluator.prompts: expected a list of prompts, or a .txt or .json file with some", config);
        }
        return prompts;
    }

    private static List<String> fromText(Path file) {
        try {
            return Files.readAllLines(file).stream()
                    .filter(line -> !line.isBlank())
                    .map(String::trim)
                    .toList();
        } catch (IOException e) {
            throw ZoetropeException.io(e, "cannot read %s: %s", file, e.getMessage());
        }
    }

    /** The values in their order; of a list one, by the seed. */
    private static List<String> fromJson(Path file, long seed) {
        List<String> prompts = new ArrayList<>();
        try (SeededGenerator generator = new SeededGenerator(seed)) {
            for (JsonNode value : JsonFiles.read(file)) {
                if (value.isArray() && !value.isEmpty()) {
                    long[] pick = Tensors.toLongs(generator.integers(0, value.size(), 1));
                    prompts.add(value.get((int) pick[0]).asText());
                } else {
                    prompts.add(value.asText());
                }
            }
        }
        return prompts;
    }
}
