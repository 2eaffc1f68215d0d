package dev.zoetrope.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The option list is a promise to scripts: this test fails when it changes. If the change is meant, run the test with
 * ZOETROPE_UPDATE_PINS=true in the environment and commit src/test/resources/options.txt.
 */
class HelpTest {
    private static CommandLine root() {
        return Zoetrope.commandLine(new Shell(System.out, System.err, false));
    }

    private static boolean updating() {
        return "true".equals(System.getenv("ZOETROPE_UPDATE_PINS"));
    }

    @Test
    void theOptionListIsPinned() throws IOException {
        List<String> lines = new ArrayList<>();
        collect(root(), lines);
        String now = String.join("\n", lines) + "\n";
        if (updating()) {
            Files.writeString(Path.of("src/test/resources/options.txt"), now);
        }
        try (InputStream in = HelpTest.class.getResourceAsStream("/options.txt")) {
            assertThat(in).as("src/test/resources/options.txt").isNotNull();
            String pinned = in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8);
            assertThat(updating() ? now : pinned).isEqualTo(now);
        }
    }

    private static void collect(CommandLine command, List<String> lines) {
        String name = command.getCommandSpec().qualifiedName();
        command.getCommandSpec().positionalParameters().forEach(p -> lines.add(name + " " + p.paramLabel()));
        // Sorted: Java does not promise the order in which it lists methods, and some options are on methods.
        command.getCommandSpec().options().stream()
                .filter(option -> !option.inherited() && !option.usageHelp() && !option.versionHelp())
                .map(option -> name + " " + String.join(",", option.names()))
                .sorted()
                .forEach(lines::add);
        command.getSubcommands().values().forEach(child -> collect(child, lines));
    }

    @Test
    void everyOptionSaysItsDefaultOrThatItIsRequired() {
        checkDescriptions(root());
    }

    private static void checkDescriptions(CommandLine command) {
        for (OptionSpec option : command.getCommandSpec().options()) {
            String text = String.join(" ", option.description());
            assertThat(text)
                    .as("%s %s", command.getCommandName(), option.longestName())
                    .isNotBlank();
            boolean isFlag = option.arity().max() == 0;
            if (!isFlag && !option.required()) {
                assertThat(text)
                        .as("%s %s", command.getCommandName(), option.longestName())
                        .containsAnyOf("Default", "Also");
            }
        }
        command.getSubcommands().values().forEach(HelpTest::checkDescriptions);
    }

    @Test
    void helpAndVersionSucceedOnEveryCommand() {
        for (String name : root().getSubcommands().keySet()) {
            Run help = Run.of(name, "--help");
            assertThat(help.status()).as(name).isZero();
            assertThat(help.out()).contains("Usage: zoetrope " + name);
        }
        assertThat(Run.of("--version").out()).startsWith("zoetrope 0.");
        assertThat(Run.of("--help").out()).contains("Exit status", "parity", "doctor");
    }

    @Test
    void badArgumentsGiveOneLineAndStatusTwo() {
        assertThat(Run.of().status()).isEqualTo(2);
        assertThat(Run.of("nonsense").status()).isEqualTo(2);
        assertThat(Run.of("parity").status()).isEqualTo(2);
        assertThat(Run.of("parity", "--nonsense", ".").status()).isEqualTo(2);
        Run threads = Run.of("--threads", "0", "doctor");
        assertThat(threads.status()).isEqualTo(2);
        assertThat(threads.err()).contains("--threads must be between 1 and 1024, got 0");
        assertThat(Run.of("info", "/no/such/file").err()).contains("does not exist");
        assertThat(Run.of("experiment", "nothing").err()).contains("backbone");
        assertThat(Run.of("train", "text-to-video", "-o", "x", "--preset", "huge")
                        .err())
                .contains("tiny");
        assertThat(Run.of("train", "text-to-video", "-o", "x", "--steps", "0").err())
                .contains("expected 1 to");
    }
}
