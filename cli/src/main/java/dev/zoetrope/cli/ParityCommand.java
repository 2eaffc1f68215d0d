package dev.zoetrope.cli;

import dev.zoetrope.tensor.JsonFiles;
import dev.zoetrope.tensor.NativeLibraries;
import dev.zoetrope.tensor.ZoetropeException;
import dev.zoetrope.tensor.parity.ParityCheck;
import dev.zoetrope.tensor.parity.ParityReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code zoetrope parity DIR...}. */
@Command(
        name = "parity",
        header = "Compare with tensors that a reference implementation made.",
        description = {
            "Recomputes every case of each fixture folder (config.json, golden.json,",
            "model.safetensors, io.safetensors; or a tokenizer with encodings.json; or videos",
            "with expected.json) and prints the largest absolute and relative difference of",
            "every output. A folder of fixture folders stands for all of them.",
            "Exit status 1 if an output misses its tolerance or a folder is of no known kind."
        })
final class ParityCommand implements Callable<Integer> {
    private final Shell shell;

    @Parameters(arity = "1..*", paramLabel = "DIR", description = "Fixture folders, or folders of them.")
    private List<Path> folders = new ArrayList<>();

    @Option(names = "--json", paramLabel = "FILE", description = "Also write all lines as JSON.")
    private Optional<Path> json = Optional.empty();

    @Option(names = "--quiet", description = "Print only misses and the summary.")
    private boolean quiet;

    ParityCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws IOException {
        List<Path> fixtures = new ArrayList<>();
        for (Path folder : folders) {
            fixtures.addAll(ParityChecks.expand(Check.folder("fixture folder", folder)));
        }
        shell.startEngine();
        List<ParityReport.Line> lines = new ArrayList<>();
        List<String> unknown = new ArrayList<>();
        for (Path fixture : fixtures) {
            Optional<ParityCheck> check = ParityChecks.of(fixture);
            if (check.isPresent()) {
                lines.addAll(run(check.get(), fixture));
            } else {
                unknown.add(fixture.toString());
                shell.out().println("????  " + fixture + ": no check of this build knows this kind of folder");
            }
        }
        long misses = lines.stream().filter(line -> !line.ok()).count();
        shell.out()
                .printf(
                        "%d outputs of %d folders: %d agree, %d miss; %d folders of unknown kind%n",
                        lines.size(), fixtures.size() - unknown.size(), lines.size() - misses, misses, unknown.size());
        json.ifPresent(file -> write(file, lines, unknown));
        return misses == 0 && unknown.isEmpty() && !lines.isEmpty() ? 0 : 1;
    }

    private List<ParityReport.Line> run(ParityCheck check, Path fixture) {
        ParityReport report = new ParityReport(name(fixture));
        try {
            check.run(fixture, report);
        } catch (ZoetropeException e) {
            report.fail("-", "-", String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            report.fail("-", "-", NativeLibraries.firstLine(e));
            if (shell.debug()) {
                e.printStackTrace(shell.err());
            }
        }
        if (report.lines().isEmpty()) {
            report.fail("-", "-", "the fixture has no outputs to compare");
        }
        report.lines().stream().filter(line -> !quiet || !line.ok()).forEach(shell.out()::println);
        return report.lines();
    }

    private static String name(Path fixture) {
        return String.valueOf(fixture.toAbsolutePath().normalize().getFileName());
    }

    private static void write(Path file, List<ParityReport.Line> lines, List<String> unknown) {
        Map<String, Object> content = new LinkedHashMap<>();
        content.put("passed", unknown.isEmpty() && lines.stream().allMatch(ParityReport.Line::ok));
        content.put("unknown", unknown);
        content.put("lines", lines);
        JsonFiles.write(file, content);
    }
}
