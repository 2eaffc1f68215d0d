package dev.zoetrope.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import picocli.CommandLine;

/** The program: {@code zoetrope COMMAND}. */
public final class Zoetrope {
    private Zoetrope() {}

    public static void main(String[] args) {
        PrintStream out = stream(FileDescriptor.out);
        PrintStream err = stream(FileDescriptor.err);
        int status = run(new Shell(out, err, Boolean.getBoolean("zoetrope.terminal")), args);
        out.flush();
        err.flush();
        System.exit(status);
    }

    private static PrintStream stream(FileDescriptor descriptor) {
        return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
    }

    /** Runs one command in this process and returns its exit status. */
    static int run(Shell shell, String... args) {
        shell.setCommand(args);
        return commandLine(shell).execute(args);
    }

    /** The whole command tree. */
    static CommandLine commandLine(Shell shell) {
        CommandLine root = new CommandLine(new RootCommand(shell))
                .addSubcommand(new GenerateCommand(shell))
                .addSubcommand(new PlanCommand(shell))
                .addSubcommand(group(
                        new ModelsCommand(),
                        new ModelsListCommand(shell),
                        new ModelsInspectCommand(shell),
                        new ModelsVerifyCommand(shell),
                        new ModelsConvertCommand(shell),
                        new ModelsSynthCommand(shell)))
                .addSubcommand(group(new DataCommand(), new DataComposeCommand(shell)))
                .addSubcommand(group(
                        new TrainCommand(),
                        new TrainTextToVideoCommand(shell),
                        new TrainVidRDCommand.OfUNet(shell),
                        new TrainVidRDCommand.OfDecoder(shell)))
                .addSubcommand(group(
                        new EvaluateCommand(), new EvaluateAttributesCommand(shell), new EvaluateVideosCommand(shell)))
                .addSubcommand(group(
                        new MotionCommand(),
                        new MotionFitCommand(shell),
                        new MotionInspectCommand(shell),
                        new MotionCompareCommand(shell),
                        new MotionPansCommand(shell)))
                .addSubcommand(new ControlCommand(shell))
                .addSubcommand(new DemoCommand(shell))
                .addSubcommand(new InfoCommand(shell))
                .addSubcommand(new ParityCommand(shell))
                .addSubcommand(new ExperimentCommand(shell))
                .addSubcommand(new DoctorCommand(shell))
                .addSubcommand(new BenchCommand(shell))
                .addSubcommand(new BenchMetricsCommand(shell));
        root.setExecutionExceptionHandler(new Failures(shell));
        root.setParameterExceptionHandler(new Failures.BadArguments(shell));
        root.setOut(new PrintWriter(shell.out(), true, StandardCharsets.UTF_8));
        root.setErr(new PrintWriter(shell.err(), true, StandardCharsets.UTF_8));
        root.setCaseInsensitiveEnumValuesAllowed(true);
        root.setUsageHelpLongOptionsMaxWidth(34);
        return root;
    }

    private static CommandLine group(Object parent, Object... children) {
        CommandLine line = new CommandLine(parent);
        List.of(children).forEach(line::addSubcommand);
        return line;
    }
}
