package dev.zoetrope.diffusion.scheduler;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.zoetrope.diffusion.config.ConfigName;
import dev.zoetrope.diffusion.config.ConfigRecords;
import dev.zoetrope.tensor.JsonFiles;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes schedulers from {@code scheduler_config.json}, and one kind from the JSON of another. */
public final class Schedulers {
    private static final Logger log = LoggerFactory.getLogger(Schedulers.class);
    private static final String FILE_NAME = "scheduler_config.json";
    private static final String KARRAS = "-karras";
    private static final Map<String, SchedulerKind> NAMES = kinds();

    /** Noise levels that the reference can lay out in ways we do not have. */
    private static final List<String> UNSUPPORTED = List.of(
            "use_exponential_sigmas", "use_beta_sigmas", "use_lu_lambdas", "use_flow_sigmas", "use_dynamic_shifting");

    private Schedulers() {}

    private static Map<String, SchedulerKind> kinds() {
        Map<String, SchedulerKind> names = new LinkedHashMap<>();
        names.put("ddim", SchedulerKind.DDIM);
        names.put("ddim-inverse", SchedulerKind.DDIM_INVERSE);
        names.put("ddpm", SchedulerKind.DDPM);
        names.put("pndm", SchedulerKind.PNDM);
        names.put("euler", SchedulerKind.EULER);
        names.put("euler-karras", SchedulerKind.EULER);
        names.put("dpm++2m", SchedulerKind.DPM_SOLVER);
        names.put("dpm++2m-karras", SchedulerKind.DPM_SOLVER);
        names.put("unipc", SchedulerKind.UNIPC);
        names.put("unipc-karras", SchedulerKind.UNIPC);
        names.put("lcm", SchedulerKind.LCM);
        return names;
    }

    /** The names {@link #byName} knows. */
    public static List<String> names() {
        return List.copyOf(NAMES.keySet());
    }

    /**
     * Reads a scheduler.
     *
     * @param fileOrFolder {@code scheduler_config.json} or the folder it is in
     * @param space what is sampled
     * @throws ZoetropeException BAD_INPUT if the file is missing or describes a scheduler that is not supported
     */
    public static Scheduler read(Path fileOrFolder, SampleSpace space) {
        boolean isFile = fileOrFolder.toString().endsWith(".json");
        Path file = isFile ? fileOrFolder : fileOrFolder.resolve(FILE_NAME);
        return fromJson(ConfigRecords.readObject(file), space, file.toString());
    }

    /**
     * The scheduler that {@code _class_name} names.
     *
     * @param space what is sampled; {@link SampleSpace#PIXELS} takes the JSON as it is
     * @throws ZoetropeException BAD_INPUT listing the supported values of the field that is wrong
     */
    public static Scheduler fromJson(JsonNode json, SampleSpace space) {
        return fromJson(json, space, FILE_NAME);
    }

    private static Scheduler fromJson(JsonNode json, SampleSpace space, String source) {
        String className = json.path("_class_name").asText();
        return naming(source, () -> {
            SchedulerKind kind = ConfigName.find(SchedulerKind.class, "_class_name", className);
            return create(kind, json, space, source);
        });
    }

    /** Puts the file in front of messages that do not name it. */
    private static Scheduler naming(String source, Supplier<Scheduler> maker) {
        try {
            return maker.get();
        } catch (ZoetropeException e) {
            String message = String.valueOf(e.getMessage());
            throw message.startsWith(source) ? e : new ZoetropeException(e.code(), source + ": " + message, e);
        }
    }

    /**
     * A scheduler of another kind with the noise schedule and prediction type of a given JSON. Fields the kind does not
     * have are ignored, fields the JSON lacks take the defaults of the kind.
     *
     * @param name one of {@link #names}
     * @param json {@code scheduler_config.json} of any scheduler
     * @param space what is sampled
     * @throws ZoetropeException BAD_INPUT listing the known names
     */
    public static Scheduler byName(String name, JsonNode json, SampleSpace space) {
        SchedulerKind kind = NAMES.get(name);
        if (kind == null) {
            throw ZoetropeException.badInput(
                    "scheduler \"%s\" is not known, supported are %s", name, String.join(", ", NAMES.keySet()));
        }
        ObjectNode copy = json.deepCopy();
        if (name.endsWith(KARRAS)) {
            copy.put("use_karras_sigmas", true);
        }
        if (name.equals("pndm") && !copy.has("skip_prk_steps")) {
            copy.put("skip_prk_steps", true); // as every published model has it
        }
        return naming(FILE_NAME, () -> create(kind, copy, space, FILE_NAME));
    }

    private static Scheduler create(SchedulerKind kind, JsonNode json, SampleSpace space, String source) {
        for (String field : UNSUPPORTED) {
            if (json.path(field).asBoolean(false)) {
                throw ZoetropeException.badInput(
                        "%s: %s is not supported, set it to false or use use_karras_sigmas", source, field);
            }
        }
        ObjectNode fields = json.deepCopy();
        if (space == SampleSpace.LATENTS && kind.defaults().clipSample() && !fields.hasNonNull("clip_sample")) {
            log.warn(
                    "{}: no clip_sample; {} would clamp latents to [-1, 1], so it is taken as false",
                    source,
                    kind.configName());
            fields.put("clip_sample", false);
        }
        return kind.create(fields, source);
    }

    /**
     * The same scheduler with noise in each step, if it is DDIM.
     *
     * @param eta 0 to 1
     * @throws ZoetropeException BAD_INPUT if eta is outside, or above 0 for a scheduler that does not have it
     */
    public static Scheduler withEta(Scheduler scheduler, double eta) {
        if (scheduler instanceof DdimScheduler ddim) {
            return ddim.withEta(eta);
        }
        if (eta != 0) {
            throw ZoetropeException.badInput("eta is %s, which only the scheduler ddim has: leave it at 0", eta);
        }
        return scheduler;
    }

    /** Writes {@code scheduler_config.json} into a folder. */
    public static void write(Scheduler scheduler, Path folder) {
        JsonFiles.write(folder.resolve(FILE_NAME), scheduler.toJson());
    }
}
