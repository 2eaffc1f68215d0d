package dev.zoetrope.diffusion.scheduler;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.zoetrope.diffusion.config.ConfigName;
import dev.zoetrope.diffusion.scheduler.SigmaPath.FinalSigma;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * UniPC, a predictor-corrector: Zhao et al., "UniPC: A Unified Predictor-Corrector Framework for Fast Sampling of
 * Diffusion Models", arXiv:2302.04867, algorithms 5 to 8.
 *
 * <pre>
 *   z = a z0 + s eps, lambda = ln(a/s); from level 0 to t: h = lambda_t - lambda_0, r_k = (lambda_k - lambda_0)/h
 *   m the network's clean sample (or noise, if not predict_x0), D_k = (m_k - m_0)/r_k with m_k that of k steps before
 *   predictor  z_t = (s_t/s_0) z - a_t (e^-h - 1) m_0 - a_t B(h) sum_k rho_k D_k
 *   corrector  the same from the last sample, with the new output as one more D: z_t is replaced before it is used on
 * </pre>
 */
public final class UniPcScheduler extends BaseScheduler {
    static final SchedulerConfig DEFAULTS = SchedulerConfig.defaults(TimestepSpacing.LINSPACE, false, true);
    private static final int MAX_ORDER = 5;

    private final Options options;

