package dev.zoetrope.vidrd.experiment;

import dev.zoetrope.diffusion.experiment.Outcome;
import dev.zoetrope.diffusion.sampling.StepHook;
import dev.zoetrope.diffusion.sampling.StepState;
import dev.zoetrope.media.Plots;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.SeededGenerator;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.vidrd.ReuseOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.bytedeco.pytorch.Tensor;

/** E1 to E4: the production sampler with the optimal denoiser of an autoregressive process; no training. */
public final class OracleExperiments {
    private static final int M = OracleRun.PROMPT_FRAMES;
    private static final ReuseOptions INDEPENDENT = ReuseOptions.of(0, 0, 0);
    private static final ReuseOptions REVERSED = ReuseOptions.of(M, Double.POSITIVE_INFINITY, 0);
    private static final double[] ALPHAS = {0, 1, 4};

    private OracleExperiments() {}

    /** E1: clips join smoothly; independent clips, the control, do not. */
    public static Outcome joins() {
        OracleRun full = OracleRun.of(ReuseOptions.of(M, 1, 0.4));
        OracleRun independent = OracleRun.of(INDEPENDENT);
        return new Outcome(
                List.of(
                        "| | border | inside a clip |",
                        "|---|---:|---:|",
                        String.format("| alpha 1, beta 0.4 | %.4f | %.4f |", full.bound(), full.intra()),
                        String.format(
                                "| independent clips (control) | %.4f | %.4f |",
                                independent.bound(), independent.intra()),
                        "Mean squared differences of neighbouring frames. Wanted: border at most 0.1 of the control's and"
                                + " 0.5 of inside; control at least 5 times inside."),
                full.bound() <= 0.1 * independent.bound()
                        && full.bound() <= 0.5 * full.intra()
                        && independent.bound() >= 5 * independent.intra());
    }

    /** E2: reversed noise alone replays the clip backwards; fresh noise cures it, the more the smaller alpha. */
    public static Outcome fresh() {
        double reversed = OracleRun.of(REVERSED).tail();
        double[] tails = new double[ALPHAS.length];
        for (int i = 0; i < tails.length; i++) {
            tails[i] = OracleRun.of(ReuseOptions.of(M, ALPHAS[i], 0)).tail();
        }
        return new Outcome(
                List.of(
                        "| reversed noise only (control) | alpha 4 | alpha 1 | alpha 0 |",
                        "|---:|---:|---:|---:|",
                        String.format("| %.4f | %.4f | %.4f | %.4f |", reversed, tails[2], tails[1], tails[0]),
                        "Correlation of the frames from M on with the clip before, played backwards. Wanted: control at"
                                + " least 0.999, alpha 1 at most 0.85, rising with alpha."),
                reversed >= 0.999 && tails[1] <= 0.85 && tails[0] < tails[1] && tails[1] < tails[2]);
    }

    /** E3: guidance makes borders smoother, and ends in stages. */
    public static Outcome guidance() {
        double none = OracleRun.of(ReuseOptions.of(M, 1, 0)).bound();
        double some = OracleRun.of(ReuseOptions.of(M, 1, 0.4)).bound();
        double whole = OracleRun.of(ReuseOptions.of(M, 1, 1)).bound();
        double[] mirror = OracleRun.of(ReuseOptions.of(M, 0, 1)).mirror();
        boolean falling = true;
        StringBuilder row = new StringBuilder("|");
        for (int j = 0; j < mirror.length; j++) {
            falling &= j == 0 || mirror[j] <= mirror[j - 1] + 0.02;
            row.append(String.format(" %.3f |", mirror[j]));
        }
        return new Outcome(
                List.of(
                        "| border, beta 0 (control) | beta 0.4 | beta 1 |",
                        "|---:|---:|---:|",
                        String.format("| %.4f | %.4f | %.6f |", none, some, whole),
                        "",
                        "Correlation of frame j with frame N-1-j of the clip before, alpha 0, beta 1:",
                        "",
                        "| 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 |",
                        "|---:|---:|---:|---:|---:|---:|---:|---:|",
                        row.toString(),
                        "Wanted: beta 0.4 at most 0.75 of beta 0, beta 1 at most 0.05 of beta 0.4; correlations falling"
                                + " (tolerance 0.02), by at least 0.2 from frame 3 to 4."),
                some <= 0.75 * none && whole <= 0.05 * some && falling && mirror[M - 1] - mirror[M] >= 0.2);
    }

