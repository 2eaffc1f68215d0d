package dev.zoetrope.diffusion.scheduler;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.zoetrope.diffusion.config.ConfigRecords;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;

/** The sample and the "network" of the reference library's own scheduler tests. */
final class LibraryFixture {
    /** Fields of Stable Diffusion 2.1-base. */
    static final String SD = """
            "beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "num_train_timesteps": 1000,
            "clip_sample": false, "set_alpha_to_one": false, "steps_offset": 1, "skip_prk_steps": true,
            "prediction_type": "epsilon", "trained_betas": null""";

    private LibraryFixture() {}

    /** 0, 1/768, .. 767/768 as [3,8,8,4], permuted to [4,3,8,8]. */
    static Tensor sample() {
        float[] values = new float[768];
        for (int i = 0; i < values.length; i++) {
            values[i] = i / 768f;
        }
        return Tensors.of(values, 3, 8, 8, 4).permute(3, 0, 1, 2).contiguous();
    }

    static Tensor model(Tensor x, double t) {
        return Ops.mul(x, t / (t + 1));
    }

    /** A scheduler with SD's fields, changed and extended by more JSON fields. */
    static Scheduler sd(String className, String... more) {
        ObjectNode json = json(SD);
        for (String fields : more) {
            json.setAll(json(fields));
        }
        return Schedulers.fromJson(json.put("_class_name", className), SampleSpace.PIXELS);
    }

    /** A scheduler with the class defaults, changed by JSON fields. */
    static Scheduler plain(String className, String fields) {
        return Schedulers.fromJson(json(fields).put("_class_name", className), SampleSpace.PIXELS);
    }

    static ObjectNode json(String fields) {
        return ConfigRecords.parseObject("{" + fields + "}", "test");
    }

    /** The sample after a whole run. */
    static Tensor run(Scheduler scheduler, int steps, NoiseSource noise) {
        try (SamplerPlan plan = scheduler.plan(steps)) {
            return run(plan, Ops.mul(sample(), plan.initNoiseSigma()), noise);
        }
    }

    static Tensor run(SamplerPlan plan, Tensor start, NoiseSource noise) {
        Tensor x = start;
        for (int i = 0; i < plan.steps(); i++) {
            Tensor out = model(plan.scaleModelInput(x, i), plan.timesteps()[i]);
            x = plan.step(out, i, x, noise).previous();
        }
        return x;
    }

    static double absSum(Tensor x) {
        return Tensors.item(x.abs().sum());
    }

    static double at(Tensor x, int... index) {
        int flat = 0;
        long[] shape = Tensors.shape(x);
        for (int d = 0; d < index.length; d++) {
            flat = Math.toIntExact(flat * shape[d] + index[d]);
        }
        return Tensors.toFloats(x)[flat];
    }
}
