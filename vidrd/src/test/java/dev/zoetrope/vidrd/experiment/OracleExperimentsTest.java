package dev.zoetrope.vidrd.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.zoetrope.diffusion.experiment.Outcome;
import dev.zoetrope.vidrd.ReuseOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Experiments E1 to E4 of the sheet, and its table of measured values. */
class OracleExperimentsTest {
    @Test
    void clipsJoinSmoothly() {
        check(OracleExperiments.joins());
    }

    @Test
    void freshNoiseCuresTheReplay() {
        check(OracleExperiments.fresh());
    }

    @Test
    void guidanceSmoothsBordersInStages() {
        check(OracleExperiments.guidance());
    }

    @Test
    void noiseStaysWhite() {
        check(OracleExperiments.whiteness());
    }

    /** The sheet measured these with other random numbers, in double precision. */
    @ParameterizedTest
    @CsvSource({
        "0, 0, 0, 1.89, 0.175, -0.01",
        "4, 4, 0, 0.0051, 0.176, 0.975",
        "4, 1, 0, 0.0503, 0.176, 0.754",
        "4, 4, 0.4, 0.0030, 0.176, 0.976",
        "4, 1, 0.4, 0.0291, 0.176, 0.761",
        "4, 0, 0.4, 0.0995, 0.176, 0.173",
        "4, 1, 1, 0.0000, 0.178, 0.770"
    })
    void measuresWhatTheSheetMeasured(
            int promptFrames, double alpha, double beta, double bound, double intra, double tail) {
        OracleRun run = OracleRun.of(ReuseOptions.of(promptFrames, alpha, beta));
        assertThat(run.bound()).isCloseTo(bound, within(0.05 * bound + 0.0002));
        assertThat(run.intra()).isCloseTo(intra, within(0.005));
        assertThat(run.tail()).isCloseTo(tail, within(0.03));
    }

    private static void check(Outcome outcome) {
        assertThat(outcome.met()).describedAs("%s", outcome.lines()).isTrue();
    }
}
