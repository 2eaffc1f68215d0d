package dev.zoetrope.vidrd.experiment;

import dev.zoetrope.diffusion.denoiser.Conditioning;
import dev.zoetrope.diffusion.sampling.GuidedDenoiser;
import dev.zoetrope.diffusion.sampling.SampleGenerators;
import dev.zoetrope.diffusion.sampling.StepHook;
import dev.zoetrope.diffusion.scheduler.DdimScheduler;
import dev.zoetrope.diffusion.scheduler.Guidance;
import dev.zoetrope.diffusion.scheduler.SchedulerConfig;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.vidrd.ChainOptions;
import dev.zoetrope.vidrd.ClipChain;
import dev.zoetrope.vidrd.FunctionDenoiser;
import dev.zoetrope.vidrd.NoisePrior;
import dev.zoetrope.vidrd.ReuseOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * Chains of clips of the oracle through the production sampler, and what is measured on them.
 *
 * @param bound mean squared difference of the last frame of a clip and the first of the next
 * @param intra mean squared difference of neighbouring frames inside a clip
 * @param mirror for each frame j, the correlation with frame N-1-j of the clip before
 */
record OracleRun(double bound, double intra, double[] mirror) {
    static final int FRAMES = 8;
    static final int PROMPT_FRAMES = 4;
    private static final int CLIPS = 3;
    private static final int STEPS = 50;
    private static final int REPEATS = 20;
    private static final int POSITIONS = 256;
    private static final double RHO = 0.9;

    /** Three clips, 20 repeats of 256 positions, 50 steps. */
    static OracleRun of(ReuseOptions reuse) {
        try (Scope scope = Scope.noGrad()) {
            return measure(clips(reuse, CLIPS, STEPS, REPEATS, POSITIONS, List.of()));
        }
    }

    /** Clips [repeats,1,8,1,positions]. */
    static List<Tensor> clips(
            ReuseOptions reuse, int clips, int steps, int repeats, int positions, List<StepHook> hooks) {
        DdimScheduler scheduler = new DdimScheduler(SchedulerConfig.stableDiffusion());
        AutoregressiveOracle oracle = new AutoregressiveOracle(scheduler.noiseSchedule(), FRAMES, RHO);
        GuidedDenoiser denoiser = new GuidedDenoiser(
                new FunctionDenoiser(1, 1, oracle),
                Conditioning.of(Tensors.zeros(repeats, 1, 1)),
                Optional.empty(),
                Guidance.of(1),
                false);
        ChainOptions options = new ChainOptions(
                reuse,
                NoisePrior.INDEPENDENT,
                scheduler,
                steps,
                clips,
                false,
                List.of((long) repeats, 1L, (long) FRAMES, 1L, (long) positions));
        List<Tensor> made = new ArrayList<>();
        try (SampleGenerators generators = SampleGenerators.of(1, repeats);
                ClipChain chain = new ClipChain(options, clip -> denoiser, generators.noise(), hooks)) {
            chain.forEachRemaining(made::add);
        }
        return made;
    }

    private static OracleRun measure(List<Tensor> clips) {
        double bound = 0;
        double intra = 0;
        double[] mirror = new double[FRAMES];
        for (int i = 0; i < clips.size(); i++) {
            Tensor clip = clips.get(i);
            intra += meanSquare(clip.narrow(2, 1, FRAMES - 1), clip.narrow(2, 0, FRAMES - 1)) / clips.size();
            if (i == 0) {
                continue;
            }
            Tensor reversed = clips.get(i - 1).flip(2);
            bound += meanSquare(clip.select(2, 0), reversed.select(2, 0)) / (clips.size() - 1);
            for (int j = 0; j < FRAMES; j++) {
                mirror[j] += correlation(clip.select(2, j), reversed.select(2, j)) / (clips.size() - 1);
            }
        }
        return new OracleRun(bound, intra, mirror);
    }

    /** Mean correlation of the frames that are not copied. */
    double tail() {
        double sum = 0;
        for (int j = PROMPT_FRAMES; j < FRAMES; j++) {
            sum += mirror[j];
        }
        return sum / (FRAMES - PROMPT_FRAMES);
    }

    private static double meanSquare(Tensor a, Tensor b) {
        Tensor difference = a.sub(b);
        return Tensors.item(difference.mul(difference).mean());
    }

    static double correlation(Tensor a, Tensor b) {
        Tensor x = a.sub(a.mean());
        Tensor y = b.sub(b.mean());
        return Tensors.item(x.mul(y).mean())
                / Math.sqrt(
                        Tensors.item(x.mul(x).mean()) * Tensors.item(y.mul(y).mean()));
    }
}