    /** The function B(h), {@code solver_type} in the JSON. */
    public enum SolverType implements ConfigName {
        /** B(h) = h. */
        BH1("bh1"),
        /** B(h) = e^h - 1. */
        BH2("bh2");

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
            // Names of DPM-Solver's variants, which the reference reads as bh2 here.
            return List.of("midpoint", "heun", "logrho").contains(name)
                    ? BH2
                    : ConfigName.find(SolverType.class, "solver_type", name);
        }
    }

    /**
     * Fields of UniPC.
     *
     * @param solverOrder outputs used by the predictor, 1 to 5
     * @param predictX0 solve for the clean sample, else for the noise
     * @param solverType B(h)
     * @param lowerOrderFinal use lower orders at the end
     * @param disableCorrector indices of steps whose result is not corrected
     * @param useKarrasSigmas levels by Karras et al., equation 5
     * @param finalSigmasType where the last step ends
     */
    @JsonNaming(SnakeCaseStrategy.class)
    public record Options(
            int solverOrder,
            boolean predictX0,
            SolverType solverType,
            boolean lowerOrderFinal,
            List<Integer> disableCorrector,
            boolean useKarrasSigmas,
            FinalSigma finalSigmasType) {
        static final Options DEFAULTS = new Options(2, true, SolverType.BH2, true, List.of(), false, FinalSigma.ZERO);

        /** @throws ZoetropeException BAD_INPUT if the order is not supported */
        public Options {
            disableCorrector = List.copyOf(disableCorrector);
            if (solverOrder < 1 || solverOrder > MAX_ORDER) {
                throw ZoetropeException.badInput("solver_order is %d, UniPC supports 1 to %d", solverOrder, MAX_ORDER);
            }
        }
    }

    public UniPcScheduler(SchedulerConfig config, Options options) {
        super(SchedulerKind.UNIPC, config, options, config.noiseSchedule().withFiniteSigma());
        this.options = options;
    }

    @Override
    public SamplerPlan plan(int steps) {
        checkSteps(steps);
        double[] table = noiseSchedule().sigmas();
        double[] timesteps = checkExist(config().timestepSpacing()
                .descendingWithoutLast(training(), training(), steps, config().stepsOffset()));
        double[] levels = SigmaPath.at(table, timesteps);
        if (options.useKarrasSigmas()) {
            levels = SigmaPath.karras(table[training() - 1], table[0], steps);
            timesteps = SolverPlan.rounded(SigmaPath.timestepsOf(table, levels));
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
        private final History outputs = new History(options.solverOrder());
        private final History lastSample = new History(1);
        private int lastOrder;

        Plan(SigmaPath path) {
            super(UniPcScheduler.this, path);
        }

        @Override
        StepResult advance(Tensor modelOutput, int i, Tensor sample, NoiseSource noise) {
            outputs.at(i);
            lastSample.at(i);
            SigmaLevel at = level(i);
            try (Scope scope = Scope.open()) {
                PredictionType type = config().predictionType();
                Tensor x0 = SampleClamp.applyThreshold(type.original(modelOutput, sample, at.a(), at.s()), config());
                Tensor m = options.predictX0() ? x0 : type.noise(modelOutput, sample, at.a(), at.s());
                boolean correct =
                        lastSample.size() == 1 && !options.disableCorrector().contains(i - 1);
                Tensor z = correct ? correct(i, m) : sample;
                outputs.push(m);
                lastSample.push(z);
                lastOrder = order(i);
                return new StepResult(scope.keep(predict(i, z)), scope.keep(x0));
            }
        }

        private int order(int i) {
            int order = Math.min(options.solverOrder(), outputs.size());
            // Without noise at its end a step is of infinite length, which only the first order can take.
            boolean toZero = sigma(i + 1) == 0;
            return toZero ? 1 : options.lowerOrderFinal() ? Math.min(order, steps() - i) : order;
        }

        private Tensor predict(int i, Tensor z) {
            UniPcStep step =
                    UniPcStep.predictor(ratios(i, i + 1, lastOrder), signedStep(i, i + 1), options.solverType());
            Tensor base = transfer(i, i + 1, z);
            Tensor m0 = outputs.get(0);
            Tensor sum = null;
            for (int k = 1; k < lastOrder; k++) {
                Tensor d = Ops.mul(outputs.get(k).sub(m0), step.weight(k - 1) / step.ratio(k - 1));
                sum = sum == null ? d : sum.add(d);
            }
            return sum == null ? base : Ops.axpby(1, base, -factor(i + 1) * step.scale(), sum);
        }

        /** The sample of step {@code i} again, now that the output {@code m} there is known. */
        private Tensor correct(int i, Tensor m) {
            UniPcStep step =
                    UniPcStep.corrector(ratios(i - 1, i, lastOrder), signedStep(i - 1, i), options.solverType());
            Tensor base = transfer(i - 1, i, lastSample.get(0));
            Tensor m0 = outputs.get(0);
            Tensor sum = Ops.mul(m.sub(m0), step.weight(lastOrder - 1));
            for (int k = 1; k < lastOrder; k++) {
                sum = Ops.axpby(
                        1,
                        sum,
                        step.weight(k - 1) / step.ratio(k - 1),
                        outputs.get(k).sub(m0));
            }
            return Ops.axpby(1, base, -factor(i) * step.scale(), sum);
        }

        /** The first-order part from level {@code from} to {@code to}. */
        private Tensor transfer(int from, int to, Tensor z) {
            SigmaLevel t = level(to);
            SigmaLevel u = level(from);
            // a (e^-h - 1) and s (e^h - 1) written so that they hold where h is infinite
            return options.predictX0()
                    ? Ops.axpby(t.s() / u.s(), z, t.a() - t.s() * u.a() / u.s(), outputs.get(0))
                    : Ops.axpby(t.a() / u.a(), z, t.s() - t.a() * u.s() / u.a(), outputs.get(0));
        }

        private double factor(int to) {
            return options.predictX0() ? level(to).a() : level(to).s();
        }

        private double signedStep(int from, int to) {
            double h = level(to).lambda() - level(from).lambda();
            return options.predictX0() ? -h : h;
        }

        /** r_1..r_{order-1} of a step. */
        private double[] ratios(int from, int to, int order) {
            double h = level(to).lambda() - level(from).lambda();
            double[] ratios = new double[order - 1];
            for (int k = 1; k < order; k++) {
                ratios[k - 1] = (level(from - k).lambda() - level(from).lambda()) / h;
            }
            return ratios;
        }

        @Override
        public void close() {
            outputs.close();
            lastSample.close();
        }
    }
}
