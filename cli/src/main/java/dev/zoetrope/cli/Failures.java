package dev.zoetrope.cli;

import dev.zoetrope.tensor.ErrorCode;
import dev.zoetrope.tensor.NativeLibraries;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** The one place that turns failures into messages and exit statuses. */
final class Failures implements IExecutionExceptionHandler {
    private final Shell shell;

    Failures(Shell shell) {
        this.shell = shell;
    }

    @Override
    public int handleExecutionException(Exception failure, CommandLine command, ParseResult arguments) {
        return report(shell, failure);
    }

    static int report(Shell shell, Throwable failure) {
        ZoetropeException known = translate(failure);
        shell.err().println("zoetrope: " + known.getMessage());
        if (shell.debug()) {
            failure.printStackTrace(shell.err());
        }
        return known.code().exitStatus();
    }

    /** Native libraries throw plain runtime exceptions with a C++ trace behind the first line. */
    private static ZoetropeException translate(Throwable failure) {
        if (failure instanceof ZoetropeException known) {
            return known;
        }
        String first = NativeLibraries.firstLine(failure);
        String lower = first.toLowerCase(Locale.ROOT);
        if (failure instanceof OutOfMemoryError
                || lower.contains("not enough memory")
                || lower.contains("can't allocate")) {
            return new ZoetropeException(
                    ErrorCode.OUT_OF_MEMORY,
                    first + "; try --low-memory, fewer frames or a smaller --size (`zoetrope plan` forecasts the need)",
                    failure);
        }
        return new ZoetropeException(
                ErrorCode.NATIVE, "unexpected failure: " + first + "; --debug shows where it happened", failure);
    }

    /** An argument that the parser or its setter refused: the message, no page of help. */
    static final class BadArguments implements IParameterExceptionHandler {
        private final Shell shell;

        BadArguments(Shell shell) {
            this.shell = shell;
        }

        @Override
        public int handleParseException(ParameterException failure, String[] arguments) {
            String message = failure.getCause() instanceof ZoetropeException cause
                    ? String.valueOf(cause.getMessage())
                    : String.valueOf(failure.getMessage());
            shell.err().println("zoetrope: " + message);
            UnmatchedArgumentException.printSuggestions(
                    failure, failure.getCommandLine().getErr());
            shell.err()
                    .println("Try '" + failure.getCommandLine().getCommandSpec().qualifiedName() + " --help'.");
            return ErrorCode.BAD_INPUT.exitStatus();
        }
    }
}
