package dev.zoetrope.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class Mix32Test {
    @Test
    void givesTheNumbersOfTheSheet() {
        assertThat(Mix32.uniform(0, 0)).isCloseTo(0.40688223, within(5e-9));
        assertThat(Mix32.uniform(1, 0)).isCloseTo(0.45709221, within(5e-9));
        assertThat(Mix32.uniform(0, 1)).isCloseTo(0.45895860, within(5e-9));
        assertThat(Mix32.uniform(7, 1000)).isCloseTo(0.21703672, within(5e-9));
    }
}
