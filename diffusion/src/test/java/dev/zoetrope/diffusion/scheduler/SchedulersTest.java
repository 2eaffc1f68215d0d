package dev.zoetrope.diffusion.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.zoetrope.tensor.ZoetropeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SchedulersTest {
    @TempDir
    Path folder;

    @Test
    void absentFieldsTakeTheDefaultsOfTheClass() {
        assertThat(LibraryFixture.plain("DDIMScheduler", "").config())
                .isEqualTo(SchedulerConfig.defaults(TimestepSpacing.LEADING, true, true));
        assertThat(LibraryFixture.plain("PNDMScheduler", "\"skip_prk_steps\": true")
                        .config()
                        .setAlphaToOne())
                .isFalse();
        assertThat(LibraryFixture.plain("EulerDiscreteScheduler", "").config().timestepSpacing())
                .isEqualTo(TimestepSpacing.LINSPACE);
        assertThat(LibraryFixture.plain("LCMScheduler", "").config().betaEnd()).isEqualTo(0.012);
        assertThat(LibraryFixture.plain("LCMScheduler", "\"timestep_spacing\": null, \"new_field\": [1]")
                        .config()
                        .clipSample())
                .isFalse();
    }

    @Test
    void latentsAreNotClippedUnlessTheJsonSaysSo() {
        ObjectNode silent = LibraryFixture.json("\"_class_name\": \"DDIMScheduler\"");
        assertThat(Schedulers.fromJson(silent, SampleSpace.PIXELS).config().clipSample())
                .isTrue();
        assertThat(Schedulers.fromJson(silent, SampleSpace.LATENTS).config().clipSample())
                .isFalse();
        silent.put("clip_sample", true);
        assertThat(Schedulers.fromJson(silent, SampleSpace.LATENTS).config().clipSample())
                .isTrue();
    }

    @Test
    void oneSchedulerFromTheJsonOfAnother() {
        ObjectNode pndm = LibraryFixture.json("\"_class_name\": \"PNDMScheduler\"," + LibraryFixture.SD);
        for (String name : Schedulers.names()) {
            Scheduler scheduler = Schedulers.byName(name, pndm, SampleSpace.LATENTS);
            assertThat(scheduler.noiseSchedule().alphaBar(500))
                    .isEqualTo(SchedulerConfig.stableDiffusion().noiseSchedule().alphaBar(500));
            assertThat(scheduler.config().stepsOffset()).isEqualTo(1);
            assertThat(scheduler.toJson().path("use_karras_sigmas").asBoolean(false))
                    .isEqualTo(name.endsWith("-karras"));
        }
        assertThat(pndm.path("_class_name").asText()).isEqualTo("PNDMScheduler");
        assertThatThrownBy(() -> Schedulers.byName("euler a", pndm, SampleSpace.LATENTS))
                .isInstanceOf(ZoetropeException.class)
                .hasMessageContaining("\"euler a\"")
                .hasMessageContaining("ddim, ddim-inverse, ddpm, pndm");
    }

    @ParameterizedTest
    @EnumSource(SchedulerKind.class)
    void writtenAndReadBack(SchedulerKind kind) {
        Scheduler scheduler = LibraryFixture.sd(kind.configName());
        Schedulers.write(scheduler, folder);
        Scheduler again = Schedulers.read(folder, SampleSpace.PIXELS);
        assertThat(again).hasSameClassAs(scheduler);
        assertThat(again.toJson()).isEqualTo(scheduler.toJson());
        assertThat(again.toJson().path("_class_name").asText()).isEqualTo(kind.configName());
        assertThat(again.toJson().path("beta_schedule").asText()).isEqualTo("scaled_linear");
    }

    @Test
    void pythonsInfinityIsRead() throws IOException {
        Path file = folder.resolve("scheduler_config.json");
        Files.writeString(
                file, "{\"_class_name\": \"DPMSolverMultistepScheduler\", \"lambda_min_clipped\": -Infinity}");
        try (SamplerPlan plan = Schedulers.read(file, SampleSpace.LATENTS).plan(9)) {
            assertThat(plan.timesteps()[0]).isEqualTo(999);
        }
        Files.writeString(file, "{\"_class_name\": \"DPMSolverMultistepScheduler\", \"lambda_min_clipped\": -4.0}");
        try (SamplerPlan plan = Schedulers.read(file, SampleSpace.LATENTS).plan(9)) {
            double lambda = -Math.log(plan.sigmas()[0]);
            assertThat(lambda).isBetween(-4.0, -3.9);
            assertThat(Arrays.stream(plan.timesteps()).max().orElseThrow()).isLessThan(999);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            DDIMScheduler               | "beta_schedule": "cubic"             | linear, scaled_linear, squaredcos_cap_v2
            DDIMScheduler               | "prediction_type": "flow"            | epsilon, v_prediction, sample
            DDIMScheduler               | "timestep_spacing": "middle"         | leading, trailing, linspace
            HeunDiscreteScheduler       | "a": 1                               | DDIMScheduler, DDIMInverseScheduler
            DDPMScheduler               | "variance_type": "learned"           | fixed_small, fixed_small_log, fixed_large
            DPMSolverMultistepScheduler | "algorithm_type": "dpmsolver"        | dpmsolver++, sde-dpmsolver++
            DPMSolverMultistepScheduler | "solver_order": 4                    | 1 to 3
            DPMSolverMultistepScheduler | "use_beta_sigmas": true              | use_karras_sigmas
            UniPCMultistepScheduler     | "solver_order": 9                    | 1 to 5
            EulerDiscreteScheduler      | "timestep_type": "other"             | discrete, continuous
            EulerDiscreteScheduler      | "sigma_min": 2, "sigma_max": 1       | sigma_min < sigma_max
            PNDMScheduler               | "prediction_type": "sample"          | epsilon, v_prediction
            DDIMScheduler               | "beta_start": 0.5, "beta_end": 0.1   | beta_start <= beta_end
            DDIMScheduler               | "num_train_timesteps": 0             | num_train_timesteps
            DDIMScheduler               | "num_train_timesteps": "many"        | num_train_timesteps
            DDIMScheduler               | "trained_betas": [0.1, 0.2]          | trained_betas has 2 values
            DDIMScheduler               | "steps_offset": -1                   | steps_offset
            LCMScheduler                | "original_inference_steps": 2000     | original_inference_steps
            """)
    void unusableFieldsAreNamed(String className, String fields, String expected) {
        assertThatThrownBy(() -> LibraryFixture.plain(className, fields))
                .isInstanceOf(ZoetropeException.class)
                .hasMessageStartingWith("scheduler_config.json")
                .hasMessageContaining(expected);
    }

    @Test
    void zeroSnrNeedsAnotherPrediction() {
        String zero = "\"rescale_betas_zero_snr\": true, \"timestep_spacing\": \"trailing\"";
        Scheduler scheduler = LibraryFixture.sd("DDIMScheduler", zero);
        assertThatThrownBy(() -> scheduler.plan(10))
                .isInstanceOf(ZoetropeException.class)
                .hasMessageContaining("v_prediction or sample");
        LibraryFixture.sd("DDIMScheduler", zero + ", \"prediction_type\": \"sample\"")
                .plan(10)
                .close();
        // Solvers on sigma have a finite last level.
        LibraryFixture.sd("EulerDiscreteScheduler", zero).plan(10).close();
    }

    @Test
    void etaIsAtMostOne() {
        DdimScheduler scheduler = new DdimScheduler(SchedulerConfig.stableDiffusion());
        for (double eta : new double[] {-0.1, 1.1, Double.NaN}) {
            assertThatThrownBy(() -> scheduler.withEta(eta))
                    .isInstanceOf(ZoetropeException.class)
                    .hasMessageContaining("eta is");
        }
    }

    @Test
    void onlyDdimHasEta() {
        Scheduler ddpm = LibraryFixture.sd("DDPMScheduler");
        assertThat(Schedulers.withEta(ddpm, 0)).isSameAs(ddpm);
        assertThat(Schedulers.withEta(LibraryFixture.sd("DDIMScheduler"), 1)).isInstanceOf(DdimScheduler.class);
        assertThatThrownBy(() -> Schedulers.withEta(ddpm, 0.5))
                .isInstanceOf(ZoetropeException.class)
                .hasMessageContaining("only the scheduler ddim");
    }

    @Test
    void aMissingFileIsNamed() {
        assertThatThrownBy(() -> Schedulers.read(folder.resolve("none"), SampleSpace.LATENTS))
                .isInstanceOf(ZoetropeException.class)
                .hasMessageContaining("scheduler_config.json does not exist");
    }
}
