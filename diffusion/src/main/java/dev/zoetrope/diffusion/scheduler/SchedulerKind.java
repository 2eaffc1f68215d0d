package dev.zoetrope.diffusion.scheduler;

import com.fasterxml.jackson.databind.JsonNode;
import dev.zoetrope.diffusion.config.ConfigName;
import dev.zoetrope.diffusion.config.ConfigRecords;

/** The supported scheduler classes: their published names, class defaults and fields. */
enum SchedulerKind implements ConfigName {
    DDIM("DDIMScheduler"),
    DDIM_INVERSE("DDIMInverseScheduler"),
    DDPM("DDPMScheduler"),
    PNDM("PNDMScheduler"),
    EULER("EulerDiscreteScheduler"),
    DPM_SOLVER("DPMSolverMultistepScheduler"),
    UNIPC("UniPCMultistepScheduler"),
    LCM("LCMScheduler");

    private final String className;

    SchedulerKind(String className) {
        this.className = className;
    }

    /** {@code _class_name} in the JSON. */
    @Override
    public String configName() {
        return className;
    }

    /** What the class assumes for absent fields. */
    SchedulerConfig defaults() {
        return switch (this) {
            case DDIM -> DdimScheduler.DEFAULTS;
            case DDIM_INVERSE -> DdimInverseScheduler.DEFAULTS;
            case DDPM -> DdpmScheduler.DEFAULTS;
            case PNDM -> PndmScheduler.DEFAULTS;
            case EULER -> EulerScheduler.DEFAULTS;
            case DPM_SOLVER -> DpmSolverScheduler.DEFAULTS;
            case UNIPC -> UniPcScheduler.DEFAULTS;
            case LCM -> LcmScheduler.DEFAULTS;
        };
    }

    /** @param source what to call the JSON in messages */
    Scheduler create(JsonNode json, String source) {
        SchedulerConfig config = ConfigRecords.overlay(json, defaults(), SchedulerConfig.class, source);
        Fields own = new Fields(json, source);
        return switch (this) {
            case DDIM -> new DdimScheduler(config);
            case DDIM_INVERSE -> new DdimInverseScheduler(config);
            case DDPM ->
                new DdpmScheduler(config, own.over(DdpmScheduler.Options.DEFAULTS, DdpmScheduler.Options.class));
            case PNDM ->
                new PndmScheduler(config, own.over(PndmScheduler.Options.DEFAULTS, PndmScheduler.Options.class));
            case EULER ->
                new EulerScheduler(config, own.over(EulerScheduler.Options.DEFAULTS, EulerScheduler.Options.class));
            case DPM_SOLVER ->
                new DpmSolverScheduler(
                        config, own.over(DpmSolverScheduler.Options.DEFAULTS, DpmSolverScheduler.Options.class));
            case UNIPC ->
                new UniPcScheduler(config, own.over(UniPcScheduler.Options.DEFAULTS, UniPcScheduler.Options.class));
            case LCM -> new LcmScheduler(config, own.over(LcmScheduler.Options.DEFAULTS, LcmScheduler.Options.class));
        };
    }

    private record Fields(JsonNode json, String source) {
        <T extends Record> T over(T options, Class<T> type) {
            return ConfigRecords.overlay(json, options, type, source);
        }
    }
}
