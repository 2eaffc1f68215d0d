package dev.zoetrope.cli;

import dev.zoetrope.diffusion.model.ModelComponent;
import dev.zoetrope.diffusion.model.TextToVideo;
import dev.zoetrope.diffusion.model.TextToVideoOptions;
import dev.zoetrope.diffusion.model.TextToVideoSettings;
import dev.zoetrope.diffusion.model.VideoModel;
import dev.zoetrope.diffusion.sampling.LatentSource;
import dev.zoetrope.diffusion.sampling.StepHook;
import dev.zoetrope.diffusion.sampling.StepState;
import dev.zoetrope.tensor.ErrorCode;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code zoetrope plan}. */
@Command(
        name = "plan",
        header = "Forecast memory and time before a long run: will it fit?",
        description = {
            "Counts the parameters from the configuration, then takes two real steps and decodes a",
            "frame, and extrapolates. Exit status 4 if the weights alone do not fit."
        })
final class PlanCommand implements Callable<Integer> {
    private static final int PROBE_STEPS = 2;
    private static final int PROBE_FRAMES = 2;

    private final Shell shell;

    @Option(
            names = "--batch-size",
            paramLabel = "N",
            defaultValue = "1",
            description = "Clips sampled together, 1 to 1024. Default: ${DEFAULT-VALUE}.")
    private int batchSize = 1;

    @Option(names = "--no-probe", description = "Only what the configuration says: nothing is loaded.")
    private boolean noProbe;

    @Mixin
    private final SamplingOptions sampling = new SamplingOptions();

    @Mixin
    private final ModelChoice choice = new ModelChoice();

    PlanCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() {
        Check.range("--batch-size", batchSize, 1, 1024);
        TextToVideoOptions options = sampling.build(Collections.nCopies(batchSize, "a clip"), "", 0);
        try (VideoModel model = choice.open()) {
            TextToVideo pipeline = new TextToVideo(model);
            TextToVideoSettings settings = pipeline.settings(options);
            long weights = weights(model);
            OptionalLong available = Memory.availableBytes();
            print(
                    "clip",
                    settings.frames() + " frames of " + settings.width() + "x" + settings.height() + ", "
                            + options.steps() + " steps, batch of " + batchSize);
            print(
                    "weights",
                    Texts.bytes(weights) + (sampling.lowMemory() ? " at most at a time" : " in all") + ", float32");
            print("available", available.isPresent() ? Texts.bytes(available.getAsLong()) : "unknown");
            if (available.isPresent() && weights > available.getAsLong()) {
                throw new ZoetropeException(
                        ErrorCode.OUT_OF_MEMORY,
                        "the weights need " + Texts.bytes(weights) + " and "
                                + Texts.bytes(available.getAsLong()) + " are free"
                                + (sampling.lowMemory() ? "; use a smaller model" : "; try --low-memory"));
            }
            if (!noProbe) {
                shell.startEngine(model.unetConfig());
                probe(pipeline, options, settings, available);
            }
        }
        return 0;
    }

    private long weights(VideoModel model) {
        long sum = 0;
        long largest = 0;
        for (ModelComponent part : model.components()) {
            long bytes = part.parameters() * Float.BYTES;
            print(part.name(), Texts.count(part.parameters()) + " parameters, " + Texts.bytes(bytes) + " as float32");
            sum += bytes;
            largest = Math.max(largest, bytes);
        }
        return sampling.lowMemory() ? largest : sum;
    }

    private void probe(
            TextToVideo pipeline, TextToVideoOptions options, TextToVideoSettings settings, OptionalLong available) {
        long start = System.nanoTime();
        StepClock clock = new StepClock();
        long[] shape = settings.latentShape(1);
        shape[2] = Math.min(PROBE_FRAMES, shape[2]);
        try (Scope scope = Scope.noGrad()) {
            try {
                pipeline.generate(options, List.of(clock), LatentSource.noise());
            } catch (ZoetropeException e) {
                if (e.code() != ErrorCode.CANCELLED) {
                    throw e;
                }
            }
            double loading = (clock.firstNanos - start) / 1e9;
            print("to first step", Texts.seconds(loading));
            print("a step", Texts.seconds(clock.secondsPerStep));
            double decoding = decodeSeconds(pipeline, options, shape) * settings.frames() * batchSize;
            double total = loading + clock.secondsPerStep * sampling.totalSteps() + decoding;
            print("decoding", Texts.seconds(decoding));
            print("forecast", Texts.seconds(total));
        }
        Memory.peakBytes().ifPresent(peak -> {
            print("peak memory", Texts.bytes(peak) + " in this probe");
            available.ifPresent(
                    free -> print("fits", peak < free ? "yes" : "hardly: it needs almost all that is free"));
        });
    }

    /** Seconds a frame; the first decode also loads the autoencoder and is not counted. */
    private static double decodeSeconds(TextToVideo pipeline, TextToVideoOptions options, long[] shape) {
        double seconds = 0;
        for (int i = 0; i < 2; i++) {
            try (Scope scope = Scope.noGrad()) {
                long start = System.nanoTime();
                pipeline.decode(Tensors.zeros(shape), 0, options, frame -> {});
                seconds = (System.nanoTime() - start) / 1e9 / shape[2];
            }
        }
        return seconds;
    }

    private void print(String subject, String seen) {
        shell.out().printf(Locale.ROOT, "%-14s %s%n", subject, seen);
    }

    /** Measures the second step and stops. */
    private static final class StepClock implements StepHook {
        private long firstNanos;
        private long startNanos;
        private double secondsPerStep;

        @Override
        public void beforeStep(StepState state) {
            startNanos = System.nanoTime();
            if (firstNanos == 0) {
                firstNanos = startNanos;
            }
        }

        @Override
        public void afterStep(StepState state) {
            secondsPerStep = (System.nanoTime() - startNanos) / 1e9;
            if (state.index() + 1 >= PROBE_STEPS) {
                throw new ZoetropeException(ErrorCode.CANCELLED, "the probe is done");
            }
        }
    }
}
