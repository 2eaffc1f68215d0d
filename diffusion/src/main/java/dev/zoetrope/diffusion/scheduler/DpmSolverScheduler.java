package dev.zoetrope.diffusion.scheduler;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.zoetrope.diffusion.config.ConfigName;
import dev.zoetrope.diffusion.scheduler.SigmaPath.FinalSigma;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;

/**
 * DPM-Solver++: Lu et al., "DPM-Solver++: Fast Solver for Guided Sampling of Diffusion Probabilistic Models",
 * arXiv:2211.01095, algorithm 2 and appendix B.
 *
 * <pre>
 *   z = a z0 + s eps, lambda = ln(a/s); from level 0 to t:  h = lambda_t - lambda_0,  r0 = (lambda_0 - lambda_1)/h
 *   D0 = x0 of this step,  D1 = (D0 - x1)/r0 with x1 that of the step before
 *   z_t = (s_t/s_0) z - a_t (e^-h - 1) D0  [- a_t (e^-h - 1)/2 D1  (midpoint)]  [+ a_t ((e^-h - 1)/h + 1) D1  (heun)]
 * </pre>
 *
 * <p>sde-dpmsolver++ replaces the factors by those of appendix B and adds s_t sqrt(1 - e^-2h) noise.
 */
public final class DpmSolverScheduler extends BaseScheduler {
    static final SchedulerConfig DEFAULTS = SchedulerConfig.defaults(TimestepSpacing.LINSPACE, false, true);
    /** Runs shorter than this end with lower orders. */
    private static final int FEW_STEPS = 15;

    private final Options options;

    /** The differential equation that is solved. */
    public enum Algorithm implements ConfigName {
        /** The probability flow. */
        ODE("dpmsolver++"),
        /** The reverse diffusion, with noise in each step. */
        SDE("sde-dpmsolver++");

        private final String configName;

        Algorithm(String configName) {
            this.configName = configName;
        }

        @Override
        public String configName() {
            return configName;
        }

        @JsonCreator
        static Algorithm of(String name) {
            // The reference solves DEIS folders with this solver too.
            return name.equals("deis") ? ODE : ConfigName.find(Algorithm.class, "algorithm_type", name);
        }
    }

    /** How the second order uses the difference of two outputs. */
    public enum SolverType implements ConfigName {
        MIDPOINT("midpoint"),
        HEUN("heun");

        private final String configName;

        SolverType(String configName) {
            this.configName = configName;
        }

        @Override
        public String configName() {
            return configName;
        }

        @JsonCreator
        static SolverType of(String name) {
            // Names of the solvers of UniPC, which the reference reads as midpoint here.
            return name.equals("bh1") || name.equals("bh2") || name.equals("logrho")
                    ? MIDPOINT
                    : ConfigName.find(SolverType.class, "solver_type", name);
        }
    }

    /**
     * Fields of DPM-Solver.
     *
     * @param solverOrder 1 or 2 outputs used, or 3
     * @param algorithmType the equation that is solved
     * @param solverType form of the second order
     * @param lowerOrderFinal use lower orders at the end of runs below 15 steps
     * @param eulerAtFinal the last step is of first order
     * @param useKarrasSigmas levels by Karras et al., equation 5
     * @param finalSigmasType where the last step ends
     * @param lambdaMinClipped timesteps with a lambda below are not used
     */
    @JsonNaming(SnakeCaseStrategy.class)
    public record Options(
            int solverOrder,
            Algorithm algorithmType,
            SolverType solverType,
            boolean lowerOrderFinal,
            boolean eulerAtFinal,
            boolean useKarrasSigmas,
            FinalSigma finalSigmasType,
            double lambdaMinClipped) {
        static final Options DEFAULTS = new Options(
                2, Algorithm.ODE, SolverType.MIDPOINT, true, false, false, FinalSigma.ZERO, Double.NEGATIVE_INFINITY);

        /** @throws ZoetropeException BAD_INPUT if the order is not supported */
        public Options {
            int highest = algorithmType == Algorithm.SDE ? 2 : 3;
            if (solverOrder < 1 || solverOrder > highest) {
                throw ZoetropeException.badInput(
                        "solver_order is %d, %s supports 1 to %d", solverOrder, algorithmType.configName(), highest);
            }
        }
    }

    public DpmSolverScheduler(SchedulerConfig config, Options options) {
        super(SchedulerKind.DPM_SOLVER, config, options, config.noiseSchedule().withFiniteSigma());
        this.options = options;
    }

