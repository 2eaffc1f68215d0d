package dev.zoetrope.diffusion.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.zoetrope.tensor.ZoetropeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TimestepSpacingTest {
    /** Section 2.3 of the backbone sheet. */
    @Test
    void examplesOfTheSheet() {
        assertThat(TimestepSpacing.LEADING.descending(1000, 50, 1))
                .startsWith(981, 961, 941)
                .endsWith(21, 1);
        assertThat(TimestepSpacing.LEADING.descending(1000, 30, 1))
                .startsWith(958, 925, 892)
                .endsWith(1);
        assertThat(TimestepSpacing.LEADING.descending(1000, 7, 1))
                .startsWith(853, 711, 569)
                .endsWith(1);
        assertThat(TimestepSpacing.TRAILING.descending(1000, 50, 1))
                .startsWith(999, 979)
                .endsWith(19);
        assertThat(TimestepSpacing.TRAILING.descending(1000, 30, 1))
                .startsWith(999, 966, 932)
                .endsWith(32);
        assertThat(TimestepSpacing.LINSPACE.descending(1000, 50, 1)).startsWith(999, 979, 958);
    }

    @Test
    void plmsRepeatsTheSecond() {
        try (SamplerPlan plan = LibraryFixture.sd("PNDMScheduler").plan(10)) {
            assertThat(plan.timesteps()).containsExactly(901, 801, 801, 701, 601, 501, 401, 301, 201, 101, 1);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "DDIMScheduler",
                "DDIMInverseScheduler",
                "DDPMScheduler",
                "PNDMScheduler",
                "EulerDiscreteScheduler",
                "DPMSolverMultistepScheduler",
                "UniPCMultistepScheduler",
                "LCMScheduler"
            })
    void stepCountsAndTimestepListsAreChecked(String className) {
        Scheduler scheduler = LibraryFixture.sd(className);
        for (int steps : new int[] {0, -1, 1001}) {
            assertThatThrownBy(() -> scheduler.plan(steps))
                    .isInstanceOf(ZoetropeException.class)
                    .hasMessageContaining(steps + " sampling steps");
        }
        int[][] lists = {{}, {5, 5}, {1000}, {3, -1}, {3, 2, 7}};
        for (int[] list : lists) {
            assertThatThrownBy(() -> scheduler.planAt(list)).isInstanceOf(ZoetropeException.class);
        }
        for (int steps : new int[] {1, 2, 3, 4, 7, 15, 49, 50}) {
            try (SamplerPlan plan = scheduler.plan(steps)) {
                assertThat(plan.sigmas()).hasSize(plan.steps() + 1);
                for (double t : plan.timesteps()) {
                    assertThat(t).isBetween(0.0, 999.0);
                }
            }
        }
    }

    @Test
    void aTimestepBeyondTheScheduleIsAnError() {
        assertThatThrownBy(() -> LibraryFixture.sd("DDIMScheduler").plan(1000))
                .isInstanceOf(ZoetropeException.class)
                .hasMessageContaining("timestep 1000")
                .hasMessageContaining("smaller offset");
    }
}
