package dev.zoetrope.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextsTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "A red circle moves. | a-red-circle-moves",
                "../../etc/passwd | etc-passwd",
                "C:\\new\\file* ?.mp4 | c-new-file-mp4",
                "\"\" | clip",
                "/ | clip",
                "Größe 圆 | größe-圆",
                "a red circle over a blue background | a-red-circle-over-a",
            })
    void promptsBecomeNamesOfFiles(String prompt, String name) {
        assertThat(Texts.slug(prompt, 20)).isEqualTo(name);
    }
}