    @Override
    public SamplerPlan plan(int steps) {
        checkSteps(steps);
        double[] table = noiseSchedule().sigmas();
        int last = training();
        while (last > 1 && SigmaLevel.of(table[last - 1]).lambda() < options.lambdaMinClipped()) {
            last--;
        }
        double[] timesteps = checkExist(
                config().timestepSpacing().descendingWithoutLast(training(), last, steps, config().stepsOffset()));
        double[] levels = SigmaPath.at(table, timesteps);
        if (options.useKarrasSigmas()) {
            levels = SigmaPath.karras(table[training() - 1], table[0], steps);
            timesteps = SigmaPath.timestepsOf(table, levels);
            // The reference rounds all but those of the cosine schedule, and cuts these off.
            timesteps = config().betaSchedule() == BetaSchedule.SQUARED_COSINE
                    ? Arrays.stream(timesteps).map(Math::floor).toArray()
                    : SolverPlan.rounded(timesteps);
        }
        return new Plan(path(timesteps, levels, table[0]));
    }

    @Override
    public SamplerPlan planAt(int... timesteps) {
        double[] table = noiseSchedule().sigmas();
        double[] checked = checkTimesteps(true, timesteps);
        return new Plan(path(checked, SigmaPath.at(table, checked), table[0]));
    }

    private SigmaPath path(double[] timesteps, double[] levels, double lowest) {
        return SigmaPath.of(timesteps, levels, options.finalSigmasType() == FinalSigma.ZERO ? 0 : lowest);
    }

    private final class Plan extends SolverPlan {
        private final History originals = new History(3);

        Plan(SigmaPath path) {
            super(DpmSolverScheduler.this, path);
        }

        /** Number of outputs step {@code i} may use. */
        private int order(int i) {
            int remaining = steps() - i;
            boolean few = options.lowerOrderFinal() && steps() < FEW_STEPS;
            int order = Math.min(options.solverOrder(), originals.size());
            if (remaining == 1 && (few || options.eulerAtFinal() || options.finalSigmasType() == FinalSigma.ZERO)) {
                return 1;
            }
            return remaining == 2 && few ? Math.min(order, 2) : order;
        }

        @Override
        StepResult advance(Tensor modelOutput, int i, Tensor sample, NoiseSource noise) {
            originals.at(i);
            SigmaLevel from = level(i);
            try (Scope scope = Scope.open()) {
                Tensor x0 = config().predictionType().original(modelOutput, sample, from.a(), from.s());
                x0 = SampleClamp.applyThreshold(x0, config());
                originals.push(x0);
                Tensor next = options.algorithmType() == Algorithm.ODE
                        ? ode(i, sample, order(i))
                        : sde(i, sample, order(i), noise.next(Tensors.shape(sample)));
                return new StepResult(scope.keep(next), scope.keep(x0));
            }
        }

        /** Appendix B, first to third order. */
        private Tensor ode(int i, Tensor z, int order) {
            SigmaLevel to = level(i + 1);
            double h = to.lambda() - level(i).lambda();
            double phi = Math.expm1(-h);
            Tensor result = Ops.axpby(to.s() / level(i).s(), z, -to.a() * phi, originals.get(0));
            if (order == 1) {
                return result;
            }
            double r0 = (level(i).lambda() - level(i - 1).lambda()) / h;
            Tensor d10 = Ops.mul(originals.get(0).sub(originals.get(1)), 1 / r0);
            double heun = to.a() * (phi / h + 1);
            if (order == 2) {
                return Ops.axpby(1, result, options.solverType() == SolverType.HEUN ? heun : -0.5 * to.a() * phi, d10);
            }
            double r1 = (level(i - 1).lambda() - level(i - 2).lambda()) / h;
            Tensor d11 = Ops.mul(originals.get(1).sub(originals.get(2)), 1 / r1);
            Tensor d1 = Ops.axpby(1 + r0 / (r0 + r1), d10, -r0 / (r0 + r1), d11);
            Tensor d2 = Ops.mul(d10.sub(d11), 1 / (r0 + r1));
            return Ops.axpby(1, Ops.axpby(1, result, heun, d1), -to.a() * ((phi + h) / (h * h) - 0.5), d2);
        }

        private Tensor sde(int i, Tensor z, int order, Tensor noise) {
            SigmaLevel to = level(i + 1);
            double h = to.lambda() - level(i).lambda();
            double phi = -Math.expm1(-2 * h); // 1 - e^-2h
            Tensor result = Ops.axpby(to.s() / level(i).s() * Math.exp(-h), z, to.a() * phi, originals.get(0));
            if (order == 2) {
                double r0 = (level(i).lambda() - level(i - 1).lambda()) / h;
                Tensor d1 = Ops.mul(originals.get(0).sub(originals.get(1)), 1 / r0);
                double factor = options.solverType() == SolverType.HEUN ? 1 - phi / (2 * h) : 0.5 * phi;
                result = Ops.axpby(1, result, to.a() * factor, d1);
            }
            return Ops.axpby(1, result, to.s() * Math.sqrt(phi), noise);
        }

        @Override
        public void close() {
            originals.close();
        }
    }
}
