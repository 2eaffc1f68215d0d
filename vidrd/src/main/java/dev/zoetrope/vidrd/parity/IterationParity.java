package dev.zoetrope.vidrd.parity;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.zoetrope.diffusion.denoiser.Conditioning;
import dev.zoetrope.diffusion.sampling.GuidedDenoiser;
import dev.zoetrope.diffusion.sampling.StepHook;
import dev.zoetrope.diffusion.sampling.StepState;
import dev.zoetrope.diffusion.scheduler.Guidance;
import dev.zoetrope.diffusion.scheduler.NoiseSource;
import dev.zoetrope.diffusion.scheduler.SampleSpace;
import dev.zoetrope.diffusion.scheduler.SamplerPlan;
import dev.zoetrope.diffusion.scheduler.Scheduler;
import dev.zoetrope.diffusion.scheduler.Schedulers;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.parity.Fixture;
import dev.zoetrope.tensor.parity.ParityCheck;
import dev.zoetrope.tensor.parity.ParityReport;
import dev.zoetrope.vidrd.ChainOptions;
import dev.zoetrope.vidrd.ClipChain;
import dev.zoetrope.vidrd.FunctionDenoiser;
import dev.zoetrope.vidrd.NoisePrior;
import dev.zoetrope.vidrd.ReuseOptions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * The released loop over clips with a formula as denoiser and stored noise, and the released noise priors. The faults of the
 * release that the tensors contain are switched on ({@link ReuseOptions#releasedQuirks}).
 */
public final class IterationParity extends ParityCheck.ForModule {
    @Override
    protected boolean supportsModule(String module) {
        return module.startsWith("model.pipeline");
    }

    @Override
    protected void run(Fixture fixture, ParityReport report) {
        for (Fixture.Case testCase : fixture.cases()) {
            try (Scope scope = Scope.noGrad()) {
                if (testCase.args().path("kind").asText().equals("prior")) {
                    priors(testCase, report);
                } else {
                    clips(fixture.config().path("scheduler"), testCase, report);
                }
            }
        }
    }

    private static void clips(JsonNode schedulerJson, Fixture.Case testCase, ParityReport report) {
        JsonNode args = testCase.args();
        int clips = args.path("clips").asInt();
        int steps = args.path("steps").asInt();
        ObjectNode json = schedulerJson.deepCopy();
        json.put("_class_name", "DDIMScheduler");
        double eta = args.path("eta").asDouble();
        Scheduler scheduler = Schedulers.withEta(Schedulers.fromJson(json, SampleSpace.LATENTS), eta);
        ReuseOptions reuse = ReuseOptions.of(
                        args.path("overlap").asInt(),
                        args.path("alpha").asDouble(),
                        args.path("beta").asDouble())
                .withReleasedQuirks();
        List<Long> shape = new ArrayList<>();
        args.path("shape").forEach(size -> shape.add(size.asLong()));
        ChainOptions options = new ChainOptions(reuse, NoisePrior.INDEPENDENT, scheduler, steps, clips, false, shape);
        GuidedDenoiser denoiser = denoiser(testCase);
        Inputs inputs = new Inputs();
        List<Tensor> results = new ArrayList<>();
        NoiseSource noise = new StoredNoise(testCase, clips, steps, shape.get(2), eta > 0);
        try (ClipChain chain = new ClipChain(options, clip -> denoiser, noise, List.of(inputs))) {
            chain.forEachRemaining(results::add);
        }
        report.compare(testCase, "latents", Ops.cat(2, results));
        Tensor all = Ops.stack(0, inputs.seen).unflatten(0, clips, steps);
        report.compare(testCase, "inputs", all);
        report.compare(testCase, "initial", all.select(1, 0));
        report.compare(testCase, "timesteps", timesteps(scheduler, steps));
        report.compare(testCase, "guided_steps", guidedSteps(reuse, steps));
    }

    private static Tensor timesteps(Scheduler scheduler, int steps) {
        try (SamplerPlan plan = scheduler.plan(steps)) {
            long[] rounded =
                    Arrays.stream(plan.timesteps()).mapToLong(Math::round).toArray();
            return Tensors.of(rounded, rounded.length);
        }
    }

    /** One entry even for no prompt frames, as the reference stores it. */
    private static Tensor guidedSteps(ReuseOptions reuse, int steps) {
        long[] counts = new long[Math.max(1, reuse.promptFrames())];
        for (int j = 0; j < reuse.promptFrames(); j++) {
            counts[j] = reuse.guidedSteps(steps, j);
        }
        return Tensors.of(counts, counts.length);
    }

    /** eps = 0.1 x + 0.05 mean over frames of x + 0.3 mean(c) w + 0.2 t / 1000. */
    private static GuidedDenoiser denoiser(Fixture.Case testCase) {
        Tensor w = testCase.input("w");
        Tensor text = testCase.input("text");
        FunctionDenoiser network = new FunctionDenoiser((int) w.size(1), (int) text.size(2), (x, t, context) -> {
            Tensor mean = x.mean(new long[] {2}, true, new org.bytedeco.pytorch.ScalarTypeOptional());
            Tensor c = context.flatten(1, -1)
                    .mean(new long[] {1}, false, new org.bytedeco.pytorch.ScalarTypeOptional())
                    .view(-1, 1, 1, 1, 1);
            Tensor eps = Ops.axpby(0.1, x, 0.05, mean).add(Ops.mul(c.mul(w), 0.3));
            return Ops.add(eps, 0.2 * t / 1000);
        });
        double scale = testCase.args().path("guidance").asDouble();
        return new GuidedDenoiser(
                network,
                Conditioning.of(text),
                Optional.of(Conditioning.of(testCase.input("negative"))),
                Guidance.of(scale),
                false);
    }

    /** Keeps the latents that enter each step, after guidance. */
    private static final class Inputs implements StepHook {
        private final List<Tensor> seen = new ArrayList<>();

        @Override
        public void beforeStep(StepState state) {
            seen.add(Scope.own(state.latents().clone()));
        }
    }

    /** The stored draws in the order in which a chain asks for them. */
    private static final class StoredNoise implements NoiseSource {
        private final Deque<Tensor> draws = new ArrayDeque<>();

        StoredNoise(Fixture.Case testCase, int clips, int steps, long frames, boolean stochastic) {
            Tensor noise = testCase.input("noise"); // [clips,B,C,N,h,w]
            for (int clip = 0; clip < clips; clip++) {
                Tensor own = noise.select(0, clip);
                for (long f = 0; clip == 0 && f < frames; f++) {
                    draws.add(own.narrow(2, f, 1));
                }
                if (clip > 0) {
                    draws.add(own);
                }
                for (int k = 0; stochastic && k < steps; k++) {
                    Tensor step = testCase.input("variance_noise").select(0, (long) clip * steps + k); // [(B N),C,h,w]
                    draws.add(step.unflatten(0, own.size(0), frames).transpose(1, 2));
                }
            }
        }

        @Override
        public Tensor next(long... shape) {
            Tensor draw = draws.remove();
            if (!Arrays.equals(Tensors.shape(draw), shape)) {
                throw new IllegalStateException("the fixture's next draw is " + Tensors.describe(draw)
                        + ", the loop asks for " + Arrays.toString(shape));
            }
            return draw;
        }
    }

    private static void priors(Fixture.Case testCase, ParityReport report) {
        double strength = testCase.args().path("alpha").asDouble();
        long[] shape = new long[5];
        Arrays.setAll(shape, i -> testCase.args().path("shape").path(i).asLong());
        Tensor progressive = testCase.input("noise"); // [N,B,C,1,h,w]
        Deque<Tensor> frames = new ArrayDeque<>();
        for (long f = 0; f < progressive.size(0); f++) {
            frames.add(progressive.select(0, f));
        }
        NoisePrior prior = new NoisePrior(NoisePrior.Kind.PROGRESSIVE, strength);
        report.compare(testCase, "progressive", prior.draw(ignored -> frames.remove(), true, shape));
        Tensor parts = testCase.input("noise_mixed"); // [2,B,C,N,h,w]
        Deque<Tensor> mixed = new ArrayDeque<>();
        mixed.add(parts.select(0, 0).narrow(2, 0, 1));
        for (long f = 0; f < shape[2]; f++) {
            mixed.add(parts.select(0, 1).narrow(2, f, 1));
        }
        NoisePrior shared = new NoisePrior(NoisePrior.Kind.MIXED, strength);
        report.compare(testCase, "mixed", shared.draw(ignored -> mixed.remove(), true, shape));
    }
}