    /** Borders of E3's clips against beta, a line for each alpha; independent clips have 1.9, neighbouring frames 0.18. */
    public static void plotBorders(Path png) {
        double[] betas = {0, 0.2, 0.4, 0.6, 0.8, 1};
        List<Plots.Series> lines = new ArrayList<>();
        for (double alpha : ALPHAS) {
            double[] borders = Arrays.stream(betas)
                    .map(beta -> OracleRun.of(ReuseOptions.of(M, alpha, beta)).bound())
                    .toArray();
            lines.add(new Plots.Series(String.format(Locale.ROOT, "alpha %.0f", alpha), betas, borders));
        }
        Plots.lines(png, "Border of two clips, oracle denoiser", "beta", "mean squared difference", false, lines);
    }

    /** E4: the initial noise stays white over clips; the formula with a variance used as standard deviation does not. */
    public static Outcome whiteness() {
        List<String> lines = new ArrayList<>(List.of(
                "| alpha | variance | mean | largest correlation of frames | variance without the root (control) |",
                "|---:|---:|---:|---:|---:|"));
        boolean met = true;
        for (double alpha : ALPHAS) {
            Whiteness right = Whiteness.ofSampler(alpha);
            double wrong = Whiteness.varianceWithoutRoot(alpha);
            lines.add(String.format(
                    "| %.0f | %.4f | %.4f | %.4f | %.4f |",
                    alpha, right.variance(), right.mean(), right.correlation(), wrong));
            met &= right.isWhite() && (alpha == 0 || Math.abs(wrong - 1) > 0.02);
        }
        lines.add(
                "64 chains of 4 clips, 1024 positions, the noise of the last. Wanted: variance 1 within 0.02, mean 0 within"
                        + " 0.01, correlation within 0.03; the control must fail for alpha 1 and 4.");
        return new Outcome(lines, met);
    }

    /** How white the noise of the last clip of a chain is. */
    private record Whiteness(double variance, double mean, double correlation) {
        private static final int CHAINS = 64;
        private static final int CLIPS = 4;
        private static final int POSITIONS = 1024;

        boolean isWhite() {
            return Math.abs(variance - 1) <= 0.02 && Math.abs(mean) <= 0.01 && correlation <= 0.03;
        }

        static Whiteness ofSampler(double alpha) {
            try (Scope scope = Scope.noGrad()) {
                FirstLatents first = new FirstLatents();
                OracleRun.clips(ReuseOptions.of(M, alpha, 0.4), CLIPS, 2, CHAINS, POSITIONS, List.of(first));
                return of(first.last.get(0));
            }
        }

        private static Whiteness of(Tensor z) {
            double worst = 0;
            for (int j = 0; j < OracleRun.FRAMES; j++) {
                for (int k = 0; k < j; k++) {
                    worst = Math.max(worst, Math.abs(OracleRun.correlation(z.select(2, j), z.select(2, k))));
                }
            }
            double mean = Tensors.item(z.mean());
            return new Whiteness(Tensors.item(z.mul(z).mean()) - mean * mean, mean, worst);
        }

        /** The recursion with standard deviation 1 / (1 + alpha^2) for the fresh noise. */
        static double varianceWithoutRoot(double alpha) {
            try (Scope scope = Scope.noGrad();
                    SeededGenerator generator = new SeededGenerator(1)) {
                Tensor z = generator.normal(CHAINS, 1, OracleRun.FRAMES, 1, POSITIONS);
                for (int i = 1; i < CLIPS; i++) {
                    Tensor reversed = z.flip(2);
                    Tensor fresh = generator.normal(Tensors.shape(z));
                    double norm = 1 + alpha * alpha;
                    Tensor mixed = Ops.axpby(alpha / Math.sqrt(norm), reversed, 1 / norm, fresh);
                    z = Ops.cat(2, reversed.narrow(2, 0, M), mixed.narrow(2, M, OracleRun.FRAMES - M));
                }
                return of(z).variance();
            }
        }
    }

    /** Keeps the latents that enter the first step of the last clip. */
    private static final class FirstLatents implements StepHook {
        private final List<Tensor> last = new ArrayList<>();

        @Override
        public void beforeStep(StepState state) {
            if (state.index() == 0) {
                last.clear();
                last.add(Scope.own(state.latents().clone()));
            }
        }
    }
}
