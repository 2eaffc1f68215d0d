package dev.zoetrope.diffusion.scheduler;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.zoetrope.tensor.ZoetropeException;

/** A noise schedule and a sampler for it. Immutable: one scheduler serves any number of runs at the same time. */
public interface Scheduler {
    /** The fields shared by all schedulers. */
    SchedulerConfig config();

    /** The noise schedule the network was trained with. */
    NoiseSchedule noiseSchedule();

    /** {@code scheduler_config.json} with {@code _class_name} and every field, as the reference library reads it. */
    ObjectNode toJson();

    /**
     * The state of one run of {@code steps} steps.
     *
     * @throws ZoetropeException BAD_INPUT unless 1 &lt;= steps &lt;= T, or if the schedule cannot be run
     */
    SamplerPlan plan(int steps);

    /**
     * The state of one run over given timesteps.
     *
     * @param timesteps strictly descending (ascending for inversion), each at least 0 and below T
     * @throws ZoetropeException BAD_INPUT if they are not
     */
    SamplerPlan planAt(int... timesteps);
}
