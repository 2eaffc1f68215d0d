package dev.zoetrope.vidrd.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.zoetrope.diffusion.experiment.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VidRDExperimentsTest {
    @TempDir
    Path temporary;

    private static VidRDExperiments.Entry entry(String id, String line, boolean met) {
        Outcome outcome = new Outcome(List.of("| a |", "|---|", line, "Wanted: more."), met);
        return new VidRDExperiments.Entry(
                id, "title", setting -> new VidRDExperiments.Measured(outcome, Optional.of("abc")));
    }

    @Test
    void eachExperimentHasItsSectionOnThePage() throws IOException {
        Path page = temporary.resolve("vidrd.md");
        List<String> printed = new ArrayList<>();
        for (VidRDExperiments.Entry entry :
                List.of(entry("E2", "| 2 |", true), entry("E1", "| 1 |", true), entry("E2", "| 3 |", false))) {
            entry.run(new VidRDExperiments.Setting(temporary, temporary, temporary, 2), page, printed::add);
        }
        assertThat(Files.readString(page)).isEqualTo("""
                        # Experiments of VidRD

                        ## E1: title

                        | a |
                        |---|
                        | 1 |

                        Wanted: more.

                        Met. Model sha256 `abc`.

                        ## E2: title

                        | a |
                        |---|
                        | 3 |

                        Wanted: more.

                        **Missed.** Model sha256 `abc`.
                        """);
        assertThat(printed).contains("| 2 |", "| 1 |", "| 3 |");
    }
}
