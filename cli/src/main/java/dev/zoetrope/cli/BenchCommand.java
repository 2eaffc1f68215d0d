package dev.zoetrope.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.zoetrope.diffusion.model.TextToVideo;
import dev.zoetrope.diffusion.model.TextToVideoOptions;
import dev.zoetrope.diffusion.model.TextToVideoSettings;
import dev.zoetrope.diffusion.model.VideoModel;
import dev.zoetrope.diffusion.sampling.LatentSource;
import dev.zoetrope.diffusion.sampling.StepHook;
import dev.zoetrope.diffusion.sampling.StepState;
import dev.zoetrope.diffusion.scheduler.NoiseSource;
import dev.zoetrope.diffusion.scheduler.SamplerPlan;
import dev.zoetrope.moft.GuidanceOptions;
import dev.zoetrope.moft.KeyValueSharing;
import dev.zoetrope.moft.MotionGuidance;
import dev.zoetrope.moft.MotionLoss;
import dev.zoetrope.moft.MotionRegion;
import dev.zoetrope.moft.MotionTarget;
import dev.zoetrope.moft.RegionMask;
import dev.zoetrope.moft.RegionObjective;
import dev.zoetrope.tensor.LibTorch;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.SeededGenerator;
import dev.zoetrope.vidrd.ChainOptions;
import dev.zoetrope.vidrd.ClipChain;
import dev.zoetrope.vidrd.NoisePrior;
import dev.zoetrope.vidrd.ReuseOptions;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** One measured job, as one line of JSON; bench/run calls it and its peer in turn. */
@Command(name = "bench", hidden = true, header = "Measure one job; used by bench/run.")
final class BenchCommand implements Callable<Integer> {
    private static final String PROMPT = "a red circle moves to the right over a blue background";

    private static final int STEERED_CHANNELS = 6;

    private final Shell shell;

    @Option(
            names = "--latents",
            paramLabel = "FILE",
            description = "Start from this noise, made first if it is not there. Default: the seed's noise.")
    private Optional<Path> latents = Optional.empty();

    @Option(
            names = "--control",
            paramLabel = "PASS",
            description = "Steer at every step, once, with gradients evaluated in this way: ${COMPLETION-CANDIDATES}."
                    + " Default: no steering.")
    private Optional<GuidanceOptions.Pass> control = Optional.empty();

    @Option(
            names = "--continued",
            description =
                    "Measure the second of two clips that continue each other (VidRD), guided in every step, and what"
                            + " its hooks take. Default: one clip.")
    private boolean continued;

    @Mixin
    private final SamplingOptions sampling = new SamplingOptions();

    @Mixin
    private final ModelChoice choice = new ModelChoice();

    BenchCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws JsonProcessingException {
        double processStart = ManagementFactory.getRuntimeMXBean().getStartTime() / 1e3;
        TextToVideoOptions options = sampling.build(List.of(PROMPT), "", 0);
        Check.that(
                !continued || control.isEmpty() && latents.isEmpty(),
                "--continued makes its own noise and is not steered; leave out --latents and --control");
        try (VideoModel model = choice.open()) {
            TextToVideo pipeline = new TextToVideo(model);
            TextToVideoSettings settings = pipeline.settings(options);
            shell.startEngine(model.unetConfig());
            Steps steps = new Steps();
            double decoding;
            try (Scope scope = Scope.noGrad()) {
                LatentSource source = latents.map(file -> LatentSource.given(noise(file, settings)))
                        .orElseGet(LatentSource::noise);
                Tensor clip;
                if (continued) {
                    clip = second(pipeline, options, settings, steps);
                } else if (control.isPresent()) {
                    clip = steered(pipeline, options, settings, steps, source);
                } else {
                    clip = pipeline.generate(options, List.of(steps), source);
                }
                long start = System.nanoTime();
                pipeline.decode(clip, 0, options, frame -> {});
                decoding = (System.nanoTime() - start) / 1e9;
            }
            Map<String, Object> line = new LinkedHashMap<>();
            line.put("threads", LibTorch.threads());
            line.put("cold_start_s", steps.firstStart - processStart);
            line.put("step_s", steps.median());
            if (continued) {
                line.put("hooks_s", steps.medianBetween());
            }
            line.put("decode_s", decoding);
            line.put("whole_s", System.currentTimeMillis() / 1e3 - processStart);
            line.put("peak_rss_bytes", Memory.peakBytes().orElse(-1));
            shell.out().println(new ObjectMapper().writeValueAsString(line));
        }
        return 0;
    }

