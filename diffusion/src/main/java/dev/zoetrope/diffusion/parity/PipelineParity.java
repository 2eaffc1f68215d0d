package dev.zoetrope.diffusion.parity;

import com.fasterxml.jackson.databind.JsonNode;
import dev.zoetrope.diffusion.autoencoder.FrameDecoder;
import dev.zoetrope.diffusion.model.ModelOptions;
import dev.zoetrope.diffusion.model.TextToVideo;
import dev.zoetrope.diffusion.model.TextToVideoOptions;
import dev.zoetrope.diffusion.model.VideoModel;
import dev.zoetrope.diffusion.sampling.LatentSource;
import dev.zoetrope.diffusion.sampling.StepHook;
import dev.zoetrope.diffusion.sampling.StepState;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.ZoetropeException;
import dev.zoetrope.tensor.parity.Fixture;
import dev.zoetrope.tensor.parity.ParityCheck;
import dev.zoetrope.tensor.parity.ParityReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/** Whole text-to-video models: folder, prompt and given noise to the latents of every step and the frames. */
public final class PipelineParity extends ParityCheck.ForModule {
    private static final Set<String> MODULES =
            Set.of("TextToVideoSDPipeline", "AnimateDiffPipeline", "TextToVideoMSPipeline");
    private static final List<String> VOCABULARY = List.of("vocab.json", "merges.txt");
    private static final List<String> TOKENIZER_CONFIGS = List.of("tokenizer_config.json", "special_tokens_map.json");

    @Override
    protected boolean supportsModule(String module) {
        return MODULES.contains(module);
    }

    @Override
    protected void run(Fixture fixture, ParityReport report) {
        Path adapter = fixture.folder().resolve("motion_adapter");
        try (TokenizerFolder tokenizer = TokenizerFolder.of(fixture.folder());
                VideoModel model = VideoModel.open(
                        fixture.folder().resolve("model"),
                        new ModelOptions(
                                Optional.empty(),
                                Files.isDirectory(adapter) ? Optional.of(adapter) : Optional.empty(),
                                Optional.of(tokenizer.folder())))) {
            TextToVideo pipeline = new TextToVideo(model);
            for (Fixture.Case testCase : fixture.cases()) {
                try (Scope scope = Scope.noGrad()) {
                    run(pipeline, model, testCase, report);
                }
            }
        }
    }

    private static void run(TextToVideo pipeline, VideoModel model, Fixture.Case testCase, ParityReport report) {
        TextToVideoOptions options = options(testCase.args());
        try (LatentRecorder recorder = new LatentRecorder()) {
            Tensor latents =
                    pipeline.generate(options, List.of(recorder), LatentSource.given(testCase.input("latents")));
            compare(new Run(pipeline, model, options, latents, recorder.latents), testCase, report);
        }
    }

    private record Run(
            TextToVideo pipeline, VideoModel model, TextToVideoOptions options, Tensor latents, List<Tensor> steps) {}

    private static void compare(Run run, Fixture.Case testCase, ParityReport report) {
        TextToVideoOptions options = run.options();
        for (String output : testCase.outputs()) {
            Tensor ours =
                    switch (output) {
                        case "latents" -> Ops.stack(0, run.steps());
                        case "frames" -> frames(run.model(), run.latents());
                        case "prompt_embeds" ->
                            run.pipeline()
                                    .encode(options.prompts(), options.clipSkip())
                                    .context();
                        case "negative_prompt_embeds" ->
                            run.pipeline()
                                    .encode(List.of(options.negativePrompt()), options.clipSkip())
                                    .context();
                        default -> null;
                    };
            if (ours == null) {
                report.fail(testCase.name(), output, "this output is not known");
            } else {
                report.compare(testCase, output, ours);
            }
        }
    }

    private static TextToVideoOptions options(JsonNode args) {
        List<String> prompts = new ArrayList<>();
        if (args.path("prompt").isArray()) {
            args.get("prompt").forEach(prompt -> prompts.add(prompt.asText()));
        } else {
            prompts.add(args.path("prompt").asText());
        }
        TextToVideoOptions.Builder builder = TextToVideoOptions.of(prompts)
                .negativePrompt(args.path("negative_prompt").asText(""))
                .steps(args.path("steps").asInt(50))
                .frames(args.path("num_frames").asInt(16))
                .eta(args.path("eta").asDouble(0))
                .clipSkip(args.path("clip_skip").asInt(0));
        if (args.hasNonNull("guidance_scale")) {
            builder.guidanceScale(args.get("guidance_scale").asDouble());
        }
        if (args.hasNonNull("width")) {
            builder.width(args.get("width").asInt());
        }
        if (args.hasNonNull("height")) {
            builder.height(args.get("height").asInt());
        }
        return builder.build();
    }

    /** [B,F,3,H,W] in [0,1]. */
    private static Tensor frames(VideoModel model, Tensor latents) {
        List<Tensor> clips = new ArrayList<>();
        for (long i = 0; i < latents.size(0); i++) {
            clips.add(new FrameDecoder(model.autoencoder()).decode(Ops.slice(latents, 0, i, i + 1)));
        }
        return Ops.stack(0, clips);
    }

    /** Keeps the latents after every step. */
    private static final class LatentRecorder implements StepHook, AutoCloseable {
        private final List<Tensor> latents = new ArrayList<>();

        @Override
        public void afterStep(StepState state) {
            latents.add(Scope.own(state.latents().clone()));
        }

        @Override
        public void close() {
            latents.forEach(Tensor::close);
        }
    }

    /** The fixture's tokenizer, with the vocabulary of the folder clip-tokenizer beside the fixture if it has none. */
    private record TokenizerFolder(Path folder, boolean temporary) implements AutoCloseable {
        static TokenizerFolder of(Path fixture) {
            Path own = fixture.resolve("model/tokenizer");
            if (Files.exists(own.resolve("vocab.json"))) {
                return new TokenizerFolder(own, false);
            }
            Path shared = fixture.toAbsolutePath().normalize().resolveSibling("clip-tokenizer");
            if (!Files.exists(own)) {
                return new TokenizerFolder(shared, false);
            }
            try {
                Path joined = Files.createTempDirectory("zoetrope-tokenizer");
                copy(shared, joined, VOCABULARY);
                copy(own, joined, TOKENIZER_CONFIGS);
                return new TokenizerFolder(joined, true);
            } catch (IOException e) {
                throw ZoetropeException.io(e, "cannot join %s and %s: %s", own, shared, e.getMessage());
            }
        }

        private static void copy(Path from, Path to, List<String> names) throws IOException {
            for (String name : names) {
                if (Files.exists(from.resolve(name))) {
                    Files.copy(from.resolve(name), to.resolve(name));
                }
            }
        }

        @Override
        public void close() {
            if (!temporary) {
                return;
            }
            for (String name :
                    List.of("vocab.json", "merges.txt", "tokenizer_config.json", "special_tokens_map.json", "")) {
                try {
                    Files.deleteIfExists(folder.resolve(name));
                } catch (IOException e) {
                    // A leftover copy in the temporary folder does no harm.
                    folder.toFile().deleteOnExit();
                }
            }
        }
    }
}
