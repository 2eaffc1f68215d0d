package dev.zoetrope.cli;

import dev.zoetrope.diffusion.unet.UNetConfig;
import dev.zoetrope.tensor.LibTorch;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Optional;

/** What all commands share: where results and messages go, and the global options. */
final class Shell {
    /** Channels up to which a U-Net is narrow; published ones have 1280. */
    private static final int NARROW = 128;

    private final PrintStream out;
    private final PrintStream err;
    private final boolean terminal;
    private int threads;
    private boolean debug;
    private String command = "zoetrope";

    /**
     * @param out results
     * @param err messages and progress
     * @param terminal whether a person watches {@code err}
     */
    Shell(PrintStream out, PrintStream err, boolean terminal) {
        this.out = out;
        this.err = err;
        this.terminal = terminal;
    }

    PrintStream out() {
        return out;
    }

    PrintStream err() {
        return err;
    }

    boolean terminal() {
        return terminal;
    }

    boolean debug() {
        return debug;
    }

    void setDebug(boolean value) {
        debug = value;
        LogSetup.setDebug(value);
    }

    /** The command line as it was given, for the provenance of outputs. */
    String command() {
        return command;
    }

    void setCommand(String... arguments) {
        command = Texts.commandLine(arguments);
    }

    void setThreads(int value) {
        threads = value;
    }

    /**
     * As {@link #startEngine()}, with one thread for a narrow U-Net, unless the user chose: its operations end before a
     * second thread has woken up (docs/training.md).
     */
    void startEngine(UNetConfig unet) {
        if (threads == 0 && System.getenv("OMP_NUM_THREADS") == null && Collections.max(unet.channels()) <= NARROW) {
            threads = 1;
        }
        startEngine();
    }

    /** Loads LibTorch; commands call it after everything that can be checked without it is checked. */
    void startEngine() {
        LibTorch.load();
        if (threads > 0) {
            LibTorch.setThreads(threads);
        }
    }

    /** The folder of this installation, where the launcher says so. */
    static Optional<Path> home() {
        return Optional.ofNullable(System.getProperty("zoetrope.home")).map(Path::of);
    }
}
