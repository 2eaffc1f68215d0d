package dev.zoetrope.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A command that only holds others: without one of them it prints its help and fails. */
abstract class GroupCommand implements Callable<Integer> {
    /** Set by the parser. */
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public final Integer call() {
        CommandLine line = spec.commandLine();
        line.getErr()
                .println("a command is missing; there are: "
                        + String.join(", ", line.getSubcommands().keySet()));
        line.usage(line.getErr());
        return CommandLine.ExitCode.USAGE;
    }
}
