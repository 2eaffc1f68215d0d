package dev.zoetrope.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** {@code zoetrope} itself: the global options. */
@Command(
        name = "zoetrope",
        scope = ScopeType.INHERIT,
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        usageHelpAutoWidth = true,
        header = "Generative video on the JVM.",
        footer = {
            "",
            "Exit status: 0 done, 1 a check failed, 2 bad argument or input, 3 weights and",
            "configuration do not match, 4 out of memory, 5 native library, 6 file, 130 cancelled (143 by SIGTERM)."
        })
final class RootCommand extends GroupCommand {
    private final Shell shell;

    RootCommand(Shell shell) {
        this.shell = shell;
    }

    @Option(
            names = "--threads",
            scope = ScopeType.INHERIT,
            paramLabel = "N",
            description =
                    "Threads of one tensor operation, 1 to 1024. Default: OMP_NUM_THREADS where it is set, else 1 for a"
                            + " small model and all cores for others.")
    void setThreads(int threads) {
        Check.range("--threads", threads, 1, 1024);
        shell.setThreads(threads);
    }

    @Option(
            names = "--debug",
            scope = ScopeType.INHERIT,
            description = "Print stack traces and the libraries' log messages.")
    void setDebug(boolean debug) {
        shell.setDebug(debug);
    }
}
