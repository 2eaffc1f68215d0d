package dev.zoetrope.diffusion.scheduler;

import com.fasterxml.jackson.databind.JsonNode;
import dev.zoetrope.diffusion.config.ConfigRecords;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.parity.Fixture;
import dev.zoetrope.tensor.parity.ParityCheck;
import dev.zoetrope.tensor.parity.ParityReport;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** Whole sampler trajectories with recorded outputs of the network; {@code configs.json} has a scheduler for each case. */
public final class SchedulerParity extends ParityCheck.ForModule {
    @Override
    protected boolean supportsModule(String module) {
        return module.equals("schedulers");
    }

    @Override
    protected void run(Fixture fixture, ParityReport report) {
        JsonNode configs = ConfigRecords.readObject(fixture.folder().resolve("configs.json"));
        for (Fixture.Case testCase : fixture.cases()) {
            try (Scope scope = Scope.noGrad()) {
                run(configs.path(testCase.name()), testCase, report);
            }
        }
    }

    private static void run(JsonNode config, Fixture.Case testCase, ParityReport report) {
        Scheduler scheduler = scheduler(config, testCase.args());
        try (SamplerPlan plan = plan(scheduler, testCase.args())) {
            Trajectory trajectory = Trajectory.of(plan, testCase);
            for (String output : testCase.outputs()) {
                switch (output) {
                    case "timesteps" -> report.compare(testCase, output, vector(plan.timesteps()));
                    case "sigmas" -> report.compare(testCase, output, vector(plan.sigmas()));
                    case "alphas_cumprod" ->
                        report.compare(
                                testCase,
                                output,
                                vector(scheduler.noiseSchedule().alphasCumprod()));
                    case "samples" -> report.compare(testCase, output, Ops.stack(0, trajectory.samples()));
                    case "scaled_inputs" -> report.compare(testCase, output, Ops.stack(0, trajectory.inputs()));
                    case "add_noise" -> report.compare(testCase, output, addNoise(plan, testCase));
                    default -> report.fail(testCase.name(), output, "not an output this check knows");
                }
            }
        }
    }

    private static Scheduler scheduler(JsonNode config, JsonNode args) {
        Scheduler scheduler = Schedulers.fromJson(config, SampleSpace.PIXELS);
        if (scheduler instanceof DdimScheduler ddim) {
            return ddim.withEta(args.path("eta").asDouble(0))
                    .withUseClippedModelOutput(
                            args.path("use_clipped_model_output").asBoolean(false));
        }
        return scheduler;
    }

    private static SamplerPlan plan(Scheduler scheduler, JsonNode args) {
        JsonNode timesteps = args.path("timesteps");
        if (!timesteps.isArray()) {
            return scheduler.plan(args.path("steps").asInt());
        }
        int[] whole = new int[timesteps.size()];
        for (int i = 0; i < whole.length; i++) {
            whole[i] = timesteps.get(i).asInt();
        }
        return scheduler.planAt(whole);
    }

    private static Tensor addNoise(SamplerPlan plan, Fixture.Case testCase) {
        float[] at = Tensors.toFloats(testCase.input("add_noise_t"));
        double[] timesteps = new double[at.length];
        for (int i = 0; i < at.length; i++) {
            timesteps[i] = at[i];
        }
        return plan.addNoise(testCase.input("clean"), testCase.input("noise"), timesteps);
    }

    private static Tensor vector(double[] values) {
        return NoiseSchedule.column(values, 1);
    }

    /** The sample after each step, and what the network would have been given. */
    private record Trajectory(List<Tensor> samples, List<Tensor> inputs) {
        static Trajectory of(SamplerPlan plan, Fixture.Case testCase) {
            Trajectory trajectory = new Trajectory(new ArrayList<>(), new ArrayList<>());
            Tensor outputs = testCase.input("model_outputs");
            Tensor x = testCase.input("sample");
            for (int i = 0; i < plan.steps(); i++) {
                int step = i;
                NoiseSource noise = testCase.hasInput("noises")
                        ? shape -> testCase.input("noises").select(0, step)
                        : NoiseSource.none();
                trajectory.inputs.add(plan.scaleModelInput(x, i));
                x = plan.step(outputs.select(0, i), i, x, noise).previous();
                trajectory.samples.add(x);
            }
            return trajectory;
        }
    }
}
