package dev.zoetrope.diffusion.scheduler;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.zoetrope.diffusion.config.ConfigRecords;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.Arrays;

/** What the schedulers have in common: fields, noise schedule, checks of step counts and timestep lists. */
abstract class BaseScheduler implements Scheduler {
    private final SchedulerKind kind;
    private final SchedulerConfig config;
    private final Record options;
    private final NoiseSchedule noise;

    BaseScheduler(SchedulerKind kind, SchedulerConfig config, Record options, NoiseSchedule noise) {
        this.kind = kind;
        this.config = config;
        this.options = options;
        this.noise = noise;
    }

    @Override
    public final SchedulerConfig config() {
        return config;
    }

    @Override
    public final NoiseSchedule noiseSchedule() {
        return noise;
    }

    @Override
    public final ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("_class_name", kind.configName());
        json.setAll(ConfigRecords.toObject(config));
        json.setAll(ConfigRecords.toObject(options));
        if (config.trainedBetas().isEmpty()) {
            json.putNull("trained_betas");
        }
        return json;
    }

    /** Number T of training timesteps. */
    final int training() {
        return config.numTrainTimesteps();
    }

    final void checkSteps(int steps) {
        if (steps < 1 || steps > training()) {
            throw ZoetropeException.badInput(
                    "%d sampling steps, expected 1 to %d, the number of training timesteps", steps, training());
        }
    }

    /** The timesteps as doubles, after checking that they exist and go strictly in one direction. */
    final double[] checkTimesteps(boolean descending, int... timesteps) {
        if (timesteps.length == 0) {
            throw ZoetropeException.badInput("no timesteps given, expected at least one");
        }
        for (int i = 0; i < timesteps.length; i++) {
            boolean inOrder =
                    i == 0 || (descending ? timesteps[i] < timesteps[i - 1] : timesteps[i] > timesteps[i - 1]);
            if (!inOrder || timesteps[i] < 0 || timesteps[i] >= training()) {
                throw ZoetropeException.badInput(
                        "timestep %d at position %d: expected strictly %s timesteps from 0 to %d",
                        timesteps[i], i, descending ? "descending" : "ascending", training() - 1);
            }
        }
        return Arrays.stream(timesteps).asDoubleStream().toArray();
    }

    /** The timesteps of the config's spacing, after checking that they exist. */
    final double[] spacedTimesteps(int steps) {
        checkSteps(steps);
        double[] timesteps = config.timestepSpacing().descending(training(), steps, config.stepsOffset());
        return checkExist(timesteps);
    }

    final double[] checkExist(double... timesteps) {
        for (double t : timesteps) {
            noise.alphaBar((int) t);
        }
        return timesteps;
    }

    /** Refuses noise prediction where there is no signal left to subtract it from. */
    final void checkSignal(double... timesteps) {
        for (double t : timesteps) {
            if (noise.alphaBar((int) t) == 0 && config.predictionType() == PredictionType.EPSILON) {
                throw ZoetropeException.badInput(
                        "at timestep %d abar is 0, where the noise tells nothing of the sample: rescale_betas_zero_snr"
                                + " needs prediction_type v_prediction or sample, and timestep_spacing trailing",
                        (int) t);
            }
        }
    }

    /** abar past the last step. */
    final double finalAlphaBar() {
        return config.setAlphaToOne() ? 1 : noise.alphaBar(0);
    }

    /** sigma at each timestep, and at the level after the last one, which is given as abar. */
    final double[] path(double[] timesteps, double lastAlphaBar) {
        double[] sigmas = Arrays.copyOf(timesteps, timesteps.length + 1);
        for (int i = 0; i < timesteps.length; i++) {
            sigmas[i] = noise.sigma((int) timesteps[i]);
        }
        sigmas[timesteps.length] = BasePlan.sigmaOf(lastAlphaBar);
        return sigmas;
    }
}
