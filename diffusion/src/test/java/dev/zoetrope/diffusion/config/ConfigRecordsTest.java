package dev.zoetrope.diffusion.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.zoetrope.tensor.ZoetropeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigRecordsTest {
    private static final Settings DEFAULTS = new Settings(3, 0.5, List.of(1));

    record Settings(int count, double ratio, List<Integer> sizes) {
        Settings {
            if (count < 0) {
                throw ZoetropeException.badInput("count is %d, expected 0 or more", count);
            }
        }
    }

    @TempDir
    Path folder;

    private static Settings overlay(String json) {
        return ConfigRecords.overlay(ConfigRecords.parseObject(json, "x.json"), DEFAULTS, Settings.class, "x.json");
    }

    @Test
    void absentNullAndUnknownFields() {
        assertThat(overlay("{}")).isEqualTo(DEFAULTS);
        assertThat(overlay("{\"count\": 7, \"ratio\": null, \"other\": {}}"))
                .isEqualTo(new Settings(7, 0.5, List.of(1)));
        assertThat(overlay("{\"ratio\": -Infinity}").ratio()).isEqualTo(Double.NEGATIVE_INFINITY);
    }

    @Test
    void messagesNameFileAndField() {
        for (String json : List.of("{\"count\": \"many\"}", "{\"count\": 1.5}", "{\"count\": -1}")) {
            assertThatThrownBy(() -> overlay(json))
                    .isInstanceOf(ZoetropeException.class)
                    .hasMessageStartingWith("x.json: count");
        }
        assertThatThrownBy(() -> overlay("{\"sizes\": [1, \"a\"]}"))
                .isInstanceOf(ZoetropeException.class)
                .hasMessageStartingWith("x.json: sizes.[1]");
        for (String json : List.of("[]", "{", "", "{\"count\": 1, \"count\": 2}", "{} {")) {
            assertThatThrownBy(() -> overlay(json))
                    .as(json)
                    .isInstanceOf(ZoetropeException.class)
                    .hasMessageContaining("x.json");
        }
    }

    @Test
    void missingFiles() throws IOException {
        assertThatThrownBy(() -> ConfigRecords.readObject(folder.resolve("none.json")))
                .isInstanceOf(ZoetropeException.class)
                .hasMessageContaining("none.json does not exist");
        Path file = Files.writeString(folder.resolve("some.json"), "{\"count\": 9}");
        assertThat(ConfigRecords.read(file, DEFAULTS, Settings.class).count()).isEqualTo(9);
    }
}