    /** Asks the first channels of the tap to stand still; what is asked does not change the cost. */
    private Tensor steered(
            TextToVideo pipeline,
            TextToVideoOptions options,
            TextToVideoSettings settings,
            Steps steps,
            LatentSource source) {
        MotionTarget still = new MotionTarget(
                LongStream.range(0, STEERED_CHANNELS).toArray(),
                new float[settings.frames() * STEERED_CHANNELS],
                new long[] {settings.frames(), STEERED_CHANNELS});
        RegionObjective objective = new RegionObjective(
                List.of(new MotionRegion(RegionMask.whole(), List.of(still), 1)), MotionLoss.POOLED_MSE);
        GuidanceOptions guidance = GuidanceOptions.builder()
                .window(0, options.steps())
                .repeats(1)
                .sharing(KeyValueSharing.OFF)
                .keepSource(false)
                .pass(control.orElseThrow())
                .build();
        try (SamplerPlan plan = settings.scheduler().plan(options.steps());
                MotionGuidance hook = new MotionGuidance(objective, guidance, plan, notice -> {})) {
            return pipeline.generate(options, List.of(steps, hook), source);
        }
    }

    /** Half of its frames are guided, each for as many steps as can be: beta is 1. */
    private static Tensor second(
            TextToVideo pipeline, TextToVideoOptions options, TextToVideoSettings settings, Steps steps) {
        List<Long> shape = LongStream.of(settings.latentShape(1)).boxed().toList();
        ChainOptions chained = new ChainOptions(
                ReuseOptions.of(settings.frames() / 2, 1, 1),
                NoisePrior.INDEPENDENT,
                settings.scheduler(),
                options.steps(),
                2,
                false,
                shape);
        try (SeededGenerator generator = new SeededGenerator(options.seed())) {
            NoiseSource drawn = NoiseSource.perSample(List.of(generator));
            NoiseSource timed = wanted -> {
                Tensor noise = drawn.next(wanted);
                steps.mark();
                return noise;
            };
            try (ClipChain chain =
                    new ClipChain(chained, clip -> pipeline.guided(options, settings), timed, List.of(steps))) {
                chain.next();
                steps.forget();
                return chain.next();
            }
        }
    }

    private static Tensor noise(Path file, TextToVideoSettings settings) {
        if (!file.toFile().exists()) {
            try (Scope scope = Scope.noGrad();
                    SeededGenerator generator = new SeededGenerator(0)) {
                LatentFile.write(file, generator.normal(settings.latentShape(1)), Map.of());
            }
        }
        return LatentFile.read(file);
    }

    /** Times of the steps, and between them; the first is warm-up where there are more. Comes after all other hooks. */
    private static final class Steps implements StepHook {
        private final List<Double> seconds = new ArrayList<>();
        private final List<Double> between = new ArrayList<>();
        private double firstStart;
        private long startNanos;
        private long markNanos = System.nanoTime();

        @Override
        public void beforeStep(StepState state) {
            if (firstStart == 0) {
                firstStart = System.currentTimeMillis() / 1e3;
            }
            startNanos = System.nanoTime();
            between.add((startNanos - markNanos) / 1e9);
        }

        @Override
        public void afterStep(StepState state) {
            seconds.add((System.nanoTime() - startNanos) / 1e9);
            mark();
        }

        /** From here on it is the turn of what comes between steps: reused noise, and the hooks before this one. */
        void mark() {
            markNanos = System.nanoTime();
        }

        /** Starts the lists anew. */
        void forget() {
            seconds.clear();
            between.clear();
        }

        double median() {
            return median(seconds);
        }

        double medianBetween() {
            return median(between);
        }

        private static double median(List<Double> times) {
            List<Double> sorted = times.subList(times.size() > 1 ? 1 : 0, times.size()).stream()
                    .sorted()
                    .toList();
            return sorted.get(sorted.size() / 2);
        }
    }
}
